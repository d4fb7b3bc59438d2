using System.Text.Json;

namespace Countersign.Api.Tests;

/// <summary>Models asked directly, over the wire to a real server.</summary>
public sealed class InferTests
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Fact]
    public async Task Infer_SameKeyAndBody_SameAnswerAndAskedOnce()
    {
        await using var model = await ModelServer.StartAsync((context, _) => ModelServer.SayAsync(context, "four"));
        await using var host = await ModelHost.StartAsync(model.Providers);

        var first = await AskAsync(host, "k-1", new { prompt = "2+2?" }, 200);
        var again = await AskAsync(host, "k-1", new { prompt = "2+2?" }, 200);

        Assert.Equal(first.GetRawText(), again.GetRawText());
        Assert.Single(model.Asked);
        Assert.Equal(("request.idempotency-key-reused", 1), ((await AskAsync(host, "k-1", new { prompt = "3+3?" }, 422)).Text("title"), model.Asked.Count));
        Assert.NotEqual(first.Text("id"), (await AskAsync(host, "k-2", new { prompt = "2+2?" }, 200)).Text("id"));
        var log = (await host.Client.GetJsonAsync("/v1/audit/events?type=ai.*&limit=200")).Items().Select(entry => entry.Text("type"));
        Assert.Equal(["ai.requested", "ai.response", "ai.requested", "ai.response"], log);
        Assert.Equal("0.00012", (await host.Client.GetJsonAsync("/v1/usage")).GetProperty("total").Text("costUsd"));
    }

    [Fact]
    public async Task Infer_LargeAnswer_SameAgain()
    {
        var text = new string('x', 100_000);
        await using var model = await ModelServer.StartAsync((context, _) => ModelServer.SayAsync(context, text));
        await using var host = await ModelHost.StartAsync(model.Providers);

        var first = await AskAsync(host, "k", new { prompt = "Talk." }, 200);
        var again = await AskAsync(host, "k", new { prompt = "Talk." }, 200);

        Assert.Equal(text, again.Text("output"));
        Assert.True(JsonElement.DeepEquals(first, again));
        Assert.Single(model.Asked);
    }

    [Fact]
    public async Task Infer_WhileInFlight_ConflictThenTheAnswer()
    {
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var model = await ModelServer.StartAsync(async (context, _) =>
        {
            arrived.TrySetResult();
            await gate.Task;
            await ModelServer.SayAsync(context, "four");
        });
        await using var host = await ModelHost.StartAsync(model.Providers);

        var first = AskAsync(host, "k", new { prompt = "2+2?" }, 200);
        await arrived.Task;
        Assert.Equal("request.in-flight", (await AskAsync(host, "k", new { prompt = "2+2?" }, 409)).Text("title"));
        await AskAsync(host, "k", new { prompt = "other" }, 422);
        gate.SetResult();

        Assert.Equal((await first).GetRawText(), (await AskAsync(host, "k", new { prompt = "2+2?" }, 200)).GetRawText());
        Assert.Single(model.Asked);
    }

    [Fact]
    public async Task Infer_ManyAtOnceWithOneKey_AskedOnce()
    {
        await using var model = await ModelServer.StartAsync((context, _) => ModelServer.SayAsync(context, "four"));
        await using var host = await ModelHost.StartAsync(model.Providers);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            using var response = await host.Client.SendAsync(Request("k", new { prompt = "2+2?" }));
            return (int)response.StatusCode;
        }));

        Assert.Single(model.Asked);
        Assert.All(statuses, status => Assert.Contains(status, new[] { 200, 409 }));
        Assert.Contains(200, statuses);
    }

    [Fact]
    public async Task Infer_CallerGoesAway_AnswerIsThereWhenItComesBack()
    {
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var model = await ModelServer.StartAsync(async (context, _) =>
        {
            arrived.TrySetResult();
            await gate.Task;
            await ModelServer.SayAsync(context, "four");
        });
        await using var host = await ModelHost.StartAsync(model.Providers);
        using var patience = new CancellationTokenSource();

        var first = host.Client.SendAsync(Request("k", new { prompt = "2+2?" }), patience.Token);
        await arrived.Task;
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        JsonElement again;
        do
        {
            using var response = await host.Client.SendAsync(Request("k", new { prompt = "2+2?" }));
            again = await response.ReadAsync((int)response.StatusCode == 409 ? 409 : 200);
        }
        while (!again.TryGetProperty("output", out _));

        Assert.Equal("four", again.Text("output"));
        Assert.Single(model.Asked);
    }

    [Fact]
    public async Task Infer_FailureThatPasses_GivesTheKeyBack()
    {
        var asked = 0;
        await using var model = await ModelServer.StartAsync((context, _) =>
        {
            if (++asked > 1)
            {
                return ModelServer.SayAsync(context, "four");
            }

            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await using var host = await ModelHost.StartAsync(model.Providers);

        Assert.Equal("ai.unavailable", (await AskAsync(host, "k", new { prompt = "2+2?" }, 503)).Text("title"));
        Assert.Equal("four", (await AskAsync(host, "k", new { prompt = "2+2?" }, 200)).Text("output"));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task Infer_FailureForGood_IsTheAnswerAndBilledOnce()
    {
        await using var model = await ModelServer.StartAsync((context, _) => ModelServer.SayAsync(context, "not JSON"));
        await using var host = await ModelHost.StartAsync(model.Providers);
        var body = new { prompt = "2+2?", schema = JsonElement.Parse("""{"type":"object"}"""), repair = 1 };

        var first = await AskAsync(host, "k", body, 422);
        var again = await AskAsync(host, "k", body, 422);

        Assert.Equal(("ai.schema-invalid", first.Text("detail")), (again.Text("title"), again.Text("detail")));
        Assert.Equal(2, model.Asked.Count);
        Assert.Equal(2, (await host.Client.GetJsonAsync("/v1/usage")).GetProperty("total").GetProperty("calls").GetInt32());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    public async Task Infer_BadKey_IsRefused(string key)
    {
        await using var model = await ModelServer.StartAsync((context, _) => ModelServer.SayAsync(context, "four"));
        await using var host = await ModelHost.StartAsync(model.Providers);
        using var request = ApiServer.Json(HttpMethod.Post, "/v1/ai/infer", new { prompt = "x" });
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);

        await host.Client.SendAsync(request).ProblemAsync(400, "request.invalid");
    }

    [Fact]
    public async Task Infer_Trace_IsPassedOnWithASpanOfItsOwn()
    {
        await using var model = await ModelServer.StartAsync((context, _) => ModelServer.SayAsync(context, "four"));
        await using var host = await ModelHost.StartAsync(model.Providers);
        const string Caller = $"00-{TraceId}-00f067aa0ba902b7-01";
        for (var n = 0; n < 2; n++)
        {
            using var request = ApiServer.Json(HttpMethod.Post, "/v1/ai/infer", new { prompt = "x" });
            request.Headers.Add("traceparent", Caller);
            using var response = await host.Client.SendAsync(request);
            await response.ReadAsync(200);
        }

        var spans = model.Asked.Select(asked => asked.Headers["traceparent"]).ToArray();
        Assert.All(spans, span => Assert.Matches($"^00-{TraceId}-[0-9a-f]{{16}}-01$", span));
        Assert.Equal(3, spans.Append(Caller).Distinct().Count());
    }

    [Fact]
    public async Task Run_Trace_IsTheRunsOwn()
    {
        await using var model = await ModelServer.StartAsync((context, _) => ModelServer.SayAsync(context, "four"));
        await using var host = await ModelHost.StartAsync(model.Providers);
        await host.SaveAsync("prompt: x");
        var run = await host.StartAsync();
        await EventReader.ReadAllAsync(host.Client, $"/v1/executions/{run}/events", null);

        Assert.Matches($"^00-{run}-[0-9a-f]{{16}}-01$", Assert.Single(model.Asked).Headers["traceparent"]);
    }

    [Fact]
    public async Task Infer_StoredPrompt_FilledAndNamedInTheLog()
    {
        await using var model = await ModelServer.StartAsync((context, _) => ModelServer.SayAsync(context, "ok"));
        await using var host = await ModelHost.StartAsync(model.Providers);
        await host.Client.PostJsonAsync("/v1/templates", new { id = "greet", prompt = "Hello ${ variables.name }" }, 201);

        await host.Client.PostJsonAsync("/v1/ai/infer", new { template = new { id = "greet" }, variables = new { name = "${ 1 + 1 } $${" } });

        Assert.Equal("Hello ${ 1 + 1 } $${", model.Asked.Single().Body.GetProperty("messages")[0].Text("content"));
        var facts = (await host.Client.GetJsonAsync("/v1/audit/events?type=ai.response&limit=10")).Items().Single().GetProperty("data");
        Assert.Equal(("greet", 1), (facts.Text("template"), facts.GetProperty("template_version").GetInt32()));
        Assert.Equal("ai.template-unknown", (await host.Client.PostJsonAsync("/v1/ai/infer", new { template = new { id = "greet", version = 9 } }, 422)).Text("title"));
    }

    [Theory]
    [InlineData("""{"template":{"id":"a"},"prompt":"x"}""", "")]
    [InlineData("""{"template":{"id":"a"},"variables":[]}""", "/variables")]
    [InlineData("""{"template":{"id":"a"},"variables":{"a b":1}}""", "/variables")]
    [InlineData("""{"prompt":"x","variables":{"a":1}}""", "/variables")]
    [InlineData("""{"template":{"id":"a","version":0}}""", "/template/version")]
    public async Task Infer_StoredPromptNotOfTheForm_NamesTheField(string body, string pointer)
    {
        await using var model = await ModelServer.StartAsync((context, _) => ModelServer.SayAsync(context, "ok"));
        await using var host = await ModelHost.StartAsync(model.Providers);

        var problem = await host.Client.PostTextAsync("/v1/ai/infer", body, 400);

        Assert.StartsWith(pointer, problem.GetProperty("errors")[0].Text("pointer"), StringComparison.Ordinal);
        Assert.Empty(model.Asked);
    }

    private static HttpRequestMessage Request(string key, object body)
    {
        var request = ApiServer.Json(HttpMethod.Post, "/v1/ai/infer", body);
        request.Headers.Add("Idempotency-Key", key);
        return request;
    }

    private static async Task<JsonElement> AskAsync(ModelHost host, string key, object body, int status)
    {
        using var response = await host.Client.SendAsync(Request(key, body));
        return await response.ReadAsync(status);
    }
}
