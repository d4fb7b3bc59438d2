using System.Diagnostics;
using System.Text.Json;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;
using Countersign.Tests.Tools;
using Xunit.Abstractions;

namespace Countersign.Functions.Tests.Runs;

/// <summary>The host is killed in every state in which a run waits, its storage is gone for a while, and is busy: runs go on.</summary>
[Collection(FunctionsHostCollection.Name)]
[NeedsAzurite]
[NeedsFunctionsHost]
public sealed class OutageTests(FunctionsHost host, ITestOutputHelper output) : OnTheHost(host)
{
    private const string Approve = """
          - { id: first, type: approval, approvers: { role: approver }, show: { total: 1 }, expires: 1h }
        """;

    private static readonly TimeSpan Gone = LongFactAttribute.Runs ? TimeSpan.FromSeconds(30) : TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Restart_InEveryStateOfWaiting_EachGoesOn()
    {
        Remote.On("/flaky", (_, before) => Task.FromResult(before == 0 ? (503, "{}") : (200, "{}")));
        var form = await StartAsync("form", "  - { id: first, type: form, title: T, fields: [{ key: n, type: number }], assignees: { users: [bob] } }");
        var approval = await StartAsync("approval", Approve);
        var signal = await StartAsync("signal", "  - { id: first, type: wait, event: { name: go, timeout: 1h } }");
        var child = await StartAsync("parent", "  - { id: first, type: call_workflow, workflow: approval, input: {} }");
        var duration = await StartAsync("duration", "  - { id: first, type: wait, for: 20s }");
        var retry = await StartAsync(
            "retry", "  - { id: first, type: api_call, method: POST, url: \"$remote/flaky\", idempotent: true, retry: { attempts: 3, backoff: fixed, initial: 20s, max: 20s } }");
        var ofTheChild = new RunIdentity(Tenant, Children.ChildId(child, "first:1:1"));
        foreach (var run in (RunIdentity[])[form, approval, signal, ofTheChild, duration])
        {
            await WaitingAsync(run, "first:1:1");
        }

        await UntilAsync(() => CountAsync(retry, EventTypes.StepFailed), failed => failed == 1);
        var watch = Stopwatch.StartNew();
        await Host.RestartAsync();
        output.WriteLine($"Killed and ready again after {watch.Elapsed.TotalSeconds:F1} s.");

        var submissions = new Submissions(Waits, Core.Workflows, Core.Values);
        await submissions.SubmitAsync(Bob, (await Waits.FindAsync(form, "first:1:1"))!.Id, JsonElement.Parse("""{"n":1}"""));
        await submissions.ReceiveAsync(Bob, (await Waits.FindAsync(signal, "first:1:1"))!.Id, "go", JsonElement.Parse("{}"));
        await ApproveAsync((await Waits.FindAsync(approval, "first:1:1"))!);
        await ApproveAsync((await Waits.FindAsync(ofTheChild, "first:1:1"))!);
        foreach (var run in (RunIdentity[])[form, approval, signal, child, ofTheChild, duration, retry])
        {
            await EndedAsync(run);
        }

        output.WriteLine($"All ended after {watch.Elapsed.TotalSeconds:F1} s.");
        Assert.Equal(2, Remote.CallsTo("/flaky").Count);
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Storage_GoneForAWhile_RunsGoOnWhenItIsBack()
    {
        var inFlight = new TaskCompletionSource();
        Remote.On("/effect", async (_, before) =>
        {
            await (before == 0 ? inFlight.Task : Task.CompletedTask);
            return (200, "{}");
        });
        var working = await StartAsync("working", """
              - { id: first, type: api_call, method: POST, url: "$remote/effect", idempotent: true, next: after }
              - { id: after, type: emit, event: custom.after }
            """);
        var waiting = await StartAsync("approval", Approve);
        var wait = await WaitingAsync(waiting, "first:1:1");
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/effect").Count), count => count == 1);

        Host.LedgerTables.Decide = (_, _) => Fault.Gone;
        inFlight.SetResult();
        await ApproveAsync(wait);
        await Task.Delay(Gone);
        Assert.Equal(RunStatus.Running, (await RowAsync(working)).Status);
        Host.LedgerTables.Decide = (_, _) => Fault.None;
        var watch = Stopwatch.StartNew();
        await EndedAsync(working);
        await EndedAsync(waiting);

        output.WriteLine($"Gone for {Gone.TotalSeconds} s, {Host.LedgerTables.Injected} requests; ended {watch.Elapsed.TotalSeconds:F1} s after it was back.");
        Assert.Single(Remote.CallsTo("/effect").Select(call => call.IdempotencyKey).Distinct());
        Assert.Equal(1, await CountAsync(working, EventTypes.RunCompleted));
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Storage_BusyEveryThirdTime_RunsEndAndNothingIsDoneTwice()
    {
        var number = 0;
        Host.LedgerTables.Decide = (_, _) => Interlocked.Increment(ref number) switch
        {
            var n when n % 6 == 3 => Fault.Busy,
            var n when n % 6 == 0 => Fault.TooMany,
            _ => Fault.None,
        };
        var steps = string.Join('\n', Enumerable.Range(0, 8).Select(i =>
            $"  - {{ id: {(i == 0 ? "first" : "s" + i)}, type: api_call, method: POST, url: \"$remote/step{i}\", idempotent: true{(i < 7 ? $", next: s{i + 1}" : "")} }}"));
        var runs = new[] { await StartAsync("busy", steps), await StartAsync("busy", steps) };
        foreach (var run in runs)
        {
            await EndedAsync(run);
            Assert.Equal(8, await CountAsync(run, EventTypes.StepCompleted));
        }

        Host.LedgerTables.Decide = (_, _) => Fault.None;
        Assert.True(Host.LedgerTables.Injected > 20, "Nothing was refused.");
        Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(2, Remote.CallsTo($"/step{i}").Select(call => call.IdempotencyKey).Distinct().Count()));
        await LogIsIntactAsync();
    }
}
