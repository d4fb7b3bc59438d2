using System.Globalization;
using System.Text.Json;

namespace Countersign.Api.Tests;

public sealed class AiTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static readonly JsonElement Schema = JsonElement.Parse("""{"type":"object","required":["count"],"properties":{"count":{"type":"integer"}}}""");

    [Fact]
    public async Task Infer_WithSchema_AnswersWithinItAndIsInTheLog()
    {
        var answer = await server.Engineer.PostJsonAsync("/v1/ai/infer", new { prompt = "How many? ${ not.an.expression }", schema = Schema });
        Assert.Equal(JsonValueKind.Number, answer.GetProperty("output").GetProperty("count").ValueKind);
        var log = (await server.Admin.GetJsonAsync("/v1/audit/events?type=ai.*&actor=eve&limit=200")).Items()
            .Where(entry => entry.Text("transactionId") == answer.Text("id")).ToArray();
        Assert.Equal(["ai.requested", "ai.response"], log.Select(entry => entry.Text("type")));
        Assert.True(log[1].GetProperty("data").GetProperty("prompt_tokens").GetInt64() > 0);
        Assert.DoesNotContain("How many?", log[1].GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_WithoutSchema_AnswersWithText() =>
        Assert.Equal(JsonValueKind.String, (await server.Engineer.PostJsonAsync("/v1/ai/infer", new { prompt = "Say something." })).GetProperty("output").ValueKind);

    [Theory]
    [InlineData("""{"prompt":"x","schema":{"type":"nonsense"}}""", "/schema")]
    [InlineData("""{"prompt":"x","temperature":9}""", "/temperature")]
    [InlineData("""{"prompt":"x","maxTokens":0}""", "/maxTokens")]
    [InlineData("""{"prompt":"x","repair":50}""", "/repair")]
    [InlineData("""{"schema":{}}""", "")]
    public async Task Infer_NotOfTheForm_NamesTheField(string body, string pointer)
    {
        var problem = await server.Engineer.PostTextAsync("/v1/ai/infer", body, 400);
        Assert.StartsWith(pointer, problem.GetProperty("errors")[0].Text("pointer"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_UnknownProvider_IsRefused() =>
        Assert.Equal("ai.provider-unknown", (await server.Engineer.PostJsonAsync("/v1/ai/infer", new { prompt = "x", provider = "none" }, 422)).Text("title"));

    [Theory]
    [InlineData("model")]
    [InlineData("provider")]
    [InlineData("run")]
    [InlineData("step")]
    [InlineData("actor")]
    public async Task Usage_Totals_AreTheSumOfTheEvents(string by)
    {
        var run = (await server.StartAsync("model", new { text = "usage" })).Text("id");
        await server.Engineer.PostJsonAsync("/v1/ai/infer", new { prompt = "x", schema = Schema });
        var usage = await server.Admin.GetJsonAsync("/v1/usage?by=" + by);
        var events = (await server.Admin.GetJsonAsync("/v1/audit/events?type=ai.response&limit=200")).Items()
            .Where(entry => entry.GetProperty("sequence").GetInt64() <= usage.GetProperty("upTo").GetInt64()).Select(entry => entry.GetProperty("data")).ToArray();
        var total = usage.GetProperty("total");
        Assert.Equal(events.Length, total.GetProperty("calls").GetInt32());
        foreach (var (field, fact) in new[] { ("promptTokens", "prompt_tokens"), ("outputTokens", "output_tokens"), ("latencyMs", "latency_ms") })
        {
            Assert.Equal(events.Sum(facts => facts.GetProperty(fact).GetInt64()), total.GetProperty(field).GetInt64());
            Assert.Equal(total.GetProperty(field).GetInt64(), usage.GetProperty("groups").EnumerateArray().Sum(group => group.GetProperty(field).GetInt64()));
        }

        var cost = events.Sum(facts => facts.TryGetProperty("cost_usd", out var usd) ? decimal.Parse(usd.GetString()!, CultureInfo.InvariantCulture) : 0);
        Assert.Equal(cost, decimal.Parse(total.Text("costUsd"), CultureInfo.InvariantCulture));
        var one = await server.Admin.GetJsonAsync($"/v1/usage?run={run}&by={by}");
        Assert.Equal(1, one.GetProperty("total").GetProperty("calls").GetInt32());
        Assert.Equal(1, (await server.Admin.GetJsonAsync($"/v1/usage?run={run}&actor=eve")).GetProperty("total").GetProperty("calls").GetInt32());
        Assert.Equal(0, (await server.Admin.GetJsonAsync($"/v1/usage?run={run}&actor=run")).GetProperty("total").GetProperty("calls").GetInt32());
        var key = Assert.Single(one.GetProperty("groups").EnumerateArray()).Text("key");
        Assert.Equal(by switch { "run" => run, "step" => run + "/ask", "provider" => "mock", "actor" => "eve", _ => key }, key);
    }

    [Theory]
    [InlineData("by=day")]
    [InlineData("since=never")]
    public async Task Usage_BadQuery_IsRefused(string query) => await server.Admin.GetJsonAsync("/v1/usage?" + query, 400);
}
