using System.Globalization;
using System.Text.Json;
using Countersign.Host.Samples;
using Xunit.Abstractions;

namespace Countersign.Crash.Tests;

/// <summary>
/// Kills a host with SIGKILL at points sampled over every run of every sample, and starts it again: the run ends as it would have, the services
/// were asked for the same things once, the log is intact. The short form kills each run once; <c>COUNTERSIGN_CRASH_POINTS=N</c> asks for N in all.
/// </summary>
public sealed class SampleSweepTests(ITestOutputHelper output) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("countersign-sweep-").FullName;

    private int folders;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Kill_AtPointsOfEverySample_EndsAsIfNothingHadHappened()
    {
        var runs = Sample.Names().SelectMany(name => Enumerable.Range(0, Sample.Read(name).Runs.Length).Select(number => (Name: name, Number: number))).ToList();
        var points = int.TryParse(Environment.GetEnvironmentVariable("COUNTERSIGN_CRASH_POINTS"), CultureInfo.InvariantCulture, out var asked) ? asked : runs.Count;
        var each = Math.Max(1, (points + runs.Count - 1) / runs.Count);
        var killed = 0;
        foreach (var (index, (name, number)) in runs.Index())
        {
            var whole = await RunAsync(name, number, 0);
            for (var i = 0; i < each; i++)
            {
                // With one point a run, the points wander through the runs: early in the first, late in the last.
                var share = each == 1 ? (index + 0.5) / runs.Count : (i + 0.5) / each;
                await KillAsync(name, number, 1 + (int)(share * (whole.Commits - 1)), whole);
                killed++;
            }
        }

        output.WriteLine($"{killed} kills over {runs.Count} runs of {Sample.Names().Length} samples");
        Assert.True(killed >= Math.Min(points, runs.Count));
    }

    private async Task KillAsync(string name, int number, int point, Outcome whole)
    {
        var at = $"{name}[{number}] at commit {point} of {whole.Commits}";
        var outcome = await RunAsync(name, number, point);
        Assert.True(outcome.Killed, $"{at}: was not killed");
        Assert.Equal((at, whole.Status, whole.Output), (at, outcome.Status, outcome.Output));
        Assert.Equal(whole.Effects, outcome.Effects);
        Assert.Equal(whole.Kinds, outcome.Kinds);
        Assert.True(outcome.Intact, $"{at}: the log is not intact");
        Assert.True(outcome.Doubled == 0, $"{at}: {outcome.Doubled} entries are doubled");
    }

    private async Task<Outcome> RunAsync(string name, int number, int killAt)
    {
        await using var services = await SampleServices.StartAsync();
        var data = Path.Combine(folder, (folders++).ToString(CultureInfo.InvariantCulture));
        string[] arguments = [data, services.Address, killAt.ToString(CultureInfo.InvariantCulture), name, number.ToString(CultureInfo.InvariantCulture)];
        var killed = false;
        if (killAt > 0)
        {
            killed = (await Child.RunAsync(arguments)).Code == Child.Killed;
            arguments[2] = "0";
        }

        var (code, printed, error) = await Child.RunAsync(arguments);
        Assert.True(code == 0, $"{name}[{number}] at {killAt}: {printed} {error}");
        var result = JsonElement.Parse(printed.Trim().Split('\n')[^1]);
        var ids = result.GetProperty("entries").EnumerateArray().Select(id => id.GetString()).ToList();
        return new Outcome(
            killed,
            result.GetProperty("status").GetString()!,
            SampleDrive.WithoutNumbers(result.GetProperty("output").GetRawText()),
            result.GetProperty("intact").GetBoolean(),
            result.GetProperty("commits").GetInt32(),
            ids.Count - ids.Distinct().Count(),
            SampleDrive.Effects(services),
            string.Join('\n', result.GetProperty("kinds").EnumerateArray()));
    }

    private sealed record Outcome(bool Killed, string Status, string Output, bool Intact, int Commits, int Doubled, string Effects, string Kinds);
}
