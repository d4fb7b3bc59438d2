using Countersign.Egress;

namespace Countersign.Core.Tests.Egress;

public sealed class OriginTests
{
    [Theory]
    [InlineData("https://pay.example", "https://pay.example")]
    [InlineData("https://PAY.example/", "https://pay.example")]
    [InlineData("https://pay.example:443", "https://pay.example")]
    [InlineData("https://pay.example:8443", "https://pay.example:8443")]
    [InlineData("http://127.0.0.1:9090", "http://127.0.0.1:9090")]
    [InlineData("http://[::1]:9090", "http://[::1]:9090")]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example")]
    public void TryParse_Origin_IsNormalized(string text, string origin) => Assert.Equal(origin, Origin.TryParse(text)!.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("pay.example")]
    [InlineData("ftp://pay.example")]
    [InlineData("https://pay.example/path")]
    [InlineData("https://pay.example?q")]
    [InlineData("https://pay.example#f")]
    [InlineData("https://user@pay.example")]
    [InlineData("https://*.example")]
    [InlineData("https:\\\\pay.example")]
    [InlineData(" https://pay.example")]
    [InlineData("https://pay.example\n")]
    [InlineData("https://")]
    public void TryParse_WhatIsNoOrigin_IsRefused(string text) => Assert.Null(Origin.TryParse(text));

    [Theory]
    [InlineData("https://pay.example/a?b#c", true)]
    [InlineData("https://PAY.EXAMPLE:443/", true)]
    [InlineData("http://pay.example/", false)]
    [InlineData("https://pay.example:444/", false)]
    [InlineData("https://pay.example.evil.example/", false)]
    [InlineData("https://pay.example./", false)]
    public void Of_Url_ComparesSchemeHostAndPort(string url, bool same) => Assert.Equal(same, Origin.Of(new Uri(url)) == Origin.TryParse("https://pay.example"));
}
