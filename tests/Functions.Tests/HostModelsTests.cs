using Countersign.Ai;
using Countersign.Functions.Hosting;
using Microsoft.Extensions.Configuration;

namespace Countersign.Functions.Tests;

/// <summary>The models that app settings name.</summary>
public sealed class HostModelsTests
{
    private const string Key = "sk-c4nary-0123456789";

    [Fact]
    public async Task Open_NoSetting_NoModelsOfItsOwn() => Assert.Null(await OpenAsync());

    [Fact]
    public async Task Open_KeysByNameOfSettings_EveryProviderIsThere()
    {
        using var models = await OpenAsync(
            ("COUNTERSIGN_PROVIDERS", """
                default: azure
                providers:
                  - { name: azure, type: azure-openai, endpoint: "https://my-resource.openai.azure.com", auth: entra, model: prod }
                  - { name: openai, type: openai, key: { env: OPENAI_KEY }, model: gpt-4o }
                  - { name: claude, type: anthropic, key: { secret: claude } }
                prices:
                  - { model: azure/prod, input: 2.5, output: 10 }
                """),
            ("OPENAI_KEY", Key),
            ("COUNTERSIGN_HOST_SECRET:claude", Key));

        Assert.Equal("azure/prod, claude, openai/gpt-4o", models!.Catalog.ToString());
        Assert.IsType<AzureOpenAiProvider>(models.Catalog.Choose(null, null).Provider);
        Assert.Equal(2.5m, models.Catalog.Prices.Find("azure", "prod")!.Input);
    }

    [Theory]
    [InlineData("{ env: NO_KEY }", "/providers/0/key/env")]
    [InlineData("{ secret: no-key }", "/providers/0/key/secret")]
    public async Task Open_SettingIsMissing_NamesTheField(string key, string pointer)
    {
        var invalid = await Assert.ThrowsAsync<ProvidersInvalidException>(() =>
            OpenAsync(("COUNTERSIGN_PROVIDERS", $"providers:\n  - {{ name: a, type: openai, key: {key} }}"), ("COUNTERSIGN_SECRET:acme:no-key", Key)));

        Assert.Equal(pointer, Assert.Single(invalid.Problems).Pointer);
        Assert.Contains("COUNTERSIGN_PROVIDERS(2,", invalid.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_NotOfTheForm_NamesLineAndField() => Assert.Contains(
        "COUNTERSIGN_PROVIDERS(1,",
        (await Assert.ThrowsAsync<ProvidersInvalidException>(() => OpenAsync(("COUNTERSIGN_PROVIDERS", """{"providers":[{"name":"a","type":"opnai"}]}""")))).Message,
        StringComparison.Ordinal);

    private static async Task<ConfiguredModels?> OpenAsync(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings
            .Append(("COUNTERSIGN_ARTIFACT_KEY", Convert.ToBase64String(new byte[32])))
            .Select(setting => KeyValuePair.Create(setting.Item1, (string?)setting.Item2))).Build();
        return await HostModels.OpenAsync(HostSettings.From(configuration), configuration);
    }
}
