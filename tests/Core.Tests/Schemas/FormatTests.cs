using Countersign.Schemas;
using static Countersign.Core.Tests.Schemas.Subject;

namespace Countersign.Core.Tests.Schemas;

public sealed class FormatTests
{
    private static readonly SchemaOptions Asserting = new() { AssertFormats = true };

    public static TheoryData<string, string[], string[]> Examples() => new()
    {
        {
            "date-time",
            ["2026-01-31T09:30:00Z", "2026-01-31t09:30:00.123456789z", "1998-12-31T15:59:60-08:00", "2024-02-29T00:00:00+00:00"],
            ["2026-01-31", "2026-01-31 09:30:00Z", "2026-02-29T00:00:00Z", "2026-01-31T24:00:00Z", "1998-12-31T23:58:60Z", "2026-01-31T09:30:00", "2026-01-31T09:30:00Z\n", "2026-01-31T09:30:00.Z"]
        },
        { "date", ["2000-02-29", "0001-01-01"], ["1900-02-29", "2026-13-01", "2026-1-1", "20260131", "2026-01-3١"] },
        { "time", ["09:30:00Z", "23:59:60Z", "01:29:60+01:30", "12:00:00.5-00:00"], ["09:30Z", "09:30:00", "23:59:60+01:00", "09:30:60Z", "09:30:00+24:00"] },
        { "duration", ["P1D", "P1Y2M3DT4H5M6S", "PT36H", "P2W"], ["P", "PT", "P1Y2D", "P1W2D", "PT0.5S", "P1", "1D", "PT1D", "P1YT"] },
        {
            "email",
            ["a@b", "joe.bloggs@example.com", "\"joe @ home\"@example.com", "x@[127.0.0.1]", "x@[IPv6:::1]", "\"a\\\"b\"@c"],
            ["a", "@b", "a@", ".a@b", "a.@b", "a..b@c", "a b@c", "a@b_c", "a@-b", "a@[300.0.0.1]", "\"a\"b\"@c", "é@b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b"]
        },
        { "idn-email", ["实例@例子.测试", "a@b"], ["实例", "a b@c"] },
        { "hostname", ["example.com", "a", "1a.b-c", "xn--zca29lwxobi7a"], ["", ".", "a..b", "a.", "-a", "a-", "a_b", "é.com", "xn--X", "xn--a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] },
        { "idn-hostname", ["例子.测试", "bücher。example", "l·l", "a\u0328b"], ["-ü", "ü-", "a·b", "\u0301a", "Ü", "ü..a", "ａ", "ﬁ", "0a.א", "aא", "א٠0"] },
        { "ipv4", ["0.0.0.0", "255.255.255.255"], ["1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.a", "1.2.3.", "1.2.3.4\n"] },
        { "ipv6", ["::", "::1", "2001:db8::1", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "1::8"], ["1", ":::", "1::2::3", "12345::", "1:2:3:4:5:6:7", "::1%eth0", "[::1]", "1:2:3:4:5:6:7::8:9", "::192.0.2.01", "1.2.3.4::"] },
        { "uri", ["https://a.example/b?c#d", "urn:isbn:1", "ldap://[2001:db8::7]/c", "http://[v1.x]/", "http://a:80"], ["/a", "a", "http://a b", "http://é", "http://a:x", "http://[::1", "1a:b", "http://a/%zz", "http://a@b@c"] },
        { "uri-reference", ["", "/a", "../a?b#c", "//host", "a/b:c"], ["\\a", "a b", "1:b", "#a#b", "é"] },
        { "iri", ["https://bücher.example/ü?\uE000"], ["/ü", "https://a/\uE000", "https://a/ b"] },
        { "iri-reference", ["/ü", "ü"], ["\\ü", "\u0085"] },
        { "uri-template", ["", "/a/{b}", "{+c,d:3,e*}", "{?q,x.y}", "{%41}"], ["{", "}", "{}", "{a,}", "{a:0}", "{a:10000}", "{a b}", "a b", "{.}", "{a..b}", "%4"] },
        { "uuid", ["2eb8aa08-aa98-11ea-b4aa-73B441D16380"], ["2eb8aa08aa9811eab4aa73b441d16380", "2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08-aa98-11ea-b4aa-73b441d1638g"] },
        { "json-pointer", ["", "/", "/a~0b~1c/0"], ["a", "#/a", "/~", "/~2"] },
        { "relative-json-pointer", ["0", "1/a", "12#", "0/a~1"], ["", "/a", "01", "-1", "0##", "1#/a"] },
        { "regex", ["^a+$", "(?<=a)b", "\\p{L}", "(a)\\1"], ["(", "a**", "\\a", "[b-a]"] },
        { "colour", ["anything", ""], [] },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public void Format_Asserted_TellsGoodFromBad(string format, string[] good, string[] bad)
    {
        JsonSchema schema = Schema($$"""{ "format": "{{format}}" }""", Asserting);

        Assert.All(good, text => Assert.True(schema.IsValid(Quote(text)), text));
        Assert.All(bad, text => Assert.False(schema.IsValid(Quote(text)), text));
        Assert.All(new[] { "1", "null", "{}", "[]" }, other => Assert.True(schema.IsValid(Json(other))));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Format_NotAsserted_IsARemark(string format, string[] good, string[] bad)
    {
        JsonSchema schema = Schema($$"""{ "format": "{{format}}" }""");

        Assert.All(good.Concat(bad), text => Assert.True(schema.IsValid(Quote(text)), text));
    }

    [Fact]
    public void Format_Message_SaysWhatIsMeant() => Assert.Equal(
        "due: must be a date such as 2026-01-31 (format date)",
        OnlyError("""{ "properties": { "due": { "format": "date" } } }""", """{ "due": "tomorrow" }""", Asserting).Message);

    [Fact]
    public void Content_Keywords_AreRemarks() => Assert.True(Accepts(
        """{ "contentEncoding": "base64", "contentMediaType": "application/json", "contentSchema": { "type": "object" } }""", "\"%%%\"", Asserting));

    private static System.Text.Json.JsonElement Quote(string text) => Json(System.Text.Json.JsonSerializer.Serialize(text));
}
