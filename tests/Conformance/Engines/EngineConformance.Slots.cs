using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    private const string Hanging = """
        language: "1.0"
        name: hangs
        version: 1.0.0
        start: reserve
        steps:
          - { id: reserve, type: api_call, method: POST, url: "$remote/reserve", compensate: { type: api_call, method: DELETE, url: "$remote/reserve" }, next: hang }
          - { id: hang, type: api_call, method: POST, url: "$remote/hang", timeout: 1h, catch: [ { type: "*", goto: after } ], next: after }
          - { id: after, type: api_call, method: POST, url: "$remote/after" }
        """;

    private static readonly string HangingFanOut = $$"""
        language: "1.0"
        name: hangs-widely
        version: 1.0.0
        start: each
        steps:
          - id: each
            type: foreach
            items: [ {{string.Join(", ", Enumerable.Range(1, 100))}} ]
            concurrency: 100
            start: hang
            steps: [ { id: hang, type: api_call, method: POST, url: "$remote/hang", timeout: 1h } ]
        """;

    [Fact]
    public async Task FanOut_OfHangingCalls_LeavesRoomForAnotherTenant()
    {
        if (!Under.SharesExecutions)
        {
            return;
        }

        var release = Remote.Hold("/hang");
        var flood = await StartAsync(HangingFanOut);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/hang").Count), count => count >= 8);

        var other = new Principal($"{Tenant}-other", "olga", [Role.Engineer]);
        var single = await DefineAsync(other, """
            language: "1.0"
            name: single
            version: 1.0.0
            start: call
            steps: [ { id: call, type: api_call, method: POST, url: "$remote/quiet" } ]
            """);
        var quiet = await StartAsync(other, single);

        await EndedAsync(quiet);
        Assert.False((await RowAsync(flood)).IsEnded);
        release.SetResult();
        await EndedAsync(flood);
        Assert.Equal(100, Remote.CallsTo("/hang").Count);
    }

    [Fact]
    public async Task Cancel_WhileACallHangs_CutsItOffSaysSoAndCompensates()
    {
        var release = Remote.Hold("/hang");
        var run = await StartAsync(Hanging);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/hang").Count), count => count == 1);

        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, null);

        var ended = await EndedAsync(run, RunStatus.Canceled);
        release.SetResult();
        Assert.Null(ended.Error);
        Assert.Empty(Remote.CallsTo("/after"));
        Assert.Equal(["POST", "DELETE"], Remote.CallsTo("/reserve").Select(call => call.Method));
        var unknown = Assert.Single(await EntriesAsync(run), entry => entry.Type == EventTypes.StepOutcomeUnknown);
        Assert.Equal("hang", unknown.Step);
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Cancel_WhileAReadingCallHangs_IsNotAnUnknownOutcome()
    {
        var release = Remote.Hold("/hang");
        var run = await StartAsync("""
            language: "1.0"
            name: hanging-read
            version: 1.0.0
            start: read
            steps: [ { id: read, type: api_call, url: "$remote/hang", timeout: 1h } ]
            """);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/hang").Count), count => count == 1);

        await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, null);

        await EndedAsync(run, RunStatus.Canceled);
        release.SetResult();
        Assert.Equal(0, await CountAsync(run, EventTypes.StepOutcomeUnknown));
        Assert.Equal(1, await CountAsync(run, EventTypes.StepFailed));
    }
}
