using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Countersign.Ai;
using Countersign.Core.Tests.Egress;
using Countersign.Core.Tests.Steps;
using Countersign.Egress;
using Countersign.Secrets;
using Countersign.Steps;
using Microsoft.AspNetCore.Http;

namespace Countersign.Core.Tests.Ai;

public sealed class AzureOpenAiProviderTests : ProviderTests
{
    private const string Filtered = """
        {"error":{"message":"The response was filtered. What is it?","type":null,"param":"prompt","code":"content_filter","status":400,
        "innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":true,"severity":"high"}}}}}
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AskAsync_PromptFiltered_RefusedNotRetriedAndPriced(bool streaming)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json(Filtered, 400));

        var exception = await FailAsync(server, Request() with { OnDelta = streaming ? _ => { } : null });

        Assert.Equal((ModelErrorCodes.Refused, false, 400, true), (exception.Code, exception.Retryable, exception.Status, exception.MayBeBilled));
        Assert.DoesNotContain("What is it", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AskAsync_AnswerFiltered_RefusedAndBilled()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("""
            {"id":"c-1","object":"chat.completion","created":1,"model":"gpt-4o-2024-11-20","choices":[{"index":0,"finish_reason":"content_filter",
            "message":{"role":"assistant","content":""},"content_filter_results":{"violence":{"filtered":true,"severity":"medium"}}}],
            "prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}
            """));

        var exception = await FailAsync(server, Request());

        Assert.Equal((ModelErrorCodes.Refused, false, 5L, 2L), (exception.Code, exception.Retryable, exception.PromptTokens, exception.OutputTokens));
    }

    [Fact]
    public async Task AskAsync_StreamFiltered_RefusedAfterWhatWasHeard()
    {
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("""data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]}""" + "\n\n");
            await context.Response.WriteAsync("""data: {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m-1","choices":[{"index":0,"delta":{"role":"assistant","content":"So"},"finish_reason":null}]}""" + "\n\n");
            await context.Response.WriteAsync("""data: {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m-1","choices":[{"index":0,"delta":{},"finish_reason":"content_filter"}]}""" + "\n\ndata: [DONE]\n\n");
        });
        List<string> heard = [];

        var exception = await FailAsync(server, Request() with { OnDelta = heard.Add });

        Assert.Equal((ModelErrorCodes.Refused, true), (exception.Code, exception.MayBeBilled));
        Assert.Equal(["So"], heard);
    }

    [Theory]
    [InlineData("retry-after-ms", "1234", 1234)]
    [InlineData("retry-after-ms", "nonsense", 2000)]
    [InlineData("retry-after-ms", "-5", 2000)]
    [InlineData("retry-after-ms", "1e300", 2000)]
    [InlineData("x-other", "1", 2000)]
    public async Task AskAsync_SlowDown_WaitsToTheMillisecondWhereItIsTold(string header, string value, int milliseconds)
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.Headers.RetryAfter = "2";
            context.Response.Headers[header] = value;
            context.Response.Headers["apim-request-id"] = "apim-1";
            return context.Json("""{"error":{"code":"RateLimitReached","message":"Requests have exceeded the rate limit."}}""", 429);
        });

        var exception = await FailAsync(server, Request());

        Assert.Equal((ModelErrorCodes.RateLimited, true, TimeSpan.FromMilliseconds(milliseconds), "apim-1"), (exception.Code, exception.Retryable, exception.RetryAfter, exception.RequestId));
    }

    [Theory]
    [InlineData("", "/openai/v1/chat/completions")]
    [InlineData("/openai/v1", "/openai/v1/chat/completions")]
    [InlineData("/openai/v1/", "/openai/v1/chat/completions")]
    [InlineData("/gateway/openai/v1/", "/gateway/openai/v1/chat/completions")]
    public async Task AskAsync_EndpointWithOrWithoutPath_VersionOne(string path, string asked)
    {
        await using var server = await LocalServer.StartAsync((context, _) => AnswerPlainAsync(context));
        using var egress = new EgressHandler(new EgressOptions { Allowed = [server.Target] });
        using var provider = new AzureOpenAiProvider("test", new Uri(server.Url + path), new Secret(Key), egress, TimeProvider.System);

        await provider.AskAsync(Request(), default);

        var request = Assert.Single(server.Requests);
        Assert.Equal((asked, ""), (request.Path, request.Query));
        Assert.False(request.Headers.ContainsKey("Authorization"));
        Assert.Equal("m-1", JsonElement.Parse(request.Body).GetProperty("model").GetString());
    }

    [Fact]
    public async Task AskAsync_Entra_BearerTokenOfTheScope()
    {
        await using var server = await SecureServer.StartAsync(AnswerPlainAsync);
        using var egress = server.Egress();
        var identity = new FakeIdentity("token-1");
        using var provider = new AzureOpenAiProvider("test", new Uri(server.Url), identity, null, egress, TimeProvider.System);

        await provider.AskAsync(Request(), default);

        Assert.Equal(["Bearer token-1"], server.Authorizations);
        Assert.Equal([AzureOpenAiProvider.DefaultScope], identity.Scopes);
        Assert.Equal("/openai/v1/chat/completions", server.Paths[0]);
    }

    [Fact]
    public async Task AskAsync_EntraWithoutToken_TypedRetryableAndNothingSent()
    {
        await using var server = await SecureServer.StartAsync(AnswerPlainAsync);
        using var egress = server.Egress();
        using var provider = new AzureOpenAiProvider("test", new Uri(server.Url), new FakeIdentity(null), "https://cognitiveservices.azure.us/.default", egress, TimeProvider.System);

        var exception = await Assert.ThrowsAsync<ModelException>(() => provider.AskAsync(Request(), default).AsTask());

        Assert.Equal((ModelErrorCodes.SignInFailed, true, false), (exception.Code, exception.Retryable, exception.MayBeBilled));
        Assert.DoesNotContain("tenant-canary", exception.Message, StringComparison.Ordinal);
        Assert.Empty(server.Paths);
    }

    [Fact]
    public async Task AskAsync_EntraInTheOpen_NoTokenIsSent()
    {
        await using var server = await LocalServer.StartAsync((context, _) => AnswerPlainAsync(context));
        using var egress = new EgressHandler(new EgressOptions { Allowed = [server.Target] });
        using var provider = new AzureOpenAiProvider("test", new Uri(server.Url), new FakeIdentity("token-1"), null, egress, TimeProvider.System);

        await Assert.ThrowsAsync<ModelException>(() => provider.AskAsync(Request(), default).AsTask());

        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task ExecuteAsync_PromptFiltered_PricedByAnEstimate()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json(Filtered, 400));
        using var egress = new EgressHandler(new EgressOptions { Allowed = [server.Target] });
        var models = new ModelCatalog(
            [new CatalogEntry(Provider(new Uri(server.Url), egress, TimeProvider.System), "m-1")], "test", new PriceTable(new Dictionary<string, ModelPrice> { ["test/m-1"] = new(1m, 10m) }));

        var result = await new AiGenerateExecutor(models, TimeProvider.System).NotedAsync(Executions.Of("ai_generate", "prompt: Twelve chars"), default);

        var failed = Assert.Single(result.Entries).Payload;
        Assert.Equal((3, 0, "0.000003", true), (failed.GetProperty("prompt_tokens").GetInt32(), failed.GetProperty("output_tokens").GetInt32(), failed.Text("cost_usd"), failed.GetProperty("estimated").GetBoolean()));
        Assert.Equal((ModelErrorCodes.Refused, false), (result.Error!.Type, result.Error.Retryable));
    }

    protected override IModelProvider Provider(Uri server, EgressHandler egress, TimeProvider time) =>
        new AzureOpenAiProvider("test", server, new Secret(Key), egress, time);

    protected override Task AnswerAsync(HttpContext context, string text, string model, int promptTokens, int outputTokens, bool truncated, bool json = false)
    {
        Assert.Equal("/openai/v1/chat/completions", context.Request.Path);
        return OpenAiWire.AnswerAsync(context, text, model, promptTokens, outputTokens, truncated);
    }

    protected override Task StreamAsync(HttpContext context, IReadOnlyList<string> parts, int promptTokens, int outputTokens, bool complete, bool json) =>
        OpenAiWire.StreamAsync(context, parts, promptTokens, outputTokens, complete);

    protected override JsonElement SchemaIn(JsonElement body) => body.GetProperty("response_format").GetProperty("json_schema").GetProperty("schema");

    private protected override string KeyIn(Asked asked) => asked.Headers["api-key"];

    private static Task AnswerPlainAsync(HttpContext context) => OpenAiWire.AnswerAsync(context, "ok", "gpt-4o-2024-11-20", 1, 1, truncated: false);

    /// <summary>An identity that hands out one token, or fails.</summary>
    private sealed class FakeIdentity(string? token) : AuthenticationTokenProvider
    {
        public List<string> Scopes { get; } = [];

        public override GetTokenOptions? CreateTokenOptions(IReadOnlyDictionary<string, object> properties) => new(properties);

        public override AuthenticationToken GetToken(GetTokenOptions options, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override ValueTask<AuthenticationToken> GetTokenAsync(GetTokenOptions options, CancellationToken cancellationToken)
        {
            var scopes = (ReadOnlyMemory<string>)options.Properties[GetTokenOptions.ScopesPropertyName];
            Scopes.AddRange(scopes.ToArray());
            return token is null
                ? throw new InvalidOperationException("tenant-canary")
                : new(new AuthenticationToken(token, "Bearer", DateTimeOffset.MaxValue, DateTimeOffset.MaxValue));
        }
    }
}
