using System.Text.Json;
using Countersign.Ai;
using Countersign.Core.Tests.Egress;
using Countersign.Core.Tests.Steps;
using Countersign.Egress;
using Countersign.Secrets;
using Microsoft.AspNetCore.Http;

namespace Countersign.Core.Tests.Ai;

public sealed class OpenAiProviderTests : ProviderTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AskAsync_RefusalOrFilter_RefusedAndBilled(bool filter)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json(JsonSerializer.Serialize(new
        {
            id = "c-1",
            @object = "chat.completion",
            created = 1,
            model = "m-1",
            choices = new[] { new { index = 0, finish_reason = filter ? "content_filter" : "stop", message = new { role = "assistant", content = (string?)null, refusal = filter ? null : "No." } } },
            usage = new { prompt_tokens = 5, completion_tokens = 2, total_tokens = 7 },
        })));

        var exception = await FailAsync(server, Request());

        Assert.Equal((ModelErrorCodes.Refused, false, 5L, 2L), (exception.Code, exception.Retryable, exception.PromptTokens, exception.OutputTokens));
    }

    [Fact]
    public async Task AskAsync_QuotaUsedUp_NotRetried()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("""{"error":{"code":"insufficient_quota","message":"x"}}""", 429));

        Assert.False((await FailAsync(server, Request())).Retryable);
    }

    [Fact]
    public async Task AskAsync_ServerWithoutFigures_Estimated()
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
            context.Json("""{"id":"c","object":"chat.completion","created":1,"model":"m-1","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"12345"}}]}"""));

        var response = await AskAsync(server, Request());

        Assert.Equal((true, 3L, 2L), (response.TokensAreEstimated, response.PromptTokens, response.OutputTokens));
    }

    [Theory]
    [InlineData(Schema, true)]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}}}""", false)]
    [InlineData("""{"type":"object","additionalProperties":false,"required":["a"],"properties":{"a":{"type":"string","minLength":2}}}""", false)]
    [InlineData("""{"type":"object","additionalProperties":false,"required":[],"properties":{"a":{"type":"string"}}}""", false)]
    public async Task AskAsync_Schema_StrictOnlyWhereItMayBe(string schema, bool strict)
    {
        await using var server = await LocalServer.StartAsync((context, _) => AnswerAsync(context, "{}", "m-1", 1, 1, truncated: false));

        await AskAsync(server, Request() with { Schema = JsonElement.Parse(schema), Seed = 42, MaxTokens = 9 });

        var body = JsonElement.Parse(Assert.Single(server.Requests).Body);
        Assert.Equal(strict, body.GetProperty("response_format").GetProperty("json_schema").GetProperty("strict").GetBoolean());
        Assert.Equal((42, 9), (body.GetProperty("seed").GetInt32(), body.GetProperty("max_completion_tokens").GetInt32()));
    }

    protected override IModelProvider Provider(Uri server, EgressHandler egress, TimeProvider time) =>
        new OpenAiProvider("test", new Uri(server, "/v1"), new Secret(Key), egress, time);

    protected override Task AnswerAsync(HttpContext context, string text, string model, int promptTokens, int outputTokens, bool truncated, bool json = false)
    {
        Assert.Equal("/v1/chat/completions", context.Request.Path);
        return OpenAiWire.AnswerAsync(context, text, model, promptTokens, outputTokens, truncated);
    }

    protected override Task StreamAsync(HttpContext context, IReadOnlyList<string> parts, int promptTokens, int outputTokens, bool complete, bool json) =>
        OpenAiWire.StreamAsync(context, parts, promptTokens, outputTokens, complete);

    protected override JsonElement SchemaIn(JsonElement body) => body.GetProperty("response_format").GetProperty("json_schema").GetProperty("schema");

    private protected override string KeyIn(Asked asked) => asked.Headers["Authorization"].Replace("Bearer ", "", StringComparison.Ordinal);
}
