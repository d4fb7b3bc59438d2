using System.Text.Json;
using Countersign.Orchestration;

namespace Countersign.Core.Tests.Orchestration;

public sealed class RunValueTests
{
    [Theory]
    [InlineData("null")]
    [InlineData("false")]
    [InlineData("\"\"")]
    [InlineData("{}")]
    public void Inline_AfterARoundTrip_IsStillThere(string json)
    {
        var value = RunValues.Inline(JsonElement.Parse(json));
        var read = JsonSerializer.Deserialize<RunValue>(JsonSerializer.Serialize(value))!;
        Assert.True(read.IsInline);
        Assert.Equal(json, read.Inline!.Value.GetRawText());
        Assert.Equal(value.Hash, read.Hash);
    }

    [Fact]
    public void Inline_OfALargeValue_IsNotThere() =>
        Assert.False(JsonSerializer.Deserialize<RunValue>("""{"h":"00","n":9000}""")!.IsInline);
}
