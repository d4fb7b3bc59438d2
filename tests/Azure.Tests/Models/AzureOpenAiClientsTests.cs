using System.Text.Json;
using Azure.Core;
using Countersign.Ai;
using Countersign.Azure.Models;
using Countersign.Egress;
using Countersign.Secrets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.Azure.Tests.Models;

/// <summary>Azure.AI.OpenAI beside the OpenAI client that the product uses, against a server that speaks the wire format.</summary>
public sealed class AzureOpenAiClientsTests : IAsyncLifetime
{
    private const string Answer = """
        {"id":"c-1","object":"chat.completion","created":1,"model":"gpt-4.1-mini","choices":[{"index":0,"finish_reason":"stop",
        "message":{"role":"assistant","content":"{\"total\":7}"}}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}
        """;

    private readonly List<(string Path, string? Key, string? Authorization, string Body)> requests = [];
    private WebApplication server = null!;
    private EgressHandler egress = null!;
    private Uri endpoint = null!;
    private Func<HttpContext, Task> answer = context => WriteAsync(context, 200, Answer);

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        server = builder.Build();
        server.Urls.Add("http://127.0.0.1:0");
        server.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            requests.Add((context.Request.Path + context.Request.QueryString, context.Request.Headers["api-key"], context.Request.Headers.Authorization, await reader.ReadToEndAsync()));
            await answer(context);
        });
        await server.StartAsync();
        endpoint = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        egress = new EgressHandler(new EgressOptions { Allowed = [$"127.0.0.1:{endpoint.Port}"] });
    }

    public async Task DisposeAsync()
    {
        egress.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task AskAsync_SchemaAndKey_ReadsAnswerAndUsage()
    {
        using var provider = ByKey();
        var response = await provider.AskAsync(Request() with { Schema = JsonElement.Parse("""{"type":"object","properties":{"total":{"type":"integer"}}}""") }, default);

        Assert.Equal("{\"total\":7}", response.Text);
        Assert.Equal((5L, 2L), (response.PromptTokens, response.OutputTokens));
        var request = Assert.Single(requests);
        Assert.Equal(("/openai/deployments/small/chat/completions?api-version=2024-10-21", "secret-1"), (request.Path, request.Key));
        var body = JsonElement.Parse(request.Body);
        Assert.Equal("json_schema", body.GetProperty("response_format").GetProperty("type").GetString());
        Assert.Equal(100, body.GetProperty("max_completion_tokens").GetInt32());
        Assert.False(body.TryGetProperty("max_tokens", out _));
    }

    [Fact]
    public async Task AskAsync_Streaming_HandsOutPartsAndUsage()
    {
        answer = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("""data: {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m-1","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"},"finish_reason":null}]}""" + "\n\n");
            await context.Response.WriteAsync("""data: {"id":"c-1","object":"chat.completion.chunk","created":1,"model":"m-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}""" + "\n\ndata: [DONE]\n\n");
        };
        List<string> heard = [];
        using var provider = ByKey();
        var response = await provider.AskAsync(Request() with { OnDelta = heard.Add }, default);

        Assert.Equal(["Hello"], heard);
        Assert.Equal((5L, 2L), (response.PromptTokens, response.OutputTokens));
    }

    [Theory]
    [InlineData(400, """{"error":{"code":"content_filter","message":"filtered"}}""", ModelErrorCodes.Refused, false)]
    [InlineData(429, """{"error":{"code":"RateLimitReached","message":"slow down"}}""", ModelErrorCodes.RateLimited, true)]
    public async Task AskAsync_ErrorOfTheService_IsTyped(int status, string body, string code, bool retryable)
    {
        answer = context => WriteAsync(context, status, body);
        using var provider = ByKey();
        var error = await Assert.ThrowsAsync<ModelException>(async () => await provider.AskAsync(Request(), default));

        Assert.Equal((code, retryable, status), (error.Code, error.Retryable, error.Status));
        Assert.Single(requests);
    }

    [Fact]
    public async Task AskAsync_Identity_SendsItsTokenOfTheScope()
    {
        var credential = new FixedCredential("token-1");
        using var provider = new AzureOpenAiProvider("azure", AzureOpenAiClients.ByIdentity(endpoint, credential, null, "azure"), egress, TimeProvider.System);
        await provider.AskAsync(Request(), default);

        Assert.Equal("Bearer token-1", Assert.Single(requests).Authorization);
        Assert.Equal([AzureOpenAiProvider.DefaultScope], credential.Scopes);
    }

    [Fact]
    public async Task AskAsync_IdentityGetsNoToken_SignInFailed()
    {
        using var provider = new AzureOpenAiProvider("azure", AzureOpenAiClients.ByIdentity(endpoint, new FixedCredential(null), null, "azure"), egress, TimeProvider.System);
        var error = await Assert.ThrowsAsync<ModelException>(async () => await provider.AskAsync(Request(), default));

        Assert.Equal((ModelErrorCodes.SignInFailed, true), (error.Code, error.Retryable));
        Assert.Empty(requests);
    }

    private AzureOpenAiProvider ByKey() => new("azure", AzureOpenAiClients.ByKey(endpoint, new Secret("secret-1")), egress, TimeProvider.System);

    private static Task WriteAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body);
    }

    private sealed class FixedCredential(string? token) : TokenCredential
    {
        public string[] Scopes { get; private set; } = [];

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Scopes = requestContext.Scopes;
            return token is null ? throw new InvalidOperationException("no identity") : new AccessToken(token, DateTimeOffset.MaxValue);
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }

    private static ModelRequest Request() => new() { Model = "small", Messages = [new ModelMessage(ModelRole.User, "What is the total?")], MaxTokens = 100 };
}
