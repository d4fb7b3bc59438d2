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

    [Theory]
    [InlineData("null", ModelFinish.Other)]
    [InlineData("\"\"", ModelFinish.Other)]
    [InlineData("\"eos\"", ModelFinish.Stop)]
    [InlineData("\"done-by-itself\"", ModelFinish.Length)]
    [InlineData("\"time_limit\"", ModelFinish.Length)]
    [InlineData("\"out_of_tokens\"", ModelFinish.Length)]
    [InlineData("\"quota_exceeded\"", ModelFinish.Length)]
    [InlineData("\"?\"", ModelFinish.Length)]
    [InlineData("\"\\uff4c\\uff45\\uff4e\\uff47\\uff54\\uff48\"", ModelFinish.Length)]
    [InlineData("\"preempted\"", ModelFinish.Unfinished)]
    [InlineData("\"completed\"", ModelFinish.Stop)]
    [InlineData("{\"type\":\"length\",\"length\":10}", ModelFinish.Length)]
    [InlineData("{\"type\":\"stop\"}", ModelFinish.Stop)]
    [InlineData("{}", ModelFinish.Length)]
    [InlineData("true", ModelFinish.Length)]
    [InlineData("\"max_tokens\"", ModelFinish.Length)]
    [InlineData("\"MAX_TOKENS\"", ModelFinish.Length)]
    [InlineData("\"max-output-tokens\"", ModelFinish.Length)]
    [InlineData("\"incomplete\"", ModelFinish.Unfinished)]
    [InlineData("\"cancelled\"", ModelFinish.Unfinished)]
    [InlineData("\"Canceled\"", ModelFinish.Unfinished)]
    [InlineData("\"abort\"", ModelFinish.Unfinished)]
    [InlineData("\"error\"", ModelFinish.Unfinished)]
    [InlineData("\"tool_calls\"", ModelFinish.Unfinished)]
    [InlineData("7", ModelFinish.Length)]
    public async Task AskAsync_FinishReasonOfTheServersOwn_TakesTheAnswerAndTheTokens(string finish, ModelFinish expected)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("""
            {"id":7,"object":"x","created":1.5,"choices":[{"finish_reason":FINISH,"message":{"role":"model","content":"four","tool_calls":"none"}}],
             "usage":{"prompt_tokens":10.0,"completion_tokens":5,"total_tokens":"15","completion_tokens_details":7}}
            """.Replace("FINISH", finish, StringComparison.Ordinal)));

        var response = await AskAsync(server, Request());

        Assert.Equal(("four", expected, 10L, 5L, false), (response.Text, response.Finish, response.PromptTokens, response.OutputTokens, response.TokensAreEstimated));
    }

    [Theory]
    [InlineData("""{"choices":[{"finish_reason":"stop","message":{"content":"Let me look.","tool_calls":[{"id":"a"}]}}]}""")]
    [InlineData("""{"choices":[{"finish_reason":"stop","message":{"content":"Let me look.","function_call":{"name":"f"}}}]}""")]
    [InlineData("""{"status":"incomplete","choices":[{"finish_reason":"stop","message":{"content":"four"}}]}""")]
    [InlineData("""{"incomplete_details":{"reason":"x"},"choices":[{"finish_reason":"stop","message":{"content":"four"}}]}""")]
    [InlineData("""{"choices":[{"status":"failed","finish_reason":"stop","message":{"content":"four"}}]}""")]
    public async Task AskAsync_AnswerThatSaysItIsNone_DidNotFinish(string body)
    {
        await using var whole = await LocalServer.StartAsync((context, _) => context.Json(body));
        Assert.Equal(ModelFinish.Unfinished, (await AskAsync(whole, Request())).Finish);

        await using var streamed = await StreamAsync(body.Replace("\"stop\"", "null").Replace("message", "delta"), """{"choices":[{"finish_reason":"stop","delta":{}}]}""");
        Assert.Equal(ModelFinish.Unfinished, (await AskAsync(streamed, Request() with { OnDelta = _ => { } })).Finish);

        await using var without = await StreamAsync(body.Replace("\"stop\"", "null").Replace("message", "delta"));
        Assert.Equal(ModelFinish.Unfinished, (await AskAsync(without, Request() with { OnDelta = _ => { } })).Finish);
    }

    [Theory]
    [InlineData("""[{"type":"thinking","text":"do not "},{"type":"text","text":"pay"}]""", "pay")]
    [InlineData("""[{"type":"reasoning","text":"no"},{"type":"output_text","text":"pa"},{"text":"y"}]""", "pay")]
    [InlineData("""[{"type":"text","text":"Approved"},{"type":"refusal","refusal":"I cannot judge this"}]""", null)]
    [InlineData("""[{"type":"text","text":"Approved"},{"type":"refusal"}]""", null)]
    public async Task AskAsync_ContentInParts_TakesTextAndRefusalOnly(string parts, string? text)
    {
        var body = """{"choices":[{"finish_reason":"stop","message":{"content":PARTS}}]}""".Replace("PARTS", parts, StringComparison.Ordinal);
        await using var whole = await LocalServer.StartAsync((context, _) => context.Json(body));
        await using var streamed = await StreamAsync(body.Replace("message", "delta"));
        foreach (var (server, request) in new[] { (whole, Request()), (streamed, Request() with { OnDelta = _ => { } }) })
        {
            if (text is null)
            {
                Assert.Equal(ModelErrorCodes.Refused, (await FailAsync(server, request)).Code);
            }
            else
            {
                Assert.Equal((text, ModelFinish.Stop), ((await AskAsync(server, request)) is var response ? (response.Text, response.Finish) : default));
            }
        }
    }

    [Theory]
    [InlineData("""{"choices":[{"finish_reason":"length","finish_reason":"stop","message":{"content":"half"}}]}""", ModelErrorCodes.BadAnswer)]
    [InlineData("""{"choices":[{"finish_reason":"stop","message":{"content":"no","content":"yes"}}]}""", ModelErrorCodes.BadAnswer)]
    [InlineData("""{"choices":[{"error":{"code":502},"finish_reason":"stop","message":{"content":"half"}}]}""", ModelErrorCodes.Unavailable)]
    [InlineData("""{"choices":[{"finish_reason":"stop","message":{"content":"whole"}},{"error":{"code":429}}]}""", ModelErrorCodes.RateLimited)]
    public async Task AskAsync_AnswerWithTwoReadingsOrAnErrorInAChoice_IsRefused(string body, string code)
    {
        await using var whole = await LocalServer.StartAsync((context, _) => context.Json(body));
        Assert.Equal(code, (await FailAsync(whole, Request())).Code);

        await using var streamed = await StreamAsync(body.Replace("message", "delta"));
        Assert.Equal(code, (await FailAsync(streamed, Request() with { OnDelta = _ => { } })).Code);
    }

    [Theory]
    [InlineData("length", "stop", ModelFinish.Length)]
    [InlineData("error", "stop", ModelFinish.Unfinished)]
    [InlineData("error", "length", ModelFinish.Unfinished)]
    [InlineData("stop", "length", ModelFinish.Length)]
    [InlineData("stop", "stop", ModelFinish.Stop)]
    public async Task AskAsync_StreamWithTwoEnds_TakesTheWorse(string first, string second, ModelFinish expected)
    {
        await using var server = await StreamAsync(
            """{"choices":[{"delta":{"content":"four"},"finish_reason":"FIRST"}]}""".Replace("FIRST", first, StringComparison.Ordinal),
            """{"choices":[{"delta":{},"finish_reason":"SECOND"}]}""".Replace("SECOND", second, StringComparison.Ordinal));

        Assert.Equal(expected, (await AskAsync(server, Request() with { OnDelta = _ => { } })).Finish);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    public async Task AskAsync_StreamWithTwoChoices_TakesOneOfThem(int mine, int other)
    {
        string Part(int index, string text, string finish) => $$"""{"choices":[{"index":{{index}},"delta":{"content":"{{text}}"},"finish_reason":{{finish}}}]}""";
        await using var server = await StreamAsync(
            Part(mine, "pay 1", "null"), Part(other, "00000", "null"), Part(mine, " euro", "\"stop\""), Part(other, "", "\"stop\""));

        var response = await AskAsync(server, Request() with { OnDelta = _ => { } });

        Assert.Equal(("pay 1 euro", ModelFinish.Stop), (response.Text, response.Finish));
    }

    [Theory]
    [InlineData("event: error\ndata: {\"message\":\"overloaded\",\"code\":503}", ModelErrorCodes.Unavailable)]
    [InlineData("event: error\ndata: overloaded", ModelErrorCodes.Rejected)]
    [InlineData("data: {\"object\":\"error\",\"code\":429}", ModelErrorCodes.RateLimited)]
    [InlineData("data: {\"type\":\"error\",\"status\":\"500\"}", ModelErrorCodes.Unavailable)]
    public async Task AskAsync_ErrorEventInAStream_IsTheError(string error, string code)
    {
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(
                "data: {\"choices\":[{\"delta\":{\"content\":\"four\"}}]}\n\n" + error + "\n\n"
                + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
        });

        Assert.Equal(code, (await FailAsync(server, Request() with { OnDelta = _ => { } })).Code);
    }

    private static Task<LocalServer> StreamAsync(params string[] parts) => LocalServer.StartAsync(async (context, _) =>
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(string.Concat(parts.Append("[DONE]").Select(part => $"data: {part}\n\n")));
    });

    [Theory]
    [InlineData("SAFETY")]
    [InlineData("refusal")]
    [InlineData("content-filter")]
    public async Task AskAsync_FinishThatSaysRefused_IsRefused(string finish)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("""{"choices":[{"finish_reason":"FINISH","message":{"content":"four"}}]}""".Replace("FINISH", finish, StringComparison.Ordinal)));

        Assert.Equal(ModelErrorCodes.Refused, (await FailAsync(server, Request())).Code);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":-5000,"completion_tokens":2}""")]
    [InlineData("""{"prompt_tokens":5,"completion_tokens":-2}""")]
    [InlineData("""{"prompt_tokens":5,"completion_tokens":2.5}""")]
    [InlineData("""{"prompt_tokens":1e300,"completion_tokens":2}""")]
    [InlineData("""{"prompt_tokens":"5","completion_tokens":2}""")]
    [InlineData("[]")]
    public async Task AskAsync_CountsThatCannotBeRight_AreEstimated(string usage)
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
            context.Json("""{"choices":[{"finish_reason":"stop","message":{"content":"12345"}}],"usage":""" + usage + "}"));

        var response = await AskAsync(server, Request());

        Assert.Equal((true, 3L, 2L), (response.TokensAreEstimated, response.PromptTokens, response.OutputTokens));
    }

    [Theory]
    [InlineData("""{"error":{"message":"overloaded","code":503}}""", ModelErrorCodes.Unavailable, true)]
    [InlineData("""{"error":{"message":"x","code":"429"}}""", ModelErrorCodes.RateLimited, true)]
    [InlineData("""{"error":{"message":"x","type":"rate_limit_exceeded"}}""", ModelErrorCodes.RateLimited, true)]
    [InlineData("""{"error":{"message":"x","type":"insufficient_quota"}}""", ModelErrorCodes.RateLimited, false)]
    [InlineData("""{"error":{"message":"x","type":"server_error"}}""", ModelErrorCodes.Unavailable, true)]
    [InlineData("""{"error":{"message":"x","code":"invalid_api_key"}}""", ModelErrorCodes.Rejected, false)]
    [InlineData("""{"error":"no such model"}""", ModelErrorCodes.Rejected, false)]
    public async Task AskAsync_ErrorInAnAnswerOf200_IsThatErrorAndNotBilled(string body, string code, bool retryable)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json(body));

        var exception = await FailAsync(server, Request());

        Assert.Equal((code, retryable, false), (exception.Code, exception.Retryable, exception.MayBeBilled));
        Assert.DoesNotContain("no such", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data: [DONE]\n\n", true)]
    [InlineData("", false)]
    public async Task AskAsync_StreamWithoutAFinish_IsWholeWhereItSaysThatItIsDone(string end, bool whole)
    {
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"created\":1.5,\"choices\":[{\"delta\":{\"role\":\"model\",\"content\":\"fo\"}}]}\n\n");
            await context.Response.WriteAsync("data: {\"choices\":[{\"delta\":{\"content\":\"ur\"},\"finish_reason\":\"\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}\n\n" + end);
        });
        var heard = new System.Text.StringBuilder();
        var request = Request() with { OnDelta = part => heard.Append(part) };

        if (whole)
        {
            var response = await AskAsync(server, request);
            Assert.Equal(("four", 3L, 1L, false), (response.Text, response.PromptTokens, response.OutputTokens, response.TokensAreEstimated));
        }
        else
        {
            Assert.Equal(ModelErrorCodes.Unreachable, (await FailAsync(server, request)).Code);
        }

        Assert.Equal("four", heard.ToString());
    }

    [Fact]
    public async Task AskAsync_ErrorInTheMiddleOfAStream_IsThatError()
    {
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"choices\":[{\"delta\":{\"content\":\"fo\"}}]}\n\ndata: {\"error\":{\"code\":503}}\n\n");
        });

        var exception = await FailAsync(server, Request() with { OnDelta = _ => { } });

        Assert.Equal((ModelErrorCodes.Unavailable, true), (exception.Code, exception.Retryable));
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
