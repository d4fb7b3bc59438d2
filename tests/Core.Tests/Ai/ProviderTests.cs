using System.Text.Json;
using Countersign.Ai;
using Countersign.Core.Tests.Egress;
using Countersign.Core.Tests.Steps;
using Countersign.Egress;
using Countersign.Secrets;
using Countersign.Steps;
using Microsoft.AspNetCore.Http;

namespace Countersign.Core.Tests.Ai;

/// <summary>What every provider does, whatever its wire format; each joins by saying how its vendor's server answers.</summary>
public abstract class ProviderTests
{
    protected const string Key = "sk-c4nary-key-0123456789";

    protected const string Schema = """{"type":"object","additionalProperties":false,"required":["total"],"properties":{"total":{"type":"number"}}}""";

    private static readonly DateTimeOffset Now = new(2026, 10, 21, 7, 28, 0, TimeSpan.Zero);

    [Fact]
    public async Task AskAsync_Text_AnswerAndFigures()
    {
        await using var server = await LocalServer.StartAsync((context, _) => AnswerAsync(context, "Bonjour", "m-1-2026", 11, 7, truncated: false));
        var response = await AskAsync(server, Request() with { System = "Be brief.", MaxTokens = 50, Temperature = 0.5 });

        Assert.Equal(("Bonjour", "m-1-2026", "test", 11L, 7L), (response.Text, response.Model, response.Provider, response.PromptTokens, response.OutputTokens));
        Assert.Equal((ModelFinish.Stop, false), (response.Finish, response.TokensAreEstimated));
        Assert.False(string.IsNullOrEmpty(response.RequestId));
        var asked = Assert.Single(server.Requests);
        Assert.Equal(Key, KeyIn(asked));
        var body = JsonElement.Parse(asked.Body);
        Assert.Equal("m-1", body.Text("model"));
        Assert.Equal(0.5, body.GetProperty("temperature").GetDouble());
        Assert.Contains("Be brief.", asked.Body, StringComparison.Ordinal);
        Assert.Contains("What is it?", asked.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AskAsync_Schema_SentAndAnswered()
    {
        await using var server = await LocalServer.StartAsync((context, _) => AnswerAsync(context, """{"total":3}""", "m-1", 1, 1, truncated: false, json: true));

        var response = await AskAsync(server, Request() with { Schema = JsonElement.Parse(Schema) });

        Assert.Equal("""{"total":3}""", response.Text);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(Schema), SchemaIn(JsonElement.Parse(Assert.Single(server.Requests).Body))));
    }

