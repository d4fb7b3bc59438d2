using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Countersign.Ledger;
using Countersign.Secrets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Host.Tests;

public sealed class ProvidersTests : IDisposable
{
    private const string Key = "sk-c4nary-0123456789";

    private const string Ask = """
        language: "1.0"
        name: ask
        version: 1.0.0
        start: ask
        steps:
          - id: ask
            type: ai_generate
            prompt: Say something.
            PROVIDER
        output: "${ steps.ask.output }"
        """;

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_WithProviders_AsksThemWithTheKeyAndPricesTheAnswer(bool secret)
    {
        await using var model = await Model.StartAsync();
        var providers = $$"""
            providers:
              - { name: house, type: openai, endpoint: "{{model.Address}}/v1", model: llama, key: { {{(secret ? "secret: house" : "env: HOUSE_KEY")}} } }
            prices:
              - { model: house/*, input: 2, output: 3 }
            """;
        if (secret)
        {
            await SetSecretAsync();
        }

        var outcome = await Countersign.RunAsync(
            new Dictionary<string, string> { ["HOUSE_KEY"] = secret ? "" : Key }, "run", Definition("stream: true"), "--data", folder["data"], "--providers", folder.Write("providers.yaml", providers));

        Assert.True(outcome.Code == 0, outcome.All);
        Assert.Contains("Completed: \"from the house", outcome.Output, StringComparison.Ordinal);
        Assert.Equal([("Bearer " + Key, "llama")], model.Asked);
        Assert.DoesNotContain(Key, outcome.All, StringComparison.Ordinal);
        Assert.Equal(("house", "0.000044"), await ResponseAsync());
    }

    [Fact]
    public async Task Run_ContentInTheEnvironment_IsTheSame()
    {
        await using var model = await Model.StartAsync();
        var content = JsonSerializer.Serialize(new { providers = new[] { new { name = "house", type = "openai", endpoint = model.Address + "/v1", model = "llama" } } });

        var outcome = await Countersign.RunAsync(new Dictionary<string, string> { ["COUNTERSIGN_PROVIDERS"] = content }, "run", Definition(""), "--data", folder["data"]);

        Assert.True(outcome.Code == 0, outcome.All);
        Assert.Single(model.Asked);
        Assert.Equal(("house", null), await ResponseAsync());
    }

    [Fact]
    public async Task Run_ProviderThatIsNotThere_NamesTheFieldAndStartsNothing()
    {
        var outcome = await Countersign.RunAsync("run", Definition("provider: mokc"), "--data", folder["data"]);

        Assert.Equal(2, outcome.Code);
        Assert.Contains("(6,5): error ai.provider-unknown: Step 'ask', field 'provider': No provider 'mokc' is configured; there are: mock. Did you mean 'mock'?", outcome.Error, StringComparison.Ordinal);
        await using var host = await LocalHost.OpenAsync(new LocalHostOptions { Data = folder["data"] }, NullLoggerFactory.Instance);
        Assert.Empty((await host.Api.Runs.ListAsync("default", new Orchestration.RunFilter(null, null), null, 10)).Items);
    }

