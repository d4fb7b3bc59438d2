using Countersign.Core.Tests.Fuzzing;
using Countersign.Language;
using Countersign.Steps;

namespace Countersign.Core.Tests.Language;

/// <summary>Durations, versions, times, retries and catches.</summary>
public sealed class ValueTests
{
    [Theory]
    [InlineData("0s", 0)]
    [InlineData("1ms", 1)]
    [InlineData("90s", 90_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("2d3h4m5s6ms", 183_845_006)]
    [InlineData("3660d", 316_224_000_000)]
    public void Duration_OfGoodText_IsRead(string text, long milliseconds)
    {
        Assert.True(Duration.TryParse(text, out TimeSpan duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("s")]
    [InlineData("1 s")]
    [InlineData("-1s")]
    [InlineData("1.5h")]
    [InlineData("1S")]
    [InlineData("1m1h")]
    [InlineData("1s1s")]
    [InlineData("3661d")]
    [InlineData("3660d1ms")]
    [InlineData("999999999999d")]
    [InlineData("9999999999999s")]
    [InlineData("1w")]
    public void Duration_OfBadText_IsRefused(string text) => Assert.False(Duration.TryParse(text, out _));

    [Fact]
    public void Duration_FormatThenParse_IsTheIdentity()
    {
        Seeded random = new(1);
        for (int i = 0; i < 2000; i++)
        {
            TimeSpan duration = TimeSpan.FromMilliseconds(random.Next() % (ulong)Duration.Longest.TotalMilliseconds);
            Assert.True(Duration.TryParse(Duration.Format(duration), out TimeSpan read));
            Assert.Equal(duration, read);
        }
    }

    [Fact]
    public void SemanticVersion_Order_IsThatOfSemver()
    {
        string[] ascending = ["0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0"];
        SemanticVersion[] versions = [.. ascending.Select(SemanticVersion.Parse)];
        Assert.Equal(ascending, versions.Reverse().Order().Select(version => version.ToString()));
        Assert.True(versions[0] < versions[1] && versions[^1] > versions[0] && versions[3] >= versions[3] && versions[3] <= versions[3]);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1.0")]
    [InlineData("01.0.0")]
    [InlineData("1.0.0-")]
    [InlineData("1.0.0-01")]
    [InlineData("1.0.0+build")]
    [InlineData("1.0.0-a..b")]
    [InlineData("1.0.0000000000")]
    [InlineData("v1.0.0")]
    public void SemanticVersion_OfBadText_IsRefused(string text) => Assert.False(SemanticVersion.TryParse(text, out _));

    [Theory]
    [InlineData("1.2.0", "1.2.0", true)]
    [InlineData("1.2.0", "1.2.1", false)]
    [InlineData("1.x", "1.9.3", true)]
    [InlineData("1.x", "2.0.0", false)]
    [InlineData("1.2.x", "1.2.9", true)]
    [InlineData("1.2.x", "1.3.0", false)]
    [InlineData("1.x", "1.9.0-rc.1", false)]
    [InlineData("1.9.0-rc.1", "1.9.0-rc.1", true)]
    public void VersionRange_Contains_WhatItNames(string range, string version, bool contains)
    {
        Assert.True(VersionRange.TryParse(range, out VersionRange? read));
        Assert.Equal(contains, read.Contains(SemanticVersion.Parse(version)));
        Assert.Equal(range, read.ToString());
    }

    [Theory]
    [InlineData("x")]
    [InlineData(".x")]
    [InlineData("1.2.3.x")]
    [InlineData("1.2-a.x")]
    [InlineData("^1.0.0")]
    public void VersionRange_OfBadText_IsRefused(string text) => Assert.False(VersionRange.TryParse(text, out _));

    [Theory]
    [InlineData("2026-01-31T12:00:00Z", true)]
    [InlineData("2026-01-31T12:00:00.5+02:00", true)]
    [InlineData("2026-01-31T12:00:00", false)]
    [InlineData("2026-01-31", false)]
    [InlineData("2026-02-30T12:00:00Z", false)]
    public void Timestamp_NeedsAnOffset(string text, bool valid) => Assert.Equal(valid, Timestamp.IsRfc3339(text));

    [Theory]
    [InlineData(Backoff.Fixed, new[] { 2, 2, 2, 2 })]
    [InlineData(Backoff.Linear, new[] { 2, 4, 6, 8 })]
    [InlineData(Backoff.Exponential, new[] { 2, 4, 8, 9 })]
    public void RetryPolicy_DelayAfter_GrowsUpToTheLongest(Backoff backoff, int[] seconds)
    {
        RetryPolicy policy = new() { Backoff = backoff, Initial = TimeSpan.FromSeconds(2), Max = TimeSpan.FromSeconds(9) };
        Assert.Equal(seconds, Enumerable.Range(1, 4).Select(failed => (int)policy.DelayAfter(failed).TotalSeconds));
        Assert.InRange(policy.DelayAfter(int.MaxValue), TimeSpan.Zero, policy.Max);
        Assert.Equal(policy.DelayAfter(1), (policy with { Jitter = 0.5 }).DelayAfter(1, 0));
        Assert.Equal(policy.DelayAfter(1) / 2, (policy with { Jitter = 0.5 }).DelayAfter(1, 1));
    }

    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("http", "http.404", true)]
    [InlineData("http.404", "http.404", true)]
    [InlineData("http.404", "http", false)]
    [InlineData("http", "https", false)]
    public void CatchClause_Catches_TypesBelowIt(string type, string error, bool caught) => Assert.Equal(caught, new CatchClause(type, "x").Catches(error));

    [Theory]
    [InlineData("200", 200, 200)]
    [InlineData("2xx", 200, 299)]
    [InlineData("5xx", 500, 599)]
    public void Expect_OfStatusOrClass_MatchesIt(string written, int first, int last)
    {
        Definition definition = DefinitionReader.Read($"language: \"1.0\"\nname: d\nversion: 1.0.0\nstart: a\nsteps: [{{ id: a, type: api_call, url: 'https://e.example', expect: [{written}] }}]").Definition!;
        StatusMatch match = Assert.Single(Assert.IsType<ApiCallStep>(definition.FindStep("a")).Expect);
        Assert.Equal((true, true, false, false), (match.Matches(first), match.Matches(last), match.Matches(first - 1), match.Matches(last + 1)));
    }
}