    [Fact]
    public async Task AskAsync_SchemaOfNoObject_ToldInWords()
    {
        await using var server = await LocalServer.StartAsync((context, _) => AnswerAsync(context, "[1]", "m-1", 1, 1, truncated: false));

        var response = await AskAsync(server, Request() with { Schema = JsonElement.Parse("""{"type":"array","items":{"type":"integer"}}""") });

        Assert.Equal("[1]", response.Text);
        Assert.Contains("must satisfy this JSON Schema", Assert.Single(server.Requests).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AskAsync_CutOffByItsLimit_SaysSo()
    {
        await using var server = await LocalServer.StartAsync((context, _) => AnswerAsync(context, "Bon", "m-1", 1, 1, truncated: true));

        Assert.Equal(ModelFinish.Length, (await AskAsync(server, Request())).Finish);
    }

    [Fact]
    public async Task AskAsync_Conversation_RolesAreKept()
    {
        await using var server = await LocalServer.StartAsync((context, _) => AnswerAsync(context, "ok", "m-1", 1, 1, truncated: false));

        await AskAsync(server, Request() with { Messages = [new(ModelRole.User, "one"), new(ModelRole.Assistant, "two"), new(ModelRole.User, "three")] });

        var messages = JsonElement.Parse(Assert.Single(server.Requests).Body).GetProperty("messages").EnumerateArray().Select(message => message.Text("role"));
        Assert.Equal(["user", "assistant", "user"], messages);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AskAsync_Stream_PartsInOrderAndFiguresAtTheEnd(bool schema)
    {
        string[] parts = ["{\"to", "tal\"", ":3}"];
        await using var server = await LocalServer.StartAsync((context, _) => StreamAsync(context, parts, 11, 7, complete: true, json: schema));
        List<string> heard = [];

        var response = await AskAsync(server, Request() with { OnDelta = heard.Add, Schema = schema ? JsonElement.Parse(Schema) : null });

        Assert.Equal(parts, heard);
        Assert.Equal(("{\"total\":3}", 11L, 7L, ModelFinish.Stop, false), (response.Text, response.PromptTokens, response.OutputTokens, response.Finish, response.TokensAreEstimated));
        Assert.True(JsonElement.Parse(Assert.Single(server.Requests).Body).GetProperty("stream").GetBoolean());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AskAsync_StreamBreaksOff_RetryableAndNoAnswer(bool abort)
    {
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            await StreamAsync(context, ["{\"to"], 11, 7, complete: false, json: false);
            if (abort)
            {
                await context.Response.Body.FlushAsync();
                context.Abort();
            }
        });

        var exception = await FailAsync(server, Request() with { OnDelta = _ => { } });

        Assert.Equal((ModelErrorCodes.Unreachable, true), (exception.Code, exception.Retryable));
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(400, ModelErrorCodes.Rejected, false)]
    [InlineData(401, ModelErrorCodes.Rejected, false)]
    [InlineData(404, ModelErrorCodes.Rejected, false)]
    [InlineData(408, ModelErrorCodes.Unavailable, true)]
    [InlineData(429, ModelErrorCodes.RateLimited, true)]
    [InlineData(500, ModelErrorCodes.Unavailable, true)]
    [InlineData(503, ModelErrorCodes.Unavailable, true)]
    [InlineData(529, ModelErrorCodes.Unavailable, true)]
    public async Task AskAsync_ErrorStatus_TypedAndAskedOnce(int status, string code, bool retryable)
    {
        foreach (var streaming in new[] { false, true })
        {
            await using var server = await LocalServer.StartAsync((context, asked) =>
            {
                context.Response.Headers.RetryAfter = "7";
                context.Response.Headers["x-request-id"] = "r-9";
                return context.Json(JsonSerializer.Serialize(new { error = new { type = "some_error", message = $"Wrong key {KeyIn(asked)} for What is it?" } }), status);
            });

            var exception = await FailAsync(server, Request() with { OnDelta = streaming ? _ => { } : null });

            Assert.Equal((code, retryable, status, TimeSpan.FromSeconds(7)), (exception.Code, exception.Retryable, exception.Status, exception.RetryAfter));
            Assert.Equal("r-9", exception.RequestId);
            Assert.Contains("some_error", exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Key, exception.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("What is it", exception.ToString(), StringComparison.Ordinal);
            Assert.Single(server.Requests);
        }
    }

    [Fact]
    public async Task AskAsync_RetryAfterAsADate_FromNow()
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.Headers.RetryAfter = "Wed, 21 Oct 2026 07:28:45 GMT";
            return context.Json("{}", 429);
        });

        Assert.Equal(TimeSpan.FromSeconds(45), (await FailAsync(server, Request())).RetryAfter);
    }

    [Theory]
    [InlineData("<html>busy</html>")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    public async Task AskAsync_AnswerThatIsNone_Typed(string body)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json(body));

        var exception = await FailAsync(server, Request());