    [Theory]
    [InlineData("providers:\n  - name: a\n    type: mock\n    modle: x\n", "(4,5): /providers/0/modle: There is no field 'modle' here. Did you mean 'model'?")]
    [InlineData("providers:\n  - { name: a, type: openai, key: { env: NO_SUCH_VARIABLE_IS_SET } }\n", "/providers/0/key/env: There is no key of provider 'a' in the environment variable NO_SUCH_VARIABLE_IS_SET")]
    [InlineData("providers:\n  - { name: a, type: azure-openai, endpoint: \"https://a.example\", auth: entra }\n", "/providers/0/auth: This host has no identity")]
    public async Task Run_BadProviders_NamesLineAndField(string providers, string says)
    {
        var outcome = await Countersign.RunAsync("run", Definition(""), "--data", folder["data"], "--providers", folder.Write("p.yaml", providers));

        Assert.Equal(2, outcome.Code);
        Assert.Contains(says, outcome.Error, StringComparison.Ordinal);
        Assert.Contains("p.yaml(", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Providers_File_ShownWithoutKeys()
    {
        var file = folder.Write("p.yaml", "providers:\n  - { name: a, type: openai, key: { env: A_KEY }, model: gpt-4o }\n  - { name: b, type: anthropic, key: { env: B_KEY } }\nprices:\n  - { model: a/x, input: 1.5, output: 2 }\n");

        var outcome = await Countersign.RunAsync(new Dictionary<string, string> { ["A_KEY"] = Key }, "providers", file);

        Assert.Equal(1, outcome.Code);
        Assert.Contains("a (default): OpenAi, the vendor's address, model gpt-4o\n  key: the environment variable A_KEY, found\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("  key: the environment variable B_KEY, NOT FOUND\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("price of a/x: 1.5 in, 2 out", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, outcome.All, StringComparison.Ordinal);
        Assert.Equal(0, (await Countersign.RunAsync(new Dictionary<string, string> { ["A_KEY"] = Key, ["B_KEY"] = Key }, "providers", file)).Code);
    }

    [Fact]
    public async Task Providers_NoFile_CannotRun() =>
        Assert.Equal(2, (await Countersign.RunAsync("providers", folder["none.yaml"])).Code);

    private string Definition(string field) => folder.Write("ask.yaml", Ask.Replace("PROVIDER", field, StringComparison.Ordinal));

    private async Task SetSecretAsync()
    {
        await using var host = await LocalHost.OpenAsync(new LocalHostOptions { Data = folder["data"] }, NullLoggerFactory.Instance);
        await host.Secrets.SetAsync(FileSecretStore.HostTenant, "house", Key, []);
    }

    private async Task<(string? Provider, string? Cost)> ResponseAsync()
    {
        await using var host = await LocalHost.OpenAsync(new LocalHostOptions { Data = folder["data"] }, NullLoggerFactory.Instance);
        var page = await host.Api.Log.FindAsync("default", new LogFilter { Type = EventTypes.AiResponse }, 0, 10);
        var facts = JsonElement.Parse(Assert.Single(page.Entries).Stored.Payload.Span);
        return (facts.GetProperty("provider").GetString(), facts.TryGetProperty("cost_usd", out var cost) ? cost.GetString() : null);
    }

    /// <summary>A real server that speaks the chat interface.</summary>
    private sealed class Model : IAsyncDisposable
    {
        private readonly WebApplication app;

        private Model(WebApplication app) => this.app = app;

        public string Address { get; private set; } = "";

        public ConcurrentQueue<(string Authorization, string Model)> Asked { get; } = new();

        public static async Task<Model> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            var model = new Model(builder.Build());
            model.app.Run(async context =>
            {
                var asked = await JsonDocument.ParseAsync(context.Request.Body);
                model.Asked.Enqueue((context.Request.Headers.Authorization.ToString(), asked.RootElement.GetProperty("model").GetString()!));
                await (asked.RootElement.TryGetProperty("stream", out var stream) && stream.GetBoolean() ? StreamAsync(context) : AnswerAsync(context));
            });
            await model.app.StartAsync();
            model.Address = model.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            return model;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private static Task AnswerAsync(HttpContext context)
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync("""
                {"id":"c","object":"chat.completion","created":1,"model":"llama","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"from the house"}}],
                "usage":{"prompt_tokens":10,"completion_tokens":8,"total_tokens":18}}
                """);
        }

        private static async Task StreamAsync(HttpContext context)
        {
            context.Response.ContentType = "text/event-stream";
            const string Begin = """data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"llama","choices":""";
            await context.Response.WriteAsync(Begin + """[{"index":0,"delta":{"content":"from "},"finish_reason":null}]}""" + "\n\n");
            await context.Response.WriteAsync(Begin + """[{"index":0,"delta":{"content":"the house"},"finish_reason":"stop"}]}""" + "\n\n");
            await context.Response.WriteAsync(Begin + """[],"usage":{"prompt_tokens":10,"completion_tokens":8,"total_tokens":18}}""" + "\n\ndata: [DONE]\n\n");
        }
    }
}
