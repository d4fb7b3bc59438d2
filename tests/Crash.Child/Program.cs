using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Countersign.Crash;
using Countersign.Host;
using Countersign.Ledger;
using Microsoft.Extensions.Logging.Abstractions;

// Runs a scenario in a data folder to its end, or is killed at the n-th commit: args are the folder, the remote address, n (0 for never),
// and for a sample its name and the number of its run.
var (folder, remote, killAt) = (args[0], args[1], int.Parse(args[2], CultureInfo.InvariantCulture));
await using var host = await LocalHost.OpenAsync(
    new LocalHostOptions { Data = folder, AllowedTargets = [new Uri(remote).Authority] }, NullLoggerFactory.Instance);
var commits = 0;
var notify = host.Engine.Wrote!;
host.Engine.Wrote = tenant =>
{
    // The commit is durable, and nobody has been told.
    if (Interlocked.Increment(ref commits) == killAt)
    {
        Process.GetCurrentProcess().Kill();
        Task.Delay(Timeout.Infinite).Wait();
    }

    notify(tenant);
};

var run = args.Length == 3
    ? await Scenario.RunAsync(host, remote)
    : await SampleScenario.RunAsync(host, remote, args[3], int.Parse(args[4], CultureInfo.InvariantCulture));
var report = await host.Api.Log.VerifyAsync(Scenario.Tenant);
var entries = new List<LogEntry>();
await foreach (var stored in host.Api.Log.RangeAsync(Scenario.Tenant, 1, report.LastSequence))
{
    entries.Add(EntryCodec.Decode(stored.Bytes.Span));
}

Console.WriteLine(JsonSerializer.Serialize(new
{
    status = run.Status.ToString(),
    output = await host.Core.Values.LoadAsync(Scenario.Tenant, run.Output),
    intact = report.Intact,
    commits,
    entries = entries.Select(entry => entry.EventId),
    kinds = entries.Where(entry => entry.Type != EventTypes.StepOutcomeUnknown).Select(entry => $"{entry.Type} {entry.Step}").Distinct().Order(StringComparer.Ordinal),
}));