        Assert.Equal((ModelErrorCodes.BadAnswer, false), (exception.Code, exception.Retryable));
    }

    [Fact]
    public async Task AskAsync_BodyCutOff_Retryable()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Cut("{\"id\":"));

        var exception = await FailAsync(server, Request());

        Assert.Equal((ModelErrorCodes.Unreachable, true), (exception.Code, exception.Retryable));
    }

    [Fact]
    public async Task AskAsync_NobodyListens_Retryable()
    {
        var server = await LocalServer.StartAsync((context, _) => context.Json("{}"));
        await server.DisposeAsync();

        var exception = await FailAsync(server, Request());

        Assert.Equal((ModelErrorCodes.Unreachable, true), (exception.Code, exception.Retryable));
    }

    [Fact]
    public async Task AskAsync_RedirectToAPrivateAddress_Refused()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Redirect("http://169.254.169.254/latest", 307));

        var exception = await FailAsync(server, Request());

        Assert.Equal((EgressCodes.BlockedAddress, false), (exception.Code, exception.Retryable));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task AskAsync_RedirectElsewhere_KeyStaysBehind()
    {
        await using var other = await LocalServer.StartAsync((context, _) => context.Json("{}", 400));
        await using var server = await LocalServer.StartAsync((context, _) => context.Redirect(other.Url, 307));
        using var egress = new EgressHandler(new EgressOptions { Allowed = [server.Target, other.Target] });
        var provider = Provider(new Uri(server.Url), egress, new FixedTime());

        await Assert.ThrowsAsync<ModelException>(() => provider.AskAsync(Request(), default).AsTask());

        Assert.DoesNotContain(Key, JsonSerializer.Serialize(Assert.Single(other.Requests)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AskAsync_EndpointNotAllowed_NeverCalled()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("{}"));
        using var egress = new EgressHandler(new EgressOptions());

        var exception = await Assert.ThrowsAsync<ModelException>(() => Provider(new Uri(server.Url), egress, new FixedTime()).AskAsync(Request(), default).AsTask());

        Assert.Equal(EgressCodes.BlockedAddress, exception.Code);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task AskAsync_TimeIsUp_GivenUp()
    {
        var arrived = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            using var registration = context.RequestAborted.Register(left.SetResult);
            arrived.SetResult();
            await left.Task;
        });
        using var time = new CancellationTokenSource();

        var asking = AskAsync(server, Request(), time.Token);
        await arrived.Task;
        await time.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await left.Task;
    }

    [Fact]
    public async Task ExecuteAsync_WrongSchemaThenRight_RepairedOverTheWire()
    {
        var answers = 0;
        await using var server = await LocalServer.StartAsync((context, _) =>
            AnswerAsync(context, ++answers == 1 ? """{"total":"three"}""" : """{"total":3}""", "m-1", 10, 5, truncated: false, json: true));
        using var egress = new EgressHandler(new EgressOptions { Allowed = [server.Target] });
        var models = new ModelCatalog(
            [new CatalogEntry(Provider(new Uri(server.Url), egress, new FixedTime()), "m-1")], "test", new PriceTable(new Dictionary<string, ModelPrice> { ["test/m-1"] = new(1m, 10m) }));

        var result = await new AiGenerateExecutor(models, TimeProvider.System).NotedAsync(Executions.Of("ai_generate", $"prompt: Read\nschema: {Schema}"), default);

        Assert.Null(result.Error);
        Assert.Equal(3, result.Output!.Value.GetProperty("total").GetDouble());
        Assert.Equal(2, server.Requests.Count);
        Assert.Contains("total", JsonElement.Parse(server.Requests.Last().Body).GetProperty("messages").EnumerateArray().Last().GetRawText(), StringComparison.Ordinal);
        Assert.Equal(["0.00006", null, "0.00006"], result.Entries.Select(entry => entry.Payload.TryGetProperty("cost_usd", out var cost) ? cost.GetString() : null));
    }

    protected static ModelRequest Request() => new() { Model = "m-1", Messages = [new ModelMessage(ModelRole.User, "What is it?")] };

    protected async Task<ModelResponse> AskAsync(object server, ModelRequest request, CancellationToken cancellationToken = default)
    {
        var local = (LocalServer)server;
        using var egress = new EgressHandler(new EgressOptions { Allowed = [local.Target] });
        return await Provider(new Uri(local.Url), egress, new FixedTime()).AskAsync(request, cancellationToken);
    }

    protected async Task<ModelException> FailAsync(object server, ModelRequest request) =>
        await Assert.ThrowsAsync<ModelException>(() => AskAsync(server, request));

    protected abstract IModelProvider Provider(Uri server, EgressHandler egress, TimeProvider time);

    protected abstract Task AnswerAsync(HttpContext context, string text, string model, int promptTokens, int outputTokens, bool truncated, bool json = false);

    protected abstract Task StreamAsync(HttpContext context, IReadOnlyList<string> parts, int promptTokens, int outputTokens, bool complete, bool json);

    protected abstract JsonElement SchemaIn(JsonElement body);

    private protected abstract string KeyIn(Asked asked);

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
