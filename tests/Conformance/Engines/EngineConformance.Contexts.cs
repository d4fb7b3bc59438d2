using System.Text.Json;
using Countersign.Conformance.Ledger;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    // Every way to get a value: in place, from a call that is tried again, from items, from an error that was caught, from a loop long
    // enough that a history is handed over on the way, and from people.
    private const string Context = """
        language: "1.0"
        name: context
        version: 1.0.0
        profile: { tone: plain }
        start: begin
        steps:
          - { id: begin, type: set, values: { rounds: 0, name: "${ input.name }" }, next: call }
          - id: call
            type: api_call
            method: POST
            url: $remote/effect
            retry: { attempts: 3, backoff: fixed, initial: 10ms, max: 10ms }
            next: each
          - id: each
            type: foreach
            items: "${ [1.0, 2.0, 3.0] }"
            start: one
            steps:
              - { id: one, type: api_call, method: POST, url: "$remote/item/${ index }", next: inner }
              - { id: inner, type: set, values: { seen: "${ item }" } }
            output: "${ item * 2.0 }"
            next: broken
          - { id: broken, type: api_call, url: "$remote/gone", catch: [{ type: "*", goto: again }], next: again }
          - { id: again, type: api_call, method: POST, url: $remote/round, max_visits: 20, next: count }
          - { id: count, type: set, values: { rounds: "${ context.runtime.rounds + 1.0 }" }, max_visits: 20, next: enough }
          - { id: enough, type: conditional, when: "context.runtime.rounds < 12.0", then: again, else: approve, max_visits: 20 }
          - { id: approve, type: approval, approvers: { role: approver }, show: {}, expires: 2h, next: large }
          - { id: large, type: api_call, url: $remote/large, next: last }
          - { id: last, type: set, values: { decided: "${ steps.approve.output.decision }" } }
        """;

    [Fact]
    public async Task Replay_RunThatWaitsAndLaterEnds_ReadsWhatItsStepsRead()
    {
        var large = new string('x', RunValue.InlineLimit);
        Remote.On("/effect", (_, before) => Task.FromResult(before < 2 ? (503, "{}") : (200, """{"ok":true}""")));
        Remote.On("/gone", (_, _) => Task.FromResult((410, "{}")));
        Remote.On("/large", (_, _) => Task.FromResult((200, $$"""{"text":"{{large}}"}""")));
        var run = await StartAsync(Context, """{"name": "Ann"}""");
        var wait = await WaitingAsync(run, "approve:1:1");

        var waiting = await Under.Core.Replay.ReadAsync(Tenant, await RowAsync(run));

        Assert.Equal(["name=\"Ann\"", "rounds=12"], await ReadAsync(waiting.Runtime));
        Assert.Equal(["again", "begin", "call", "count", "each", "enough"], waiting.Steps.Keys);
        Assert.Equal("""{"ok":true}""", await ReadAsync(waiting.Steps["call"]));
        Assert.Equal("[2,4,6]", await ReadAsync(waiting.Steps["each"]));
        Assert.Equal("http.410", JsonElement.Parse(await ReadAsync(waiting.Errors["broken"])).GetProperty("type").GetString());
        Assert.Equal("""{"tone":"plain"}""", await ReadAsync(waiting.Profile!));

        await DecideAsync(wait, Bob);
        await EndedAsync(run);
        var calls = Remote.Calls.Count;
        var ended = await Under.Core.Replay.ReadAsync(Tenant, await RowAsync(run));
        Assert.Equal(["decided=\"approved\"", "name=\"Ann\"", "rounds=12"], await ReadAsync(ended.Runtime));
        Assert.Equal(large, JsonElement.Parse(await ReadAsync(ended.Steps["large"])).GetProperty("text").GetString());
        Assert.Equal(calls, Remote.Calls.Count);
    }

    [Fact]
    public async Task Replay_BranchThatSleptBetweenItsAttempts_FailedBeforeTheOther()
    {
        var slow = Remote.Hold("/slow", status: 409);
        Remote.On("/fast", (_, before) => Task.FromResult((before == 0 ? 503 : 404, "{}")));
        var run = await StartAsync("""
            language: "1.0"
            name: context-sleeps
            version: 1.0.0
            start: both
            steps:
              - id: both
                type: parallel
                branches:
                  - { name: fast, start: a, steps: [{ id: a, type: api_call, url: $remote/fast, retry: { attempts: 2, backoff: fixed, initial: 2s, max: 2s, jitter: 0 } }] }
                  - { name: slow, start: b, steps: [{ id: b, type: api_call, url: $remote/slow }] }
                catch: [{ type: http.404, goto: fast }, { type: http.409, goto: slow }]
              - { id: fast, type: set, values: { first: fast }, next: approve }
              - { id: slow, type: set, values: { first: slow }, next: approve }
              - { id: approve, type: approval, approvers: { role: approver }, show: { first: "${ context.runtime.first }" }, expires: 2h }
            """);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/fast").Count), count => count == 2);
        await UntilAsync(() => CountAsync(run, EventTypes.StepFailed), count => count >= 2);
        slow.SetResult();
        await WaitingAsync(run, "approve:1:1");

        foreach (var ledger in (ILedger[])[Under.Core.Parts.Ledger, new Sleepless(Under.Core.Parts.Ledger)])
        {
            var values = await new RunReplay(ledger, Under.Core.Workflows).ReadAsync(Tenant, await RowAsync(run));
            Assert.Equal(["first=\"fast\""], await ReadAsync(values.Runtime));
            Assert.Equal(["both"], values.Errors.Keys);
        }
    }

    [Fact]
    public async Task Replay_RunThatFailedAndOneThatWasCanceled_ReadWhatWasThere()
    {
        const string Fails = """
            language: "1.0"
            name: context-fails
            version: 1.0.0
            start: pay
            steps:
              - id: pay
                type: api_call
                method: POST
                url: $remote/pay
                compensate: { type: api_call, method: DELETE, url: $remote/pay }
                next: approve
              - { id: approve, type: approval, approvers: { role: approver }, show: {}, expires: 2h, next: stop }
              - { id: stop, type: fail, error: custom.stop, title: Stop }
            """;
        Remote.On("/pay", (_, _) => Task.FromResult((200, """{"id":7}""")));
        var failing = await StartAsync(Fails);
        var canceled = await StartAsync(Fails.Replace("context-fails", "context-canceled", StringComparison.Ordinal));
        await DecideAsync(await WaitingAsync(failing, "approve:1:1"), Bob);
        await WaitingAsync(canceled, "approve:1:1");
        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, canceled.Id, null);
        await EndedAsync(failing, RunStatus.Failed);
        await EndedAsync(canceled, RunStatus.Canceled);

        var failed = await Under.Core.Replay.ReadAsync(Tenant, await RowAsync(failing));
        var ended = await Under.Core.Replay.ReadAsync(Tenant, await RowAsync(canceled));

        Assert.Equal(["approve", "pay"], failed.Steps.Keys);
        Assert.Equal(["pay"], ended.Steps.Keys);
        Assert.Equal("""{"id":7}""", await ReadAsync(ended.Steps["pay"]));
        Assert.Equal(2, Remote.Calls.Count(call => call.Method == "DELETE"));
    }

    private async Task<string> ReadAsync(RunValue value) => (await Under.Core.Values.LoadAsync(Tenant, value)).GetRawText();

    private async Task<List<string>> ReadAsync(IReadOnlyDictionary<string, RunValue> values)
    {
        var read = new List<string>();
        foreach (var (name, value) in values)
        {
            read.Add($"{name}={await ReadAsync(value)}");
        }

        return read;
    }

    // As of an engine that keeps the ends of sleeps to itself.
    private sealed class Sleepless(ILedger inner) : ForwardingLedger(inner)
    {
        public override async ValueTask<IReadOnlyList<CallRecord>> ReadRunCallsAsync(string tenant, string run, CancellationToken cancellationToken = default) =>
            [.. (await base.ReadRunCallsAsync(tenant, run, cancellationToken)).Where(call => !StepRef.IsSleepKey(call.Key))];
    }
}
