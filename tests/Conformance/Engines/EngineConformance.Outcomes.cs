using System.Text;
using System.Text.Json;
using Countersign.Canonical;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    private const string Unreadable = """
        language: "1.0"
        name: unreadable
        version: 1.0.0
        start: reserve
        steps:
          - { id: reserve, type: api_call, method: POST, url: "$remote/reserve", compensate: { type: api_call, method: DELETE, url: "$remote/undo-reserve" }, next: pay }
          - id: pay
            type: api_call
            method: POST
            url: "$remote/pay"
            compensate:
              type: api_call
              method: POST
              url: "$remote/undo-pay"
              body: { known: "${ has(steps.pay) }", status: "${ errors.pay.response.status }", why: "${ errors.pay.type }" }
        """;

    [Fact]
    public async Task Outcome_AnswerOfAnEffectCannotBeRead_IsOnRecordAndUndone()
    {
        Remote.On("/pay", 201, "<html>created");
        var run = await StartAsync(Unreadable);

        var ended = await EndedAsync(run, RunStatus.Failed);

        Assert.Equal(("api.bad-json", StepEffect.Happened), (ended.Error!.Type, ended.Error.Effect));
        Assert.Equal(["/reserve", "/pay", "/undo-pay", "/undo-reserve"], Remote.Calls.Select(call => call.Path));
        Assert.Equal("""{"known":false,"status":201,"why":"api.bad-json"}""", Assert.Single(Remote.CallsTo("/undo-pay")).Body);
        var payload = await PayloadAsync(run, EventTypes.StepOutcomeUnknown);
        Assert.Equal(("happened", "api.bad-json", "pay"), (payload.GetProperty("effect").GetString(), payload.GetProperty("reason").GetString(), payload.GetProperty("step").GetString()));
        Assert.Null(ended.NotUndone);
        await LogIsIntactAsync();
    }

    [Fact]
    public async Task Outcome_EffectThatDidNotHappen_IsNotUndone()
    {
        Remote.On("/pay", 400, "<html>refused");
        var run = await StartAsync(Unreadable);

        await EndedAsync(run, RunStatus.Failed);

        Assert.Equal(["/reserve", "/pay", "/undo-reserve"], Remote.Calls.Select(call => call.Path));
        Assert.Equal(0, await CountAsync(run, EventTypes.StepOutcomeUnknown));
    }

    [Fact]
    public async Task Outcome_NoAnswerInTime_IsUnknown()
    {
        var release = Remote.Hold("/slow");
        var run = await StartAsync("""
            language: "1.0"
            name: slow-effect
            version: 1.0.0
            start: a
            steps: [ { id: a, type: api_call, method: POST, url: "$remote/slow", timeout: 300ms } ]
            """);

        var ended = await EndedAsync(run, RunStatus.Failed);
        release.SetResult();

        Assert.Equal(("step.timeout", StepEffect.Unknown), (ended.Error!.Type, ended.Error.Effect));
        Assert.Equal(1, await CountAsync(run, EventTypes.StepOutcomeUnknown));
    }

    [Fact]
    public async Task Outcome_OfAnEarlierAttempt_IsNotForgotten()
    {
        var release = new TaskCompletionSource();
        Remote.On("/pay", async (_, before) =>
        {
            if (before == 0)
            {
                await release.Task;
            }

            return (400, "{}");
        });
        var run = await StartAsync("""
            language: "1.0"
            name: attempts
            version: 1.0.0
            start: pay
            steps: [ { id: pay, type: api_call, method: POST, url: "$remote/pay", timeout: 300ms, retry: { attempts: 2, initial: 1ms } } ]
            """);

        var ended = await EndedAsync(run, RunStatus.Failed);
        release.SetResult();

        Assert.Equal(("http.400", StepEffect.Unknown), (ended.Error!.Type, ended.Error.Effect));
        Assert.Equal(1, await CountAsync(run, EventTypes.StepOutcomeUnknown));
    }

    [Fact]
    public async Task Response_OfACall_IsReadBesideItsOutput()
    {
        Remote.On("/refused", 422, """{"errors":[{"field":"iban"}]}""");
        var output = await OutputAsync(await StartAsync("""
            language: "1.0"
            name: beside
            version: 1.0.0
            start: ok
            steps:
              - { id: ok, type: api_call, url: "$remote/ok", next: bad }
              - { id: bad, type: api_call, url: "$remote/refused", catch: [ { type: http.422, goto: seen } ] }
              - { id: seen, type: set, values: { field: "${ errors.bad.body.errors[0].field }", status: "${ errors.bad.response.status }" } }
            output: { status: "${ steps.ok.response.status }", type: "${ steps.ok.response.headers['content-type'] }", seen: "${ context.runtime }" }
            """));

        Assert.Equal("""{"seen":{"field":"iban","status":422},"status":200,"type":"application/json"}""", Encoding.UTF8.GetString(CanonicalJson.ToBytes(output)));
    }

    [Fact]
    public async Task Compensation_ThatFails_IsOnTheRunAndInTheList()
    {
        Remote.On("/undo-a", 409, "{}");
        Remote.On("/b", 500, "{}");
        var run = await StartAsync("""
            language: "1.0"
            name: not-undone
            version: 1.0.0
            start: a
            steps:
              - { id: a, type: api_call, method: POST, url: "$remote/a", compensate: { type: api_call, method: DELETE, url: "$remote/undo-a" }, next: c }
              - { id: c, type: api_call, method: POST, url: "$remote/c", compensate: { type: api_call, method: DELETE, url: "$remote/undo-c" }, next: b }
              - { id: b, type: api_call, method: POST, url: "$remote/b" }
            """);

        var ended = await EndedAsync(run, RunStatus.Failed);

        Assert.Equal(["a http.409"], ended.NotUndone!.Value.Select(failed => $"{failed.Step} {failed.Error}"));
        var listed = await new RunQueries(Under.Core.Parts.Ledger).ListAsync(Tenant, new RunFilter(null, null, NotUndone: true), null, 10);
        Assert.Equal([run.Id], listed.Items.Select(item => item.Id));
        Assert.Equal(1, (await PayloadAsync(run, EventTypes.RunFailed)).GetProperty("not_undone").GetInt32());
    }

    [Theory]
    [InlineData("", RunStatus.Failed)]
    [InlineData(", catch: [ { type: \"*\", goto: z } ]", RunStatus.Completed)]
    public async Task Compensation_ThatFailsInACalledRun_IsOnEveryRunAboveIt(string caught, RunStatus status)
    {
        Remote.On("/undo-a", 409, "{}");
        Remote.On("/b", 400, "{}");
        await SaveAsync(Alice, """
            language: "1.0"
            name: lowest
            version: 1.0.0
            start: a
            steps:
              - { id: a, type: api_call, method: POST, url: "$remote/a", compensate: { type: api_call, method: DELETE, url: "$remote/undo-a" }, next: b }
              - { id: b, type: api_call, method: POST, url: "$remote/b" }
            """);
        await SaveAsync(Alice, """
            language: "1.0"
            name: middle
            version: 1.0.0
            start: l
            steps: [ { id: l, type: call_workflow, workflow: lowest, input: {} } ]
            """);
        var run = await StartAsync($$"""
            language: "1.0"
            name: highest
            version: 1.0.0
            start: k
            steps:
              - { id: k, type: call_workflow, workflow: middle, input: {}{{caught}}, next: z }
              - { id: z, type: set, values: { a: 1 } }
            """);

        var ended = await EndedAsync(run, status);

        Assert.Equal(["k/l/a http.409 k/l/a"], (ended.NotUndone ?? []).Select(failed => $"{failed.Step} {failed.Error} {failed.Path}"));
        var listed = await new RunQueries(Under.Core.Parts.Ledger).ListAsync(Tenant, new RunFilter(null, null, NotUndone: true), null, 10);
        Assert.Contains(run.Id, listed.Items.Select(item => item.Id));
        Assert.Equal(1, (await PayloadAsync(run, status is RunStatus.Failed ? EventTypes.RunFailed : EventTypes.RunCompleted)).GetProperty("not_undone").GetInt32());
        await LogIsIntactAsync();
    }

    [Theory]
    [InlineData("1s", RunStatus.Failed)]
    [InlineData("1m", RunStatus.Canceled)]
    public async Task Effect_OfACalledRunThatIsCanceledAfterIt_IsToldWhereTheCallerUndoesItAsAWhole(string limit, RunStatus status)
    {
        var release = Remote.Hold("/charge", "{}", 201);
        await SaveAsync(Alice, """
            language: "1.0"
            name: charging
            version: 1.0.0
            start: c
            steps:
              - { id: c, type: api_call, method: POST, url: "$remote/charge" }
            """);
        var run = await StartAsync($$"""
            language: "1.0"
            name: caller
            version: 1.0.0
            start: k
            steps:
              - { id: k, type: call_workflow, workflow: charging, input: {}, timeout: {{limit}}, compensate: { type: api_call, method: DELETE, url: "$remote/undo-k" } }
            """);
        await UntilAsync(() => Task.FromResult(Remote.CallsTo("/charge").Count), count => count == 1);
        if (status is RunStatus.Canceled)
        {
            await Under.Core.Commands(Under.Engine).CancelAsync(Alice, run.Id, null);
        }
        else
        {
            await Task.Delay(TimeSpan.FromSeconds(2));
        }

        release.SetResult();

        var ended = await EndedAsync(run, status);
        Assert.Equal(["k/c child.effect-stands"], (ended.NotUndone ?? []).Select(failed => $"{failed.Step} {failed.Error}"));
        await LogIsIntactAsync();
    }

    // The payload of the one entry of a type.
    private async Task<JsonElement> PayloadAsync(RunIdentity run, string type)
    {
        var page = await Under.Core.Parts.Ledger.ReadRunEntriesAsync(Tenant, run.Id, 0, 500);
        return JsonElement.Parse(Assert.Single(page, stored => EntryCodec.Decode(stored.Bytes.Span).Type == type).Payload.Span);
    }
}
