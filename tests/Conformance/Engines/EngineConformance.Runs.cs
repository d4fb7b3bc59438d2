using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    private const string Call = """
        language: "1.0"
        name: call
        version: 1.0.0
        start: call
        steps:
          - id: call
            type: api_call
            method: POST
            url: $remote/effect
            idempotent: true
            retry: { attempts: 3, backoff: fixed, initial: 10ms, max: 10ms }
        output: "${ steps.call.output }"
        """;

    [Fact]
    public async Task Start_PureSteps_CompletesWithOutput()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: pure
            version: 1.0.0
            start: note
            steps:
              - { id: note, type: set, values: { limit: "${ input.amount * 2.0 }" }, next: check }
              - { id: check, type: conditional, when: "context.runtime.limit > 10.0", then: high, else: low }
              - { id: high, type: emit, event: custom.high, data: { limit: "${ context.runtime.limit }" } }
              - { id: low, type: emit, event: custom.low, data: {} }
            output: "${ has(steps.high) ? 'high' : 'low' }"
            """, """{"amount": 6}""");

        Assert.Equal("high", (await OutputAsync(run)).GetString());
        Assert.Equal(
            [EventTypes.RunCreated, EventTypes.RunStarted, EventTypes.StepCompleted, EventTypes.StepCompleted, "custom.high", EventTypes.StepCompleted, EventTypes.RunCompleted],
            (await EntriesAsync(run)).Select(entry => entry.Type));
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Start_FailStep_FailsWithItsError()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: fails
            version: 1.0.0
            start: no
            steps:
              - { id: "no", type: fail, error: custom.refused, title: Refused, detail: "not ${ input.what }" }
            """, """{"what": "today"}""");

        var ended = await EndedAsync(run, RunStatus.Failed);
        Assert.Equal(("custom.refused", "not today"), (ended.Error!.Type, ended.Error.Detail));
        Assert.Equal(1, await CountAsync(run, EventTypes.RunFailed));
    }

    [Fact]
    public async Task Start_SecondStartOfTheSameRun_RunsOnce()
    {
        var definition = await DefineAsync(Call);
        var run = await StartAsync(definition);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Under.Engine.StartAsync(run)));
        await EndedAsync(run);

        await Under.Engine.StartAsync(run);
        await Under.Engine.PokeAsync(run, null);

        Assert.Single(Remote.CallsTo("/effect"));
        Assert.Equal(1, await CountAsync(run, EventTypes.RunStarted));
        Assert.Equal(1, await CountAsync(run, EventTypes.RunCompleted));
    }

    [Fact]
    public async Task Start_LostStart_IsMadeUpForBySweep()
    {
        var definition = await DefineAsync(Call);
        var lost = await Under.Core.Starts(new DeafEngine()).StartAsync(
            Alice, new StartRequest { Workflow = definition.Name, Input = System.Text.Json.JsonElement.Parse("{}") });
        var run = new RunIdentity(Tenant, lost.Run.Id);
        Assert.Equal(RunStatus.Queued, (await RowAsync(run)).Status);

        await SweepAsync(WaitPokes.Patience + TimeSpan.FromSeconds(1));

        await EndedAsync(run);
        Assert.Single(Remote.CallsTo("/effect"));
    }

    [Fact]
    public async Task Start_SameIdempotencyKey_IsTheSameRunAndAnotherBodyIsRefused()
    {
        var definition = await DefineAsync(Call);
        var request = new StartRequest { Workflow = definition.Name, Input = System.Text.Json.JsonElement.Parse("{}"), IdempotencyKey = "k-1" };
        var starts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Under.Core.Starts(Under.Engine).StartAsync(Alice, request)));

        Assert.Single(starts.Select(started => started.Run.Id).Distinct());
        Assert.Single(starts, started => !started.Repeated);
        await Assert.ThrowsAsync<IdempotencyKeyReusedException>(() =>
            Under.Core.Starts(Under.Engine).StartAsync(Alice, request with { Input = System.Text.Json.JsonElement.Parse("""{"a":1}""") }));
        await EndedAsync(new RunIdentity(Tenant, starts[0].Run.Id));
        Assert.Single(Remote.CallsTo("/effect"));
    }

    [Fact]
    public async Task Start_SameIdempotencyKeyOfAnotherPrincipal_IsAnotherRun()
    {
        var definition = await DefineAsync(Call);
        var request = new StartRequest { Workflow = definition.Name, Input = System.Text.Json.JsonElement.Parse("{}"), IdempotencyKey = "k-2" };
        var starts = Under.Core.Starts(Under.Engine);
        var (mine, theirs) = (await starts.StartAsync(Alice, request), await starts.StartAsync(Bob, request with { Input = System.Text.Json.JsonElement.Parse("""{"a":1}""") }));

        Assert.False(mine.Repeated || theirs.Repeated);
        Assert.Equal((Alice.User, Bob.User), (mine.Run.Requester, theirs.Run.Requester));
        await EndedAsync(new RunIdentity(Tenant, mine.Run.Id));
        await EndedAsync(new RunIdentity(Tenant, theirs.Run.Id));
    }

    [Fact]
    public async Task Execute_RetryableFailures_RetriesWithOneKeyAndAnEntryEach()
    {
        Remote.On("/effect", (_, before) => Task.FromResult(before < 2 ? (503, "{}") : (200, """{"ok":true}""")));
        var run = await StartAsync(Call);

        Assert.True((await OutputAsync(run)).GetProperty("ok").GetBoolean());
        var calls = Remote.CallsTo("/effect");
        Assert.Equal(3, calls.Count);
        Assert.Single(calls.Select(call => call.IdempotencyKey).Distinct());
        Assert.NotNull(calls[0].IdempotencyKey);
        Assert.Equal(3, await CountAsync(run, EventTypes.StepStarted));
        Assert.Equal(2, await CountAsync(run, EventTypes.StepFailed));
        Assert.Equal(2, await CountAsync(run, EventTypes.StepRetried));
        Assert.Equal(1, await CountAsync(run, EventTypes.StepCompleted));
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Execute_Jitter_SpreadsTheAttemptsOfManyRuns()
    {
        Remote.On("/effect", 503, "{}");
        var definition = await DefineAsync(Call.Replace("attempts: 3, backoff: fixed, initial: 10ms, max: 10ms", "attempts: 2, backoff: fixed, initial: 100ms, max: 100ms, jitter: 1", StringComparison.Ordinal)
            .Replace("name: call", "name: jitters", StringComparison.Ordinal));
        var runs = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => StartAsync(definition)));
        var waits = new HashSet<long>();
        foreach (var run in runs)
        {
            await EndedAsync(run, RunStatus.Failed);
            var retried = (await Under.Core.Parts.Ledger.ReadRunEntriesAsync(Tenant, run.Id, 0, 100)).Single(stored => EntryCodec.Decode(stored.Bytes.Span).Type == EventTypes.StepRetried);
            waits.Add(System.Text.Json.JsonElement.Parse(retried.Payload.Span).GetProperty("wait_ms").GetInt64());
        }

        Assert.True(waits.Count > 1, "Five runs waited equally long.");
        Assert.All(waits, wait => Assert.InRange(wait, 0, 100));
    }

    [Fact]
    public async Task Execute_FailureThatIsNotRetryable_FailsAtOnceUnlessCaught()
    {
        Remote.On("/effect", 422, "{}");
        var failed = await StartAsync(Call);
        var ended = await EndedAsync(failed, RunStatus.Failed);
        Assert.Equal(422, ended.Error!.Status);
        Assert.Single(Remote.CallsTo("/effect"));

        var caught = await StartAsync("""
            language: "1.0"
            name: catches
            version: 1.0.0
            start: call
            steps:
              - { id: call, type: api_call, method: POST, url: "$remote/effect", catch: [{ type: "*", goto: after }], next: other }
              - { id: other, type: emit, event: custom.other }
              - { id: after, type: emit, event: custom.after, data: { status: "${ errors.call.status }" } }
            """);
        var output = await OutputAsync(caught);
        Assert.Equal(422, output.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task Execute_LargeValue_TravelsByReference()
    {
        var text = new string('x', 900_000);
        Remote.On("/large", 200, $$"""{"text":"{{text}}","small":7}""");
        var run = await StartAsync("""
            language: "1.0"
            name: large
            version: 1.0.0
            start: fetch
            steps:
              - { id: fetch, type: api_call, url: "$remote/large", next: check }
              - { id: check, type: conditional, when: "size(steps.fetch.output.text) == 900000", then: send, else: bad }
              - { id: bad, type: fail, error: custom.bad }
              - { id: send, type: api_call, method: POST, url: "$remote/sink", body: { text: "${ steps.fetch.output.text }" }, next: done }
              - { id: done, type: set, values: { small: "${ steps.fetch.output.small }" } }
            """);

        Assert.Equal(7, (await OutputAsync(run)).GetProperty("small").GetInt32());
        Assert.Contains(text, Remote.CallsTo("/sink").Single().Body, StringComparison.Ordinal);
        var fetched = await Under.Core.Parts.Ledger.ReadCallAsync(Tenant, run.Id, "fetch:1:1");
        Assert.True(fetched is null || fetched.Answer!.Value.Length < 1000, "The record of the call holds the large value.");
    }

    [Fact]
    public async Task Output_OfLargeValues_IsEvaluatedInACall()
    {
        Remote.On("/large", 200, $$"""{"text":"{{new string('x', 50_000)}}"}""");
        var run = await StartAsync("""
            language: "1.0"
            name: large-output
            version: 1.0.0
            start: fetch
            steps:
              - { id: fetch, type: api_call, url: "$remote/large" }
            output: { length: "${ size(steps.fetch.output.text) }" }
            """);

        Assert.Equal(50_000, (await OutputAsync(run)).GetProperty("length").GetInt32());
    }

    [Fact]
    public async Task Execute_Loop_SendsAnotherKeyForEachVisit()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: loop
            version: 1.0.0
            start: call
            steps:
              - { id: call, type: api_call, method: POST, url: "$remote/effect", idempotent: true, max_visits: 10, next: again }
              - { id: again, type: conditional, when: "steps.call.output.number < 3.0", then: call, else: done }
              - { id: done, type: emit, event: custom.done }
            """);

        await EndedAsync(run);
        var keys = Remote.CallsTo("/effect").Select(call => call.IdempotencyKey).ToList();
        Assert.Equal(3, keys.Count);
        Assert.Equal(3, keys.Distinct().Count());
    }

    [Fact]
    public async Task Loop_LongerThanAHistoryMayBe_LosesNothing()
    {
        var run = await StartAsync("""
            language: "1.0"
            name: long
            version: 1.0.0
            start: first
            steps:
              - { id: first, type: set, values: { n: "${ 0.0 }" }, next: count }
              - { id: count, type: set, max_visits: 500, values: { n: "${ context.runtime.n + 1.0 }" }, next: again }
              - { id: again, type: conditional, max_visits: 500, when: "context.runtime.n < 400.0", then: count, else: done }
              - { id: done, type: emit, event: custom.done, data: { n: "${ context.runtime.n }" } }
            """);

        Assert.Equal(400, (await OutputAsync(run)).GetProperty("n").GetInt32());
        Assert.Equal(802, await CountAsync(run, EventTypes.StepCompleted));
        await LogIsIntactAsync();
    }

    /// <summary>Sweeps as if it were later.</summary>
    protected async Task SweepAsync(TimeSpan ahead, Composition.CoreServices? core = null)
    {
        var sweep = new Composition.CoreServices((core ?? Under.Core).Parts with { Time = new AheadTime(ahead) }).Sweep(Under.Engine);

        // Other tests' runs may be due as well, on the same ledger.
        for (var (round, more) = (0, true); round < 20 && more; round++)
        {
            try
            {
                more = await sweep.RunAsync() == Sweep.BatchSize;
            }
            catch (AggregateException)
            {
                // Some of theirs cannot be acted on, and are out of the way now.
            }
        }
    }

    /// <summary>An engine that hears nothing: every start and poke is lost.</summary>
    protected sealed class DeafEngine : IEngine
    {
        /// <inheritdoc/>
        public Task StartAsync(RunIdentity run, CancellationToken cancellationToken = default) => Task.CompletedTask;

        /// <inheritdoc/>
        public Task PokeAsync(RunIdentity run, string? wait, CancellationToken cancellationToken = default) => Task.CompletedTask;
    }

    private sealed class AheadTime(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;
    }

    [Fact]
    public async Task Start_MoreThanTheTenantMayHaveAtWork_StaysQueuedSaysWhyAndFollows()
    {
        var release = Remote.Hold("/effect");
        var definition = await DefineAsync(Call);

        // An hour ahead, so that the engine's own sweep, which knows of no such limit, does not find what is held here.
        var later = TimeSpan.FromHours(1);
        var limited = new Composition.CoreServices(Under.Core.Parts with { MaxRunsPerTenant = 2, Time = new AheadTime(later) });
        var runs = new List<RunIdentity>();
        for (var number = 0; number < 4; number++)
        {
            var started = await limited.Starts(Under.Engine).StartAsync(
                Alice, new StartRequest { Workflow = definition.Name, Input = System.Text.Json.JsonElement.Parse("{}") });
            Assert.Equal(number < 2 ? null : Admission.TenantLimit, started.Run.Held);

            // The order is that of the ids, and those of one millisecond have none.
            await Task.Delay(5);
            runs.Add(new RunIdentity(Tenant, started.Run.Id));
        }

        // A call that is held for longer than its time limit is made again; its key tells the calls apart.
        int Effects() => Remote.CallsTo("/effect").Select(call => call.IdempotencyKey).Distinct().Count();
        await UntilAsync(() => Task.FromResult(Effects()), count => count == 2);
        await Under.Engine.StartAsync(runs[2]);
        await SweepAsync(later + Admission.Pause * 2, limited);
        Assert.Equal((RunStatus.Queued, Admission.TenantLimit), ((await RowAsync(runs[2])).Status, (await RowAsync(runs[2])).Held));
        Assert.Equal(1, await CountAsync(runs[2], EventTypes.LimitReached));

        // A canceled run waits neither for room nor for the sweep.
        await limited.Commands(Under.Engine).CancelAsync(Alice, runs[3].Id, null);
        await EndedAsync(runs[3], RunStatus.Canceled);

        release.SetResult();
        await EndedAsync(runs[0]);
        await EndedAsync(runs[1]);

        // No sweep: what ended admits the next.
        await limited.Admission.AdmitNextAsync(Tenant, Under.Engine);
        Assert.Null((await EndedAsync(runs[2])).Held);
        Assert.Equal(3, Effects());
        await LogIsIntactAsync();
    }
}
