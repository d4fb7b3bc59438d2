using System.Text;
using System.Text.Json;
using Countersign.Ai;
using Countersign.Core.Tests.Egress;
using Countersign.Language;
using Countersign.Secrets;

namespace Countersign.Core.Tests.Ai;

public sealed class ConfiguredModelsTests
{
    private const string Key = "sk-c4nary-key-0123456789";

    [Fact]
    public async Task Open_LocalServer_IsAskedWithTheKeyThatTheFileNames()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json(Completion("hello")));
        using var models = await OpenAsync($"providers:\n  - {{ name: local, type: openai, endpoint: \"{server.Url}/v1\", key: {{ env: LOCAL_KEY }}, model: llama }}", ("LOCAL_KEY", Key));

        var choice = models.Catalog.Choose(null, null);
        var response = await choice.Provider.AskAsync(new ModelRequest { Model = choice.Model, Messages = [new ModelMessage(ModelRole.User, "hi")] }, default);

        Assert.Equal(("hello", "local", "llama"), (response.Text, response.Provider, choice.Model));
        var asked = Assert.Single(server.Requests);
        Assert.Equal($"Bearer {Key}", asked.Headers["Authorization"]);
        Assert.Equal("llama", JsonElement.Parse(asked.Body).GetProperty("model").GetString());
    }

    [Theory]
    [InlineData("env: NO_KEY", "/providers/1/key/env", "environment variable NO_KEY")]
    [InlineData("secret: no-key", "/providers/1/key/secret", "the host's secret 'no-key'")]
    public async Task Open_NoKeyThere_NamesTheField(string source, string pointer, string says)
    {
        var invalid = await Assert.ThrowsAsync<ProvidersInvalidException>(() => OpenAsync($"providers:\n  - {{ name: m, type: mock }}\n  - {{ name: a, type: openai, key: {{ {source} }} }}"));

        var problem = Assert.Single(invalid.Problems);
        Assert.Equal((3, pointer), (problem.Line, problem.Pointer));
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_KeyWithALineBreak_RefusedAndNotRepeated()
    {
        var invalid = await Assert.ThrowsAsync<ProvidersInvalidException>(() => OpenAsync("providers:\n  - { name: a, type: openai, key: { env: K } }", ("K", Key + "\n")));

        Assert.DoesNotContain(Key, invalid.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_EntraWithoutIdentity_NamesTheField()
    {
        var invalid = await Assert.ThrowsAsync<ProvidersInvalidException>(() => OpenAsync("providers:\n  - name: a\n    type: azure-openai\n    endpoint: https://a.example\n    auth: entra"));

        Assert.Equal((5, "/providers/0/auth"), (invalid.Problems[0].Line, invalid.Problems[0].Pointer));
    }

    [Fact]
    public async Task Open_PublicNameThatIsPrivate_NotCalled()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json(Completion("hello")));

        // A name that is not localhost may resolve to this machine; only the operator's allow-list lets that through.
        using var models = await OpenAsync($"providers:\n  - {{ name: local, type: openai, endpoint: \"http://localhost.localdomain:{server.Port}/v1\", model: llama }}");
        var failed = await Assert.ThrowsAsync<ModelException>(() => models.Catalog.Choose(null, null).Provider.AskAsync(
            new ModelRequest { Model = "llama", Messages = [new ModelMessage(ModelRole.User, "hi")] }, default).AsTask());

        Assert.Contains(failed.Code, new[] { "egress.blocked-address", ModelErrorCodes.Unreachable });
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("gpt", "gpt-4o-mini", "0.15")]
    [InlineData("azure", "gpt-4o-2024-11-20", "2.50")]
    [InlineData("claude", "claude-haiku-4-5-20251001", "1")]
    [InlineData("gpt", "gpt-4.1", "7")]
    [InlineData("local", "gpt-4o-mini", null)]
    [InlineData("mock", "mock-1", "0")]
    public async Task Open_Prices_VendorsForTheirOwnAddressesAndTheFileBeforeThem(string provider, string model, string? input)
    {
        using var models = await OpenAsync(
            """
            providers:
              - { name: gpt, type: openai, key: { env: K } }
              - { name: azure, type: azure-openai, endpoint: "https://a.example", key: { env: K } }
              - { name: claude, type: anthropic, key: { env: K } }
              - { name: local, type: openai, endpoint: "http://localhost:1/v1" }
              - { name: mock, type: mock }
            prices:
              - { model: gpt/gpt-4.1, input: 7, output: 8 }
            """,
            ("K", Key));

        Assert.Equal(input is null ? null : decimal.Parse(input, System.Globalization.CultureInfo.InvariantCulture), models.Catalog.Prices.Find(provider, model)?.Input);
    }

    [Theory]
    [InlineData("provider: opnai", "/steps/0/provider", "No provider 'opnai' is configured; there are: mock, openai. Did you mean 'openai'?")]
    [InlineData("provider: openai\n    model: gpt-3", "/steps/0/model", "not set up for the model 'gpt-3'; it has: gpt-4o, gpt-4o-mini")]
    [InlineData("provider: mock\n    budget: { usd: 1, on_exhausted: degrade, degrade_to: gpt-3 }\n    model: x", null, null)]
    [InlineData("provider: openai\n    budget: { usd: 1, on_exhausted: degrade, degrade_to: gpt-3 }", "/steps/0/budget/degrade_to", "gpt-3")]
    public async Task Check_Definition_NamesFieldAndWhatThereIs(string fields, string? pointer, string? says)
    {
        using var models = await OpenAsync("providers:\n  - { name: openai, type: openai, key: { env: K }, model: gpt-4o, models: [gpt-4o, gpt-4o-mini] }\n  - { name: mock, type: mock }", ("K", Key));
        var definition = DefinitionReader.Read($"language: \"1.0\"\nname: t\nversion: 1.0.0\nstart: a\nsteps:\n  - id: a\n    type: ai_generate\n    prompt: x\n    {fields}\n").Definition!;

        var problems = models.Catalog.Check(definition);

        if (pointer is null)
        {
            Assert.Empty(problems);
            return;
        }

        var problem = Assert.Single(problems);
        Assert.Equal((6, pointer), (problem.Line, problem.Pointer));
        Assert.Contains(says!, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Choose_ModelThatIsNotListed_Typed()
    {
        using var models = await OpenAsync("providers:\n  - { name: m, type: mock, models: [mock-1] }");

        Assert.Equal("mock-1", models.Catalog.Choose("m", null).Model);
        Assert.Equal(ModelErrorCodes.ModelUnknown, Assert.Throws<ModelException>(() => models.Catalog.Choose("m", "mock-2")).Code);
    }

    private static string Completion(string text) => JsonSerializer.Serialize(new
    {
        id = "c-1", @object = "chat.completion", created = 1, model = "m-1",
        choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = text } } },
        usage = new { prompt_tokens = 1, completion_tokens = 1, total_tokens = 2 },
    });

    private static Task<ConfiguredModels> OpenAsync(string text, params (string Name, string Value)[] keys) => ConfiguredModels.OpenAsync(
        ProvidersFile.Read(Encoding.UTF8.GetBytes(text), "my.yaml"),
        new ProviderHost { Keys = (source, _) => new(keys.Where(key => key.Name == (source.Env ?? source.Secret)).Select(key => new Secret(key.Value)).FirstOrDefault()) }).AsTask();
}
