using System.Net;
using System.Text;
using System.Text.Json;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Secrets;

namespace Countersign.Core.Tests.Secrets;

public sealed class SecretValuesTests
{
    private const string Canary = "c4n/ry+\"é&=key\\7";

    private readonly SecretValues _values = new();

    public SecretValuesTests() => _values.Add(new Secret(Canary));

    [Fact]
    public void Scrub_EveryForm_NothingIsLeft()
    {
        string[] forms =
        [
            Canary,
            Uri.EscapeDataString(Canary),
            WebUtility.UrlEncode(Canary),
            JsonEncodedText.Encode(Canary).ToString(),
            JsonSerializer.Serialize(Canary).Trim('"'),
            Convert.ToHexString(Encoding.UTF8.GetBytes(Canary)),
            Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Canary)),
        ];
        foreach (var form in forms)
        {
            Assert.Equal("a*** b", _values.Scrub($"a{form} b"));
        }
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("u:", "")]
    [InlineData("us:", "!")]
    [InlineData("use:", "tail")]
    public void Scrub_InsideBase64_NoPartOfItCanBeDecoded(string before, string behind)
    {
        var whole = Convert.ToBase64String(Encoding.UTF8.GetBytes(before + Canary + behind));
        foreach (var text in new[] { whole, whole.Replace('+', '-').Replace('/', '_') })
        {
            var scrubbed = _values.Scrub("Basic " + text);

            Assert.Contains(SecretValues.Mask, scrubbed, StringComparison.Ordinal);
            Assert.True(scrubbed.Length < "Basic ".Length + (text.Length / 2) + 8, scrubbed);
        }
    }

    [Fact]
    public void Scrub_Json_NamesAndTextsAndNumbersAreCleanedAndStillJson()
    {
        _values.Add(new Secret("123456"));
        var value = JsonSerializer.SerializeToElement(new Dictionary<string, object?> { [Canary] = 1, ["list"] = new object?[] { "x" + Canary, null, true, 123456, 12 } });

        var scrubbed = _values.Scrub(value);

        Assert.Equal("""{"***":1,"list":["x***",null,true,"***",12]}""", scrubbed.GetRawText());
    }

    [Fact]
    public void Scrub_NothingToClean_TheValueItself()
    {
        var value = JsonElement.Parse("""{"a": 1.0}""");

        Assert.Equal("""{"a": 1.0}""", _values.Scrub(value).GetRawText());
    }

    [Fact]
    public void Scrub_OneSecretInsideAnother_TheLongerGoesFirst()
    {
        _values.Add(new Secret("swordfish"));
        _values.Add(new Secret("swordfish-and-more"));

        Assert.Equal("***!", _values.Scrub("swordfish-and-more!"));
    }

    [Fact]
    public void Scrub_TwentyCanariesInRandomText_NoneIsLeft()
    {
        var seeded = new Seeded(20);
        var canaries = Enumerable.Range(0, 20).Select(_ => Convert.ToBase64String(seeded.Bytes(18))).ToArray();
        var values = new SecretValues();
        foreach (var canary in canaries)
        {
            values.Add(new Secret(canary));
        }

        var text = string.Concat(canaries.Select(canary => Convert.ToHexString(seeded.Bytes(5)) + canary + Uri.EscapeDataString(canary) + JsonEncodedText.Encode(canary)));
        var scrubbed = values.Scrub(text);

        Assert.All(canaries, canary => Assert.DoesNotContain(canary, scrubbed, StringComparison.Ordinal));
        Assert.All(canaries, canary => Assert.DoesNotContain(Uri.EscapeDataString(canary), scrubbed, StringComparison.Ordinal));
    }

    [Fact]
    public void ToString_Secret_IsMasked()
    {
        var secret = new Secret(Canary);

        Assert.Equal("***", secret.ToString());
        Assert.Equal("***", $"{secret}");
        Assert.Equal("{}", JsonSerializer.Serialize(secret));
    }
}
