using System.Text.Json;

namespace Countersign.Api.Tests;

public sealed class ExecutionTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Start_InputAgainstTheSchema_NamesTheField()
    {
        var problem = await server.Engineer.PostJsonAsync("/v1/executions", new { workflow = "hello", input = new { name = 7 } }, 422);
        Assert.Equal("run.input-invalid", problem.Text("title"));
        Assert.Contains("/name", problem.GetProperty("errors")[0].Text("pointer"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none", "1.x", "workflow.not-found", "There is no workflow 'none'.")]
    [InlineData("hello", "9.x", "workflow.version-not-found", "Workflow 'hello' has no version '9.x'.")]
    [InlineData("hello", "what", "workflow.version-not-found", "Workflow 'hello' has no version 'what'.")]
    [InlineData("he|lo", "1.x", "workflow.not-found", "There is no workflow 'he|lo'.")]
    public async Task Start_UnknownWorkflowOrVersion_SaysWhichOfThem(string workflow, string version, string code, string detail)
    {
        var started = await server.Engineer.PostJsonAsync("/v1/executions", new { workflow, version }, 404);
        Assert.Equal((code, detail), (started.Text("title"), started.Text("detail")));
    }

    [Theory]
    [InlineData("""{"name":"a","more":[1,{"n":12345678901234567890}]}""", "/input/more/1/n", "write it as a string")]
    [InlineData("""{"name":"a","x":"\udc00"}""", "/input/x", "surrogate")]
    public async Task Start_InputWithoutCanonicalForm_NamesTheField(string input, string pointer, string rule)
    {
        var problem = await server.Engineer.PostTextAsync("/v1/executions", $$"""{"workflow":"hello","input":{{input}}}""", 422);
        Assert.Equal("run.input-invalid", problem.Text("title"));
        var error = Assert.Single(problem.GetProperty("errors").EnumerateArray());
        Assert.Equal(pointer, error.Text("pointer"));
        Assert.Contains(rule, error.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OncePerInput_IsTheSameRun()
    {
        var body = new { workflow = "spend", input = new { amount = 77 }, oncePerInput = true };
        var first = await server.Engineer.PostJsonAsync("/v1/executions", body, 202);
        var second = await server.Engineer.PostJsonAsync("/v1/executions", body, 202);
        Assert.Equal(first.Text("id"), second.Text("id"));
    }

    [Fact]
    public async Task Run_CallsTheRemoteSide_Once()
    {
        var run = await server.StartAsync("call", new { url = server.Remote.Address + "/pay" });
        Assert.Equal("completed", run.Text("status"));
        var call = Assert.Single(server.Remote.CallsTo("/pay"));
        Assert.NotNull(call.IdempotencyKey);
    }

    [Fact]
    public async Task List_CompensationFailed_IsRefusedByAnyOtherWordAndHoldsOnlySuchRuns()
    {
        await server.StartAsync("hello", new { name = "undone" });
        Assert.Empty(await PagesAsync("/v1/executions?compensation=failed&limit=50"));
        Assert.Contains("'failed'", (await server.Engineer.GetJsonAsync("/v1/executions?compensation=done", 400)).Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_Filters_HoldWhatTheyName()
    {
        var done = (await server.StartAsync("hello", new { name = "list" })).Text("id");
        var (waiting, _) = await server.StartApprovalAsync();
        var completed = await PagesAsync("/v1/executions?status=completed&workflow=hello&limit=1");
        Assert.Contains(done, completed);
        Assert.DoesNotContain(waiting, completed);
        Assert.Equal(completed.Distinct(), completed);
        Assert.Contains(waiting, await PagesAsync("/v1/executions?status=waiting&limit=200"));
        var all = await PagesAsync("/v1/executions?limit=3");
        Assert.True(all.IndexOf(waiting) < all.IndexOf(done), "the newest first");
        Assert.Empty(await PagesAsync("/v1/executions?workflow=none"));
    }

    [Fact]
    public async Task History_OfARun_IsWhatTheLogHolds()
    {
        var run = (await server.StartAsync("hello", new { name = "history" })).Text("id");
        var history = (await server.Admin.GetJsonAsync($"/v1/executions/{run}/history")).Items();
        Assert.Equal("run.created", history[0].Text("type"));
        Assert.Equal("run.completed", history[^1].Text("type"));
        var audit = (await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&limit=200")).Items();
        Assert.Equal(audit.Select(entry => entry.Text("hash")), history.Select(entry => entry.Text("hash")));
        var first = await server.Admin.GetJsonAsync($"/v1/executions/{run}/history?limit=1");
        var second = await server.Admin.GetJsonAsync($"/v1/executions/{run}/history?limit=1&cursor={first.Text("cursor")}");
        Assert.Equal(history[1].Text("eventId"), second.Items()[0].Text("eventId"));
    }

    [Fact]
    public async Task Context_OfARun_IsWhatItReads()
    {
        using var request = ApiServer.Json(HttpMethod.Post, "/v1/executions", new { workflow = "hello", input = new { name = "ctx" }, profile = new { tone = "loud" } });
        using var response = await server.Engineer.SendAsync(request);
        var run = (await response.ReadAsync(202)).Text("id");
        await server.SettledAsync(run);
        var context = await server.Admin.GetJsonAsync($"/v1/executions/{run}/context");
        Assert.Equal(("ctx", "!", "loud"), (context.GetProperty("input").Text("name"), context.GetProperty("static").Text("sign"), context.GetProperty("profile").Text("tone")));
        Assert.Equal("""{"say":{"output":{"text":"hello ctx!"}}}""", context.GetProperty("steps").GetRawText());
        Assert.Equal(("{}", "{}"), (context.GetProperty("runtime").GetRawText(), context.GetProperty("errors").GetRawText()));
    }

    [Fact]
    public async Task Resume_WithTheEvent_LetsTheRunGoOn()
    {
        var run = (await server.StartAsync("await")).Text("id");
        Assert.Equal("wait.not-found", (await server.Engineer.PostJsonAsync($"/v1/executions/{run}/resume", new { @event = "other" }, 404)).Text("title"));
        var broken = await server.Engineer.PostJsonAsync($"/v1/executions/{run}/resume", new { @event = "paid", data = new { sum = "much" } }, 422);
        Assert.Equal(("wait.data-invalid", "/data/sum"), (broken.Text("title"), broken.GetProperty("errors")[0].Text("pointer")));
        var wait = $"{run}.paid:1:1";
        Assert.Equal("wait.wrong-kind", (await server.Engineer.PostJsonAsync($"/v1/executions/{run}/resume", new { wait, @event = "other" }, 409)).Text("title"));
        Assert.Equal("request.body-invalid", (await server.Engineer.PostJsonAsync($"/v1/executions/{run}/resume", new { wait = "x." + run, @event = "paid" }, 400)).Text("title"));
        await server.Engineer.PostJsonAsync($"/v1/executions/{run}/resume", new { @event = "paid", data = new { sum = 12.5 } }, 202);
        Assert.Equal(12.5, (await server.SettledAsync(run)).GetProperty("output").GetProperty("sum").GetDouble());
        Assert.Equal("wait.closed", (await server.Engineer.PostJsonAsync($"/v1/executions/{run}/resume", new { wait, @event = "paid", data = new { sum = 1 } }, 409)).Text("title"));
    }

    [Fact]
    public async Task Get_PreferWaitAfterAResume_NeverAnswersThatItWaits()
    {
        for (var round = 0; round < 10; round++)
        {
            var run = (await server.StartAsync("await")).Text("id");
            await server.Engineer.PostJsonAsync($"/v1/executions/{run}/resume", new { @event = "paid", data = new { sum = 1 } }, 202);
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/executions/{run}");
            request.Headers.Add("Prefer", "wait=20");
            using var response = await server.Engineer.SendAsync(request);
            Assert.Equal("completed", (await response.ReadAsync(200)).Text("status"));
        }
    }

    [Fact]
    public async Task List_Paused_HoldsTheRunsThatArePausedAndHaveNotEnded()
    {
        var run = (await server.StartAsync("await")).Text("id");
        await server.Engineer.PostTextAsync($"/v1/executions/{run}/pause", "", 202);
        Assert.Contains(run, await PagesAsync("/v1/executions?paused=true&limit=200"));
        Assert.DoesNotContain(run, await PagesAsync("/v1/executions?paused=false&limit=200"));
        await server.Engineer.PostTextAsync($"/v1/executions/{run}/cancel", "", 202);
        Assert.False((await server.SettledAsync(run)).TryGetProperty("paused", out _));
        Assert.DoesNotContain(run, await PagesAsync("/v1/executions?paused=true&limit=200"));
        Assert.Contains("'paused'", (await server.Engineer.GetJsonAsync("/v1/executions?paused=maybe", 400)).Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_SixteenAtOnce_OneEventCounts()
    {
        var run = (await server.StartAsync("await")).Text("id");
        var statuses = await Task.WhenAll(Enumerable.Range(0, 16).Select(async n =>
        {
            using var request = ApiServer.Json(HttpMethod.Post, $"/v1/executions/{run}/resume", new { wait = $"{run}.paid:1:1", @event = "paid", data = new { sum = n } });
            using var response = await server.Engineer.SendAsync(request);
            return (int)response.StatusCode;
        }));
        Assert.Single(statuses, 202);
        Assert.Equal(15, statuses.Count(status => status == 409));
    }

    [Fact]
    public async Task Run_InLineForALock_SaysWhoHoldsIt()
    {
        var open = new TaskCompletionSource();
        server.Remote.On("/locked", async (_, _) =>
        {
            await open.Task;
            return (200, "{}");
        });
        using var saved = await server.Admin.PostAsync("/v1/workflows", ApiServer.Yaml($$"""
            language: "1.0"
            name: locked
            version: 1.0.0
            start: book
            steps: [ { id: book, type: api_call, method: POST, url: "{{server.Remote.Address}}/locked", mutex: erp } ]
            """));
        await saved.ReadAsync(201);
        var holder = (await server.Engineer.PostJsonAsync("/v1/executions", new { workflow = "locked" }, 202)).Text("id");
        await server.HasAsync(holder, "step.started");
        var next = (await server.Engineer.PostJsonAsync("/v1/executions", new { workflow = "locked" }, 202)).Text("id");
        await server.HasAsync(next, "lock.queued");

        var run = await server.Admin.GetJsonAsync("/v1/executions/" + next);
        Assert.Equal("waiting", run.Text("status"));
        var awaited = Assert.Single(run.GetProperty("locks").EnumerateArray());
        Assert.Equal(("erp", "book"), (awaited.Text("name"), awaited.Text("step")));
        Assert.Equal((holder, "book"), (awaited.GetProperty("holder").Text("run"), awaited.GetProperty("holder").Text("step")));
        Assert.False((await server.Admin.GetJsonAsync("/v1/executions/" + holder)).TryGetProperty("locks", out _));

        open.SetResult();
        Assert.Equal("completed", (await server.SettledAsync(next)).Text("status"));
        var history = (await server.Admin.GetJsonAsync($"/v1/executions/{next}/history")).Items();
        Assert.Equal(holder, history.Single(entry => entry.Text("type") == "lock.queued").GetProperty("data").Text("holder"));
        Assert.False((await server.Admin.GetJsonAsync("/v1/executions/" + next)).TryGetProperty("locks", out _));
    }

    [Fact]
    public async Task Cancel_WaitingRun_EndsIt()
    {
        var (run, approval) = await server.StartApprovalAsync();
        var asked = await server.Engineer.PostJsonAsync($"/v1/executions/{run}/cancel", new { reason = "not needed" }, 202);
        Assert.True(asked.GetProperty("cancelRequested").GetBoolean());
        Assert.Equal("canceled", (await server.SettledAsync(run)).Text("status"));
        Assert.Equal("run.ended", (await server.Engineer.PostTextAsync($"/v1/executions/{run}/cancel", "", 409)).Text("title"));
        var late = await server.Approver.PostJsonAsync($"/v1/approvals/{approval.Text("id")}/decide", new { decision = "approved", shown = approval.Text("shownHash") }, 409);
        Assert.Equal("wait.closed", late.Text("title"));
    }

    [Fact]
    public async Task Pause_ThenEventThenContinue_GoesOnAfterwardsOnly()
    {
        var run = (await server.StartAsync("await")).Text("id");
        Assert.True((await server.Engineer.PostTextAsync($"/v1/executions/{run}/pause", "", 202)).GetProperty("paused").GetBoolean());
        await server.Engineer.PostJsonAsync($"/v1/executions/{run}/resume", new { @event = "paid", data = new { sum = 1 } }, 202);
        var going = await server.Engineer.PostTextAsync($"/v1/executions/{run}/continue", "", 202);
        Assert.False(going.TryGetProperty("paused", out _));
        Assert.Equal("completed", (await server.SettledAsync(run)).Text("status"));
        var types = (await server.Admin.GetJsonAsync($"/v1/executions/{run}/history")).Items().Select(entry => entry.Text("type")).ToList();
        Assert.True(types.IndexOf("run.paused") < types.IndexOf("run.continued") && types.IndexOf("run.continued") < types.IndexOf("run.completed"), string.Join(' ', types));
        Assert.Equal("run.ended", (await server.Engineer.PostTextAsync($"/v1/executions/{run}/pause", "", 409)).Text("title"));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("..%2f..%2fsecrets")]
    public async Task Run_Unknown_IsNotFound(string id)
    {
        foreach (var end in (string[])["", "/history", "/context", "/events"])
        {
            await server.Admin.GetJsonAsync($"/v1/executions/{id}{end}", 404);
        }
    }

    private async Task<List<string>> PagesAsync(string path)
    {
        var ids = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await server.Admin.GetJsonAsync(path + (cursor.Length == 0 ? "" : "&cursor=" + cursor));
            ids.AddRange(page.Items().Select(item => item.Text("id")));
            cursor = page.TryGetProperty("cursor", out var next) ? next.GetString() : null;
        }

        return ids;
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0af7651916cd43dd8448eb211c80319c")]
    [InlineData(null, null)]
    public async Task Start_TraceOfTheCaller_ReachesWhatTheRunCalls(string? sent, string? expected)
    {
        var path = "/traced/" + (expected ?? "own");
        using var request = ApiServer.Json(HttpMethod.Post, "/v1/executions", new { workflow = "call", input = new { url = server.Remote.Address + path } });
        request.Headers.Add("Prefer", "wait=60");
        if (sent is not null)
        {
            request.Headers.Add("traceparent", sent);
        }

        using var response = await server.Engineer.SendAsync(request);
        var run = (await response.ReadAsync(202)).Text("id");
        Assert.Equal(expected ?? run, Assert.Single(server.Remote.CallsTo(path)).TraceParent!.Split('-')[1]);
    }
}
