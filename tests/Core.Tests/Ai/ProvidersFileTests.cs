using Countersign.Core.Tests.Repository;
using System.Text;
using Countersign.Ai;
using Countersign.Core.Tests.Language;
using Countersign.Core.Tests.Steps;

namespace Countersign.Core.Tests.Ai;

public sealed class ProvidersFileTests
{
    private const string Good = """
        default: azure
        providers:
          - name: openai
            type: openai
            key: { env: OPENAI_API_KEY }
            model: gpt-4o-mini
            models: [gpt-4o-mini, gpt-4o]
          - name: azure
            type: azure-openai
            endpoint: https://my-resource.openai.azure.com
            auth: entra
            model: prod
          - name: claude
            type: anthropic
            key: { secret: anthropic }
          - { name: local, type: openai, endpoint: "http://localhost:11434/v1", model: llama }
          - { name: mock, type: mock }
        prices:
          - { model: azure/prod, input: 2.5, output: 0.0000001 }
        """;

    [Fact]
    public void Read_Good_SaysWhatIsThere()
    {
        var file = Read(Good);

        Assert.Equal("azure", file.Default);
        Assert.Equal(["openai", "azure", "claude", "local", "mock"], file.Providers.Select(provider => provider.Name));
        Assert.Equal([ProviderType.OpenAi, ProviderType.AzureOpenAi, ProviderType.Anthropic, ProviderType.OpenAi, ProviderType.Mock], file.Providers.Select(provider => provider.Type));
        Assert.Equal(new KeySource("OPENAI_API_KEY", null), file.Providers[0].Key);
        Assert.Equal(["gpt-4o-mini", "gpt-4o"], file.Providers[0].Models.ToArray());
        Assert.Equal(ProviderAuth.Entra, file.Providers[1].Auth);
        Assert.Equal(new KeySource(null, "anthropic"), file.Providers[2].Key);
        Assert.Equal(new PriceEntry("azure/prod", 2.5m, 0.0000001m), Assert.Single(file.Prices));
    }

    [Fact]
    public void Read_Json_TheSame() =>
        Assert.Equal("mock", Read("""{"providers":[{"name":"mock","type":"mock"}]}""").Providers[0].Name);

