using System.Globalization;
using System.Text.Json;
using Countersign.Conformance.Engines;
using Countersign.Crash;
using Xunit.Abstractions;

namespace Countersign.Crash.Tests;

/// <summary>
/// Kills a host with SIGKILL at sampled points of a run and starts it again: nothing is lost, nothing is doubled. The short form samples
/// 50 points; <c>COUNTERSIGN_CRASH_POINTS=N</c> asks for more.
/// </summary>
public sealed class KillSweepTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("countersign-crash-").FullName;
    private RemoteService remote = null!;

    public async Task InitializeAsync()
    {
        remote = await RemoteService.StartAsync();
        remote.On("/flaky", (call, _) => Task.FromResult(
            remote.CallsTo("/flaky").Count(other => other.IdempotencyKey == call.IdempotencyKey) < 3 ? (503, "{}") : (200, "{}")));
    }

    public async Task DisposeAsync()
    {
        await remote.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Kill_AtSampledCommits_RunEndsAsIfNothingHadHappened()
    {
        var whole = await RunAsync(Path.Combine(folder, "whole"), 0);
        Assert.Equal(0, whole.Code);
        var expected = Result(whole.Output);
        var commits = expected.GetProperty("commits").GetInt32();
        var points = int.TryParse(Environment.GetEnvironmentVariable("COUNTERSIGN_CRASH_POINTS"), CultureInfo.InvariantCulture, out var asked) ? asked : 50;
        var survived = 0;
        for (var i = 0; i < points; i++)
        {
            survived += await KillAndGoOnAsync(i, 1 + (i * (commits - 2) / Math.Max(1, points - 1)), expected) ? 1 : 0;
        }

        output.WriteLine($"{points} kills over {commits} commits");
        Assert.Equal(points, survived);
    }

    private async Task<bool> KillAndGoOnAsync(int number, int point, JsonElement expected)
    {
        var data = Path.Combine(folder, number.ToString(CultureInfo.InvariantCulture));
        var before = remote.Calls.Count;
        var killed = await RunAsync(data, point);
        Assert.True(killed.Code == Child.Killed, $"Point {point}: the process was to be killed, but ended with {killed.Code}: {killed.Output} {killed.Error}");

        var after = await RunAsync(data, 0);
        Assert.True(after.Code == 0, $"Point {point}: {after.Error}");
        var result = Result(after.Output);
        Assert.Equal("Completed", result.GetProperty("status").GetString());
        Assert.Equal(expected.GetProperty("output").GetRawText(), result.GetProperty("output").GetRawText());
        Assert.True(result.GetProperty("intact").GetBoolean(), $"Point {point}: the log is not intact.");
        var ids = result.GetProperty("entries").EnumerateArray().Select(id => id.GetString()!).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        EffectsAreOnce([.. remote.Calls.Skip(before)], point);
        return true;
    }

    // Whatever was called twice was called with the same key, so that the remote side could tell.
    private static void EffectsAreOnce(List<RemoteCall> calls, int point)
    {
        foreach (var (path, times) in new[] { ("/first", 1), ("/left", 1), ("/right", 1), ("/item", 3), ("/child", 1), ("/last", 1), ("/flaky", 1) })
        {
            var keys = calls.Where(call => call.Path == path).Select(call => call.IdempotencyKey).Distinct().Count();
            Assert.True(keys == times, $"Point {point}: {path} was called with {keys} keys.");
        }
    }

    private static JsonElement Result(string text) => JsonElement.Parse(text.Trim().Split('\n')[^1]);

    private Task<(int Code, string Output, string Error)> RunAsync(string data, int killAt) =>
        Child.RunAsync(data, remote.Address, killAt.ToString(CultureInfo.InvariantCulture));
}
