using System.Text.Json;
using Countersign.Expressions;
using Countersign.Language;

namespace Countersign.Core.Tests.Language;

/// <summary>A value inside a URL is data: one segment or one parameter, whatever it holds.</summary>
public sealed class UrlTests
{
    [Theory]
    [InlineData("https://e.example/orders/${ input.v }", "2026/001", "https://e.example/orders/2026%2F001")]
    [InlineData("https://e.example/orders/${ input.v }", "../refunds/rf-1", "https://e.example/orders/..%2Frefunds%2Frf-1")]
    [InlineData("https://e.example/orders/${ input.v }", "x?admin=1#", "https://e.example/orders/x%3Fadmin%3D1%23")]
    [InlineData("https://e.example/orders/${ input.v }/lines", "a b\\c%2F", "https://e.example/orders/a%20b%5Cc%252F/lines")]
    [InlineData("https://e.example/orders/${ input.v }", "ä\r\nHost: x", "https://e.example/orders/%C3%A4%0D%0AHost%3A%20x")]
    [InlineData("https://e.example/orders?id=${ input.v }&all=no", "1&all=yes#x", "https://e.example/orders?id=1%26all%3Dyes%23x&all=no")]
    [InlineData("https://e.example/orders?id=${ input.v }", "..", "https://e.example/orders?id=..")]
    [InlineData("https://${ input.v }/orders", "e.example:8443", "https://e.example:8443/orders")]
    [InlineData("${ input.v }/orders/${ input.v }", "https://e.example/base", "https://e.example/base/orders/https%3A%2F%2Fe.example%2Fbase")]
    [InlineData("${ input.v }://e.example/", "https", "https://e.example/")]
    [InlineData("${ input.v }", "https://e.example/hook?sig=a%2Fb", "https://e.example/hook?sig=a%2Fb")]
    [InlineData("${ 'https://e.example/a/b/' + urlEncode(input.v) }", "x/y", "https://e.example/a/b/x%2Fy")]
    public void RenderUrl_ValueInItsPlace_IsOnePieceOfTheUrl(string template, string value, string url) =>
        Assert.Equal(url, Render(template, JsonSerializer.Serialize(new { v = value })));

    [Theory]
    [InlineData("3", "https://e.example/3")]
    [InlineData("2.5", "https://e.example/2.5")]
    [InlineData("true", "https://e.example/true")]
    public void RenderUrl_NumberOrBoolean_HasItsJsonForm(string value, string url) =>
        Assert.Equal(url, Render("https://e.example/${ input.v }", $$"""{"v":{{value}}}"""));

    [Theory]
    [InlineData("https://e.example/${ input.v }", "null", "is null")]
    [InlineData("https://e.example/${ input.v }", "\"\"", "is empty")]
    [InlineData("https://e.example/?q=${ input.v }", "null", "is null")]
    [InlineData("https://e.example/?q=${ input.v }", "\"\"", "is empty")]
    [InlineData("https://e.example/${ input.v }/x", "\"..\"", "leads to another path")]
    [InlineData("https://e.example/${ input.v }", "\".\"", "leads to another path")]
    [InlineData("https://${ input.v }/x", "\"e.example/y\"", "part of the URL's host")]
    [InlineData("https://${ input.v }/x", "\"u@e.example\"", "part of the URL's host")]
    [InlineData("https://${ input.v }.e.example/x", "\"evil.example#\"", "part of the URL's host")]
    [InlineData("${ input.v }/x", "\"https://e.example/?q=1\"", "begins the URL")]
    [InlineData("${ input.v }/x", "\"https://e.example/#f\"", "begins the URL")]
    [InlineData("${ input.v }/x", "\"https://u:p@e.example\"", "begins the URL")]
    [InlineData("${ input.v }/x", "\"https://e.example/a/../b\"", "begins the URL")]
    [InlineData("${ input.v }/x", "\"https://e.example\\\\@x\"", "begins the URL")]
    [InlineData("${ input.v }/x", "\"ftp://e.example\"", "begins the URL")]
    [InlineData("${ input.v }/x", "\"e.example\"", "begins the URL")]
    [InlineData("${ input.v }/x", "{\"a\":1}", "begins the URL")]
    [InlineData("${ input.v }://e.example", "\"file\"", "scheme of the URL")]
    [InlineData("${ input.v }", "null", "is null")]
    [InlineData("${ input.v }", "\"\"", "is empty")]
    [InlineData("${ input.v }", "[1]", "must be the text")]
    public void RenderUrl_ValueThatDoesNotFitItsPlace_FailsAndNamesTheExpression(string template, string value, string why)
    {
        var exception = Assert.Throws<ExpressionException>(() => Render(template, $$"""{"v":{{value}}}"""));

        Assert.Equal("api.bad-url", exception.Code);
        Assert.Contains("'${ input.v }'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(why, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://e.example/a/../b", true)]
    [InlineData("https://e.example/..", true)]
    [InlineData("https://e.example/a/%2E%2e/b", true)]
    [InlineData("https://e.example/a/.%2e?x", true)]
    [InlineData("https://e.example\\..\\b", true)]
    [InlineData("https://e.example/./b", true)]
    [InlineData("https://e.example/..b/c..", false)]
    [InlineData("https://e.example/a?b=/../c", false)]
    [InlineData("https://e.example/a#/../c", false)]
    [InlineData("https://e.example", false)]
    [InlineData("https://e.example/...", false)]
    public void HasDotSegment_PathOnly_PlainOrEncoded(string url, bool has) => Assert.Equal(has, UrlRendering.HasDotSegment(url));

    private static string Render(string template, string input) =>
        Template.FromText(template).RenderUrl(new ExpressionScope(("input", CelValue.FromJson(JsonElement.Parse(input))))).GetString()!;
}
