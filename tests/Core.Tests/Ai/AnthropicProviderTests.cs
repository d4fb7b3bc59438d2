using System.Text.Json;
using Countersign.Ai;
using Countersign.Core.Tests.Egress;
using Countersign.Core.Tests.Steps;
using Countersign.Egress;
using Countersign.Secrets;
using Microsoft.AspNetCore.Http;

namespace Countersign.Core.Tests.Ai;

public sealed class AnthropicProviderTests : ProviderTests
{
    [Theory]
    [InlineData(-5, 2)]
    [InlineData(5, -2)]
    public async Task AskAsync_CountsThatCannotBeRight_AreEstimated(int prompt, int output)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json(Message("""[{"type":"text","text":"12345"}]""", "end_turn", "m-1", prompt, output)));

        var response = await AskAsync(server, Request());

        Assert.True(response.TokensAreEstimated);
        Assert.True(response is { PromptTokens: > 0, OutputTokens: > 0 });
    }

    [Fact]
    public async Task AskAsync_ErrorInAnAnswerOf200_IsThatError()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("""{"type":"error","error":{"type":"overloaded_error","message":"x"}}"""));

        var exception = await FailAsync(server, Request());

        Assert.Equal((ModelErrorCodes.Unavailable, true, false), (exception.Code, exception.Retryable, exception.MayBeBilled));
    }

    [Fact]
    public async Task AskAsync_Refusal_RefusedAndBilled()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json(Message("""[]""", "refusal", "m-1", 5, 2)));

        var exception = await FailAsync(server, Request());

        Assert.Equal((ModelErrorCodes.Refused, false, 5L, 2L), (exception.Code, exception.Retryable, exception.PromptTokens, exception.OutputTokens));
    }

    [Fact]
    public async Task AskAsync_OverloadInTheMiddleOfAStream_RetryableAndBilled()
    {
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            await StreamAsync(context, ["{"], 11, 0, complete: false, json: false);
            await SendAsync(context, "error", """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""");
        });

        var exception = await FailAsync(server, Request() with { OnDelta = _ => { } });

        Assert.Equal((ModelErrorCodes.Unavailable, true, 11L), (exception.Code, exception.Retryable, exception.PromptTokens));
    }

    [Fact]
    public async Task AskAsync_CachedTokens_AreTokensOfTheQuestion()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json(
            """{"id":"m","type":"message","role":"assistant","model":"m-1","content":[{"type":"text","text":"x"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"cache_creation_input_tokens":20,"cache_read_input_tokens":300,"output_tokens":2}}"""));

        Assert.Equal(321, (await AskAsync(server, Request())).PromptTokens);
    }

    [Fact]
    public async Task AskAsync_SaysSomethingBesideTheTool_OnlyTheToolCounts()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json(
            Message("""[{"type":"text","text":"Sure!"},{"type":"tool_use","id":"t","name":"answer","input":{"total":3}}]""", "tool_use", "m-1", 1, 1)));

        Assert.Equal("""{"total":3}""", (await AskAsync(server, Request() with { Schema = JsonElement.Parse(Schema) })).Text);
    }

    [Fact]
    public async Task AskAsync_NoLimitNamed_TheDefaultIsSent()
    {
        await using var server = await LocalServer.StartAsync((context, _) => AnswerAsync(context, "x", "m-1", 1, 1, truncated: false));

        await AskAsync(server, Request() with { Temperature = 1.8 });

        var body = JsonElement.Parse(Assert.Single(server.Requests).Body);
        Assert.Equal((AnthropicProvider.DefaultMaxTokens, 1), (body.GetProperty("max_tokens").GetInt32(), body.GetProperty("temperature").GetInt32()));
    }

    protected override IModelProvider Provider(Uri server, EgressHandler egress, TimeProvider time) =>
        new AnthropicProvider("test", server, new Secret(Key), egress, time);

    protected override Task AnswerAsync(HttpContext context, string text, string model, int promptTokens, int outputTokens, bool truncated, bool json = false)
    {
        Assert.Equal("/v1/messages", context.Request.Path);
        var content = json
            ? $$"""[{"type":"tool_use","id":"t-1","name":"answer","input":{{text}}}]"""
            : $$"""[{"type":"text","text":{{JsonSerializer.Serialize(text)}}}]""";
        return context.Json(Message(content, truncated ? "max_tokens" : json ? "tool_use" : "end_turn", model, promptTokens, outputTokens));
    }

    protected override async Task StreamAsync(HttpContext context, IReadOnlyList<string> parts, int promptTokens, int outputTokens, bool complete, bool json)
    {
        context.Response.ContentType = "text/event-stream";
        await SendAsync(context, "message_start", $$"""{"type":"message_start","message":{{Message("[]", null, "m-1", promptTokens, 1)}}}""");
        await SendAsync(context, "content_block_start", json
            ? """{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"answer","input":{}}}"""
            : """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""");
        foreach (var part in parts)
        {
            var delta = json
                ? $$"""{"type":"input_json_delta","partial_json":{{JsonSerializer.Serialize(part)}}}"""
                : $$"""{"type":"text_delta","text":{{JsonSerializer.Serialize(part)}}}""";
            await SendAsync(context, "content_block_delta", $$"""{"type":"content_block_delta","index":0,"delta":{{delta}}}""");
        }

        if (complete)
        {
            await SendAsync(context, "content_block_stop", """{"type":"content_block_stop","index":0}""");
            await SendAsync(context, "message_delta", $$$"""{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":{{{outputTokens}}}}}""");
            await SendAsync(context, "message_stop", """{"type":"message_stop"}""");
        }
    }

    protected override JsonElement SchemaIn(JsonElement body)
    {
        Assert.Equal("answer", body.GetProperty("tool_choice").Text("name"));
        return body.GetProperty("tools")[0].GetProperty("input_schema");
    }

    private protected override string KeyIn(Asked asked) => asked.Headers["Authorization"].Replace("Bearer ", "", StringComparison.Ordinal);

    private static string Message(string content, string? stop, string model, int promptTokens, int outputTokens) =>
        $$$"""{"id":"msg-1","type":"message","role":"assistant","model":"{{{model}}}","content":{{{content}}},"stop_reason":{{{JsonSerializer.Serialize(stop)}}},"stop_sequence":null,"usage":{"input_tokens":{{{promptTokens}}},"output_tokens":{{{outputTokens}}}}}""";

    private static async Task SendAsync(HttpContext context, string type, string data)
    {
        await context.Response.WriteAsync($"event: {type}\ndata: {data}\n\n");
        await context.Response.Body.FlushAsync();
    }
}
