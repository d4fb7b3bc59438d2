using Countersign.Workflows;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Countersign.Access;
using Countersign.Crash;
using Countersign.Host;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;
using Microsoft.Extensions.Logging.Abstractions;

// Runs the scenario in a data folder to its end, or is killed at the n-th commit: args are the folder, the remote address, n (0 for never).
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

var alice = new Principal(Scenario.Tenant, "alice", [Role.Engineer]);
foreach (var definition in Scenario.Definitions(remote))
{
    await host.Core.Workflows.SaveAsync(alice, definition, new SaveRequest("save-" + definition.Hash));
}

var started = await host.Api.Starts.StartAsync(
    alice, new StartRequest { Workflow = "crash", Input = JsonElement.Parse("""{"items":[1,2,3]}"""), IdempotencyKey = "the-one-run" });
var run = new RunIdentity(Scenario.Tenant, started.Run.Id);
while (!(await host.Core.Rows.ReadAsync(run)).Run.IsEnded)
{
    if (await host.Api.Waits.FindAsync(run, "approve:1:1") is { IsOpen: true } wait)
    {
        await host.Api.Approvals.DecideAsync(
            new Principal(Scenario.Tenant, "bob", [Role.Approver]), wait.Id, new Decision(true, wait.Shown!.Hash, null));
    }

    await Task.Delay(5);
}

var row = (await host.Core.Rows.ReadAsync(run)).Run;
var report = await host.Api.Log.VerifyAsync(Scenario.Tenant);
Console.WriteLine(JsonSerializer.Serialize(new
{
    status = row.Status.ToString(),
    output = await host.Core.Values.LoadAsync(Scenario.Tenant, row.Output),
    intact = report.Intact,
    commits,
    entries = await EventIdsAsync(),
}));

async Task<List<string>> EventIdsAsync()
{
    var ids = new List<string>();
    await foreach (var stored in host.Api.Log.RangeAsync(Scenario.Tenant, 1, report.LastSequence))
    {
        ids.Add(EntryCodec.Decode(stored.Bytes.Span).EventId);
    }

    return ids;
}