    [Theory]
    [InlineData("providers:\n  - { name: a, type: opnai }", 2, "/providers/0/type", "Did you mean 'openai'?")]
    [InlineData("providers:\n  - name: a\n    type: mock\n    modle: x", 4, "/providers/0/modle", "Did you mean 'model'?")]
    [InlineData("providers:\n  - { type: mock }", 2, "/providers/0", "'name' is missing")]
    [InlineData("providers: []", 1, "/providers", "1 to 100")]
    [InlineData("prices: []", 1, "/", "'providers' is missing")]
    [InlineData("providers:\n  - { name: a, type: openai }", 2, "/providers/0", "The field 'key' is missing: where the key is kept, such as { env: A_KEY }")]
    [InlineData("providers:\n  - { name: a, type: anthropic, endpoint: \"https://a.example\" }", 2, "/providers/0", "'key' is missing")]
    [InlineData("providers:\n  - { name: a, type: azure-openai, auth: entra }", 2, "/providers/0", "'endpoint' is missing")]
    [InlineData("providers:\n  - { name: a, type: azure-openai, endpoint: \"https://a.example\", auth: entra, key: { env: K } }", 2, "/providers/0/key", "takes no key")]
    [InlineData("providers:\n  - { name: a, type: openai, auth: entra, key: { env: K } }", 2, "/providers/0/auth", "Only a provider of type 'azure-openai'")]
    [InlineData("providers:\n  - { name: a, type: mock, key: { env: K } }", 2, "/providers/0/key", "needs no key")]
    [InlineData("providers:\n  - { name: a, type: mock, endpoint: \"https://a.example\" }", 2, "/providers/0/endpoint", "talks to nobody")]
    [InlineData("providers:\n  - { name: a, type: mock, scope: \"https://a.example/.default\" }", 2, "/providers/0/scope", "'scope' goes with")]
    [InlineData("providers:\n  - { name: A, type: mock }", 2, "/providers/0/name", "is not of the form")]
    [InlineData("providers:\n  - { name: a, type: openai, key: { env: A, secret: b } }", 2, "/providers/0/key/secret", "Only one of")]
    [InlineData("providers:\n  - { name: a, type: openai, key: {} }", 2, "/providers/0/key", "One of")]
    [InlineData("providers:\n  - { name: a, type: openai, endpoint: \"ftp://a\", key: { env: A } }", 2, "/providers/0/endpoint", "absolute http or https")]
    [InlineData("providers:\n  - { name: a, type: openai, endpoint: \"https://a/v1?x=1\", key: { env: A } }", 2, "/providers/0/endpoint", "without user name, query")]
    [InlineData("providers:\n  - { name: a, type: mock, model: x, models: [y] }", 2, "/providers/0/model", "none of 'models'")]
    [InlineData("default: b\nproviders:\n  - { name: a, type: mock }", 1, "/default", "There is no provider 'b'; there are: a.")]
    [InlineData("providers:\n  - { name: a, type: mock }\n  - { name: a, type: mock }", 3, "/providers/1/name", "named twice")]
    [InlineData("providers:\n  - { name: a, type: mock }\nprices:\n  - { model: b/x, input: 1, output: 1 }", 4, "/prices/0/model", "There is no provider 'b'")]
    [InlineData("providers:\n  - { name: a, type: mock }\nprices:\n  - { model: a, input: 1, output: 1 }", 4, "/prices/0/model", "is not of the form")]
    [InlineData("providers:\n  - { name: a, type: mock }\nprices:\n  - { model: a/x, input: -1, output: 1 }", 4, "/prices/0/input", "out of range")]
    [InlineData("providers:\n  - { name: a, type: mock }\nprices:\n  - { model: a/x, input: \"1\", output: 1 }", 4, "/prices/0/input", "must be number")]
    [InlineData("providers: [", 2, "/", "Not YAML")]
    [InlineData("- a", 1, "/", "must be object")]
    public void Read_Bad_NamesLineAndField(string text, int line, string pointer, string says)
    {
        var invalid = Assert.Throws<ProvidersInvalidException>(() => Read(text));

        Assert.Contains(invalid.Problems, problem => problem.Line == line && (problem.Pointer.Length == 0 ? "/" : problem.Pointer) == pointer && problem.Message.Contains(says, StringComparison.Ordinal));
        Assert.Contains($"my.yaml({line},", invalid.Message, StringComparison.Ordinal);
        Assert.StartsWith("ai.providers-invalid: ", invalid.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SeveralErrors_AllAtOnce() =>
        Assert.True(Assert.Throws<ProvidersInvalidException>(() => Read("default: x\nproviders:\n  - { name: a, type: opnai }\n  - { name: B, type: mock }")).Problems.Length >= 2);

    [Theory]
    [InlineData("key: sk-c4nary-0123456789")]
    [InlineData("key: { env: sk-c4nary-0123456789 }")]
    [InlineData("key: { secret: \"sk C4NARY-0123456789\" }")]
    [InlineData("sk-c4nary-0123456789: x")]
    [InlineData("endpoint: \"https://user:sk-c4nary-0123456789@a.example\"")]
    public void Read_KeyInTheFile_RefusedAndNotRepeated(string field)
    {
        var invalid = Assert.Throws<ProvidersInvalidException>(() => Read($"providers:\n  - name: a\n    type: openai\n    {field}\n"));

        Assert.Contains("(4,", invalid.Message, StringComparison.Ordinal);
        if (!field.StartsWith("sk", StringComparison.Ordinal))
        {
            Assert.DoesNotContain("c4nary", invalid.ToString(), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task FromSetting_ContentOrPath_TheSame()
    {
        const string Content = """{"providers":[{"name":"m","type":"mock"}]}""";
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, Content);
        try
        {
            Assert.Equal("m", (await ProvidersFile.FromSettingAsync(Content, "S")).Providers[0].Name);
            Assert.Equal("m", (await ProvidersFile.FromSettingAsync("providers:\n  - { name: m, type: mock }", "S")).Providers[0].Name);
            Assert.Equal("m", (await ProvidersFile.FromSettingAsync(path, "S")).Providers[0].Name);
            Assert.Contains("S(1,", (await Assert.ThrowsAsync<ProvidersInvalidException>(() => ProvidersFile.FromSettingAsync("{}", "S"))).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Fields_InTheDocs_AreThoseOfTheDeclaration() => StepPagesTests.AssertTable(ProvidersShape.File.Shape.Fields, "models.md");

    [Fact]
    public void Examples_InTheDocs_AreOfTheForm()
    {
        var examples = RepositoryFiles.Blocks(RepositoryFiles.Read("docs", "models.md")).Where(block => block.Contains("providers:\n", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(examples);
        Assert.All(examples, example => Read(example));
    }

    private static ProvidersFile Read(string text) => ProvidersFile.Read(Encoding.UTF8.GetBytes(text), "my.yaml");
}
