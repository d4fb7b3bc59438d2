using System.Text.Json;
using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    private const string Approve = """
        language: "1.0"
        name: approve
        version: 1.0.0
        start: approve
        steps:
          - { id: approve, type: approval, approvers: { role: approver }, show: { total: "${ input.total }" }, expires: 1h, next: pay, on_reject: tell }
          - { id: pay, type: api_call, method: POST, url: "$remote/pay", idempotent: true }
          - { id: tell, type: api_call, method: POST, url: "$remote/tell" }
        output: "${ has(steps.pay) ? 'paid' : 'told' }"
        """;

    [Fact]
    public async Task Wait_Approved_GoesOnWithTheDecision()
    {
        var run = await StartAsync(Approve, """{"total": 5}""");
        var wait = await WaitingAsync(run, "approve:1:1");
        Assert.Equal(RunStatus.Waiting, (await RowAsync(run)).VisibleStatus);
        Assert.Equal(5, wait.Shown!.Inline!.Value.GetProperty("total").GetInt32());

        await DecideAsync(wait, Bob);

        Assert.Equal("paid", (await OutputAsync(run)).GetString());
        Assert.Single(Remote.CallsTo("/pay"));
        Assert.Equal(1, await CountAsync(run, EventTypes.ApprovalDecided));
        Assert.Equal("bob", (await EntriesAsync(run)).Single(entry => entry.Type == EventTypes.ApprovalDecided).Actor);
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Wait_Rejected_GoesTheOtherWay()
    {
        var run = await StartAsync(Approve, """{"total": 5}""");
        await DecideAsync(await WaitingAsync(run, "approve:1:1"), Bob, approved: false);

        Assert.Equal("told", (await OutputAsync(run)).GetString());
        Assert.Empty(Remote.CallsTo("/pay"));
    }

    [Fact]
    public async Task Wait_PokedBeforeItIsOpenAndManyTimesAfter_ChangesNothing()
    {
        var definition = await DefineAsync(Approve);
        var run = await StartAsync(definition, """{"total": 5}""");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Under.Engine.PokeAsync(run, "approve:1:1")));
        var wait = await WaitingAsync(run, "approve:1:1");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Under.Engine.PokeAsync(run, "approve:1:1")));
        Assert.True((await Waits.FindAsync(run, "approve:1:1"))!.IsOpen);

        await DecideAsync(wait, Bob);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Under.Engine.PokeAsync(run, "approve:1:1")));

        await EndedAsync(run);
        Assert.Single(Remote.CallsTo("/pay"));
        Assert.Equal(1, await CountAsync(run, EventTypes.RunCompleted));
    }

    [Fact]
    public async Task Wait_PokeOfTheDecisionIsLost_SweepMakesUpForIt()
    {
        var run = await StartAsync(Approve, """{"total": 5}""");
        var wait = await WaitingAsync(run, "approve:1:1");
        await DecideAsync(wait, Bob, through: Under.Core.Waits(new DeafEngine()));

        await SweepAsync(WaitPokes.Patience + TimeSpan.FromSeconds(1));

        await EndedAsync(run);
        Assert.Single(Remote.CallsTo("/pay"));
    }

    [Fact]
    public async Task Wait_ManyDecideAtOnce_OneWins()
    {
        var run = await StartAsync(Approve, """{"total": 5}""");
        var wait = await WaitingAsync(run, "approve:1:1");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            try
            {
                await DecideAsync(wait, new Principal(Tenant, $"approver-{i}", [Role.Approver]), approved: i % 2 == 0);
                return 1;
            }
            catch (WaitRefusedException)
            {
                return 0;
            }
        }));

        Assert.Equal(1, outcomes.Sum());
        await EndedAsync(run);
        Assert.Equal(1, await CountAsync(run, EventTypes.ApprovalDecided));
        Assert.Equal(1, Remote.CallsTo("/pay").Count + Remote.CallsTo("/tell").Count);
    }

    [Fact]
    public async Task Wait_DeadlineAgainstDecision_ExactlyOneWins()
    {
        var definition = await DefineAsync("""
            language: "1.0"
            name: deadline
            version: 1.0.0
            start: approve
            steps:
              - { id: approve, type: approval, approvers: { role: approver }, expires: 1s, on_timeout: late, next: good }
              - { id: good, type: emit, event: custom.good, data: { how: decided } }
              - { id: late, type: emit, event: custom.late, data: { how: expired } }
            """);
        for (var round = 0; round < 3; round++)
        {
            var run = await StartAsync(definition);
            var wait = await WaitingAsync(run, "approve:1:1");
            var decided = false;
            var left = wait.Deadline - TimeProvider.System.GetUtcNow() - TimeSpan.FromMilliseconds(15 * round);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            try
            {
                await DecideAsync(wait, Bob);
                decided = true;
            }
            catch (WaitRefusedException refused)
            {
                Assert.Equal("wait.closed", refused.Code);
            }

            Assert.Equal(decided ? "decided" : "expired", (await OutputAsync(run)).GetProperty("how").GetString());
            Assert.Equal(decided ? 0 : 1, await CountAsync(run, EventTypes.ApprovalExpired));
        }
    }

    [Fact]
    public async Task Wait_OwnRequestWrongPayloadAndStrangers_AreRefused()
    {
        var run = await StartAsync(Approve, """{"total": 5}""");
        var wait = await WaitingAsync(run, "approve:1:1");
        Assert.Equal("wait.own-request", (await Refused(() => DecideAsync(wait, Alice with { Roles = [Role.Approver] }))).Code);
        Assert.Equal("wait.not-yours", (await Refused(() => DecideAsync(wait, new Principal(Tenant, "eve", [Role.Viewer])))).Code);
        Assert.Equal("wait.not-found", (await Refused(() => DecideAsync(wait, Bob with { Tenant = "globex" }))).Code);
        var other = wait with { Shown = wait.Shown! with { Hash = new string('0', 64) } };
        Assert.Equal("wait.payload-changed", (await Refused(() => DecideAsync(other, Bob))).Code);
        Assert.True((await Waits.FindAsync(run, wait.Key))! is { IsOpen: true, Votes.Length: 0 });
        Assert.Equal(1, await CountAsync(run, EventTypes.ApprovalVoided));

        await DecideAsync(wait, Bob);
        await EndedAsync(run);
    }

    [Fact]
    public async Task Wait_Event_TakesItsDataOnce()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: event
            version: 1.0.0
            start: wait
            steps:
              - { id: wait, type: wait, event: { name: shipped, timeout: 1h, schema: { type: object, required: [parcel] } } }
            """);
        var wait = await WaitingAsync(run, "wait:1:1");
        var submissions = new Submissions(Waits, Under.Core.Workflows, Under.Core.Values);
        var refused = await Refused(() => submissions.ReceiveAsync(Bob, wait.Id, "shipped", JsonElement.Parse("{}")));
        Assert.Equal("wait.data-invalid", refused.Code);

        await submissions.ReceiveAsync(Bob, wait.Id, "shipped", JsonElement.Parse("""{"parcel":"p-1"}"""));

        Assert.Equal("p-1", (await OutputAsync(run)).GetProperty("parcel").GetString());
        await Refused(() => submissions.ReceiveAsync(Bob, wait.Id, "shipped", JsonElement.Parse("""{"parcel":"p-2"}""")));
    }

    [Fact]
    public async Task Wait_ForATime_GoesOnByItself()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: time
            version: 1.0.0
            start: wait
            steps:
              - { id: wait, type: wait, for: 1s, next: after }
              - { id: after, type: emit, event: custom.after, data: { ok: true } }
            """);
        Assert.True((await OutputAsync(run)).GetProperty("ok").GetBoolean());
        Assert.Equal(1, await CountAsync(run, EventTypes.WaitElapsed));
    }

    private static Task<WaitRefusedException> Refused(Func<Task> act) => Assert.ThrowsAsync<WaitRefusedException>(act);

    [Fact]
    public async Task Sweep_RowsThatNobodyCanActOn_KeepNoOtherWaiting()
    {
        var definition = await DefineAsync(Call);
        var silent = Under.Core.Starts(new DeafEngine());
        for (var number = 0; number < Sweep.BatchSize + 5; number++)
        {
            await silent.StartAsync(Alice, new StartRequest { Workflow = definition.Name, Input = JsonElement.Parse("{}") });
        }

        var run = await StartAsync(Approve, """{"total": 5}""");
        var wait = await WaitingAsync(run, "approve:1:1");
        await DecideAsync(wait, Bob, through: Under.Core.Waits(new DeafEngine()));

        // An engine that takes no start, however often it is asked: the runs before this one stay where they are.
        var full = new Composition.CoreServices(Under.Core.Parts with { Time = new AheadTime(TimeSpan.FromMinutes(5)) }).Sweep(new FullEngine(Under.Engine));
        for (var round = 0; round < 4; round++)
        {
            await full.RunAsync();
        }

        await EndedAsync(run);
    }

    private sealed class FullEngine(IEngine engine) : IEngine
    {
        public Task StartAsync(RunIdentity run, CancellationToken cancellationToken = default) => throw new EngineBusyException();

        public Task PokeAsync(RunIdentity run, string? wait, CancellationToken cancellationToken = default) => engine.PokeAsync(run, wait, cancellationToken);
    }

    [Fact]
    public async Task Sweep_RowThatItCannotRead_KeepsNoOtherWaiting()
    {
        var definition = await DefineAsync(Call);
        var lost = await Under.Core.Starts(new DeafEngine()).StartAsync(Alice, new StartRequest { Workflow = definition.Name, Input = JsonElement.Parse("{}") });
        var key = RowKeys.Due(TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(5), lost.Run.Id, "x");
        await Under.Core.Parts.Ledger.CommitAsync(Tenant, new LedgerCommit { Rows = [RowWrite.Put(key, "{\"Kind\":\"InventedLater\",\"Run\":\"x\"}"u8.ToArray())] });

        await SweepAsync(TimeSpan.FromMinutes(1));

        await EndedAsync(new RunIdentity(Tenant, lost.Run.Id));
        Assert.Null(await Under.Core.Parts.Ledger.ReadRowAsync(Tenant, key));
    }
}
