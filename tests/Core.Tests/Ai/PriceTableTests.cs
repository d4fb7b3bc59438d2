using Countersign.Ai;

namespace Countersign.Core.Tests.Ai;

public sealed class PriceTableTests
{
    private static readonly PriceTable Prices = new(new Dictionary<string, ModelPrice>
    {
        ["a/*"] = new(1m, 2m),
        ["a/large*"] = new(10m, 20m),
        ["a/large-exact"] = new(0.15m, 0.6m),
    });

    [Theory]
    [InlineData("large-exact", "0.15")]
    [InlineData("large-exact-2", "10")]
    [InlineData("small", "1")]
    public void Find_SeveralKeysFit_LongestCounts(string model, string input) =>
        Assert.Equal(decimal.Parse(input, System.Globalization.CultureInfo.InvariantCulture), Prices.Find("a", model)!.Input);

    [Fact]
    public void Price_UnknownModel_CostIsUnknownAndNotZero()
    {
        var usage = Prices.Price("b", "x", "x", 10, 10);

        Assert.Null(usage.CostMicroUsd);
        Assert.Null(usage.CostUsd);
    }

    [Fact]
    public void Price_Tokens_CostIsExact()
    {
        var usage = Prices.Price("a", "large-exact", "large-exact", 7, 3);

        Assert.Equal(2.85m, usage.CostMicroUsd);
        Assert.Equal("0.00000285", usage.CostUsd);
    }

    [Fact]
    public void Price_AnsweringModelHasNoPrice_ThatOfTheAskedOneCounts() =>
        Assert.Equal(1.5m, new PriceTable(new Dictionary<string, ModelPrice> { ["a/x"] = new(1.5m, 0) }).Price("a", "x", "x-2026-01-01", 1, 5).CostMicroUsd);

    [Theory]
    [InlineData("no-slash", 1)]
    [InlineData("a/b", -1)]
    public void Constructor_BadPrice_Refused(string key, int input) =>
        Assert.Throws<ArgumentException>(() => new PriceTable(new Dictionary<string, ModelPrice> { [key] = new(input, 0) }));
}
