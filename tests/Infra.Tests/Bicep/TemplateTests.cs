using System.Text.Json;
using System.Text.RegularExpressions;

namespace Countersign.Infra.Tests.Bicep;

/// <summary>What a deployment of infra/bicep makes, as the compiler says.</summary>
public sealed partial class TemplateTests
{
    private static readonly SortedDictionary<string, int> Expected = new(StringComparer.Ordinal)
    {
        ["Microsoft.Authorization/roleAssignments"] = 11,
        ["Microsoft.CognitiveServices/accounts"] = 1,
        ["Microsoft.CognitiveServices/accounts/deployments"] = 1,
        ["Microsoft.Consumption/budgets"] = 1,
        ["Microsoft.Insights/actionGroups"] = 1,
        ["Microsoft.Insights/components"] = 1,
        ["Microsoft.Insights/dataCollectionRules"] = 1,
        ["Microsoft.Insights/diagnosticSettings"] = 2,
        ["Microsoft.Insights/scheduledQueryRules"] = 1,
        ["Microsoft.KeyVault/vaults"] = 1,
        ["Microsoft.KeyVault/vaults/keys"] = 1,
        ["Microsoft.ManagedIdentity/userAssignedIdentities"] = 2,
        ["Microsoft.OperationalInsights/workspaces"] = 2,
        ["Microsoft.Storage/storageAccounts"] = 4,
        ["Microsoft.Storage/storageAccounts/blobServices"] = 4,
        ["Microsoft.Storage/storageAccounts/blobServices/containers"] = 4,
        ["Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies"] = 1,
        ["Microsoft.Storage/storageAccounts/tableServices"] = 4,
        ["Microsoft.Storage/storageAccounts/tableServices/tables"] = 4,
        ["Microsoft.Web/serverfarms"] = 2,
        ["Microsoft.Web/sites"] = 2,
        ["Microsoft.Web/sites/basicPublishingCredentialsPolicies"] = 4,
        ["Microsoft.Web/sites/config"] = 2,
    };

    // Built-in roles that act on data, and nothing that administers: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
    private static readonly Dictionary<string, string> LeastRoles = new(StringComparer.Ordinal)
    {
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner, on the account of the app's own host",
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
        ["2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"] = "Storage Blob Data Reader",
        ["974c5e8b-45b9-4653-ba55-5f855dd0fb88"] = "Storage Queue Data Contributor",
        ["0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"] = "Storage Table Data Contributor",
        ["76199698-9eea-4c19-bc75-cec21354c6b6"] = "Storage Table Data Reader",
        ["4633458b-17de-408a-b874-0445c86b69e6"] = "Key Vault Secrets User",
        ["12338af0-0e69-4776-bea7-57ae8d297424"] = "Key Vault Crypto User",
        ["5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"] = "Cognitive Services OpenAI User",
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = "Monitoring Metrics Publisher",
    };

    [BicepFact]
    public async Task Main_Compiled_HasNoDiagnostics() => Assert.Equal("", await BicepCompiler.DiagnosticsAsync());

    [BicepFact]
    public async Task Files_Linted_HaveNoDiagnostics()
    {
        foreach (var file in Directory.EnumerateFiles(RepositoryRoot.Bicep, "*.bicep", SearchOption.AllDirectories))
        {
            Assert.Equal("", (await BicepCompiler.RunAsync("lint", file)).Diagnostics);
        }
    }

    [BicepFact]
    public async Task Main_Deployed_MakesWhatIsMeant() => Assert.Equal(
        Expected,
        new SortedDictionary<string, int>((await BicepCompiler.MainAsync()).Deployed().CountBy(one => one.Type).ToDictionary(), StringComparer.Ordinal));

    [BicepTheory]
    [InlineData("main.dev.bicepparam", "dev")]
    [InlineData("main.prod.bicepparam", "prod")]
    public async Task ParameterFile_Compiled_GivesWhatMainNeeds(string file, string environment)
    {
        var (output, diagnostics) = await BicepCompiler.RunAsync("build-params", file, "--stdout");
        Assert.Equal("", diagnostics);
        var given = JsonElement.Parse(JsonElement.Parse(output).GetProperty("parametersJson").GetString()!).GetProperty("parameters");
        Assert.Equal(environment, given.GetProperty("environmentName").GetProperty("value").GetString());
        var parameters = (await BicepCompiler.MainAsync()).Root.GetProperty("parameters");
        Assert.All(parameters.EnumerateObject().Where(one => !one.Value.TryGetProperty("defaultValue", out _)), needed => Assert.True(
            given.TryGetProperty(needed.Name, out _) || needed.Value.TryGetProperty("nullable", out _), $"{file} does not give {needed.Name}"));
    }

    [BicepFact]
    public async Task Templates_All_SayWhatTheyAreAndWhatTheirParametersAre() => Assert.All((await BicepCompiler.MainAsync()).All(), template =>
    {
        Assert.True(template.Root.GetProperty("metadata").TryGetProperty("description", out _), $"{template.Name} has no description");
        foreach (var part in (string[])["parameters", "outputs"])
        {
            if (template.Root.TryGetProperty(part, out var named))
            {
                Assert.All(named.EnumerateObject(), one => Assert.True(
                    one.Value.TryGetProperty("metadata", out var about) && about.TryGetProperty("description", out _), $"{template.Name}: {one.Name} has no description"));
            }
        }
    });

    [BicepFact]
    public async Task Secrets_NeverPass_ThroughParametersOutputsOrFunctions()
    {
        string[] suspicious = ["password", "secret", "accountKey", "connectionString", "sas", "token"];
        var main = await BicepCompiler.MainAsync();
        Assert.All(main.All().SelectMany(template => template.Parameters.Concat(template.Outputs)), name =>
            Assert.DoesNotContain(suspicious, word => name.Contains(word, StringComparison.OrdinalIgnoreCase)));
        var text = main.Root.GetRawText();
        Assert.DoesNotMatch(@"(?i)\blist(keys|accountsas|servicesas|connectionstrings|secrets)?\(", text);
        Assert.DoesNotContain("getSecret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("AccountKey=", text, StringComparison.OrdinalIgnoreCase);
    }

    [BicepFact]
    public async Task Storage_EveryAccount_HasNoKeysAndNoAnonymousReaders() => Assert.All(
        await PropertiesAsync("Microsoft.Storage/storageAccounts"),
        properties =>
        {
            Assert.False(properties.GetProperty("allowSharedKeyAccess").GetBoolean());
            Assert.False(properties.GetProperty("allowBlobPublicAccess").GetBoolean());
            Assert.True(properties.GetProperty("supportsHttpsTrafficOnly").GetBoolean());
            Assert.Equal("TLS1_2", properties.GetProperty("minimumTlsVersion").GetString());
        });

    [BicepFact]
    public async Task Everything_WithKeysOfItsOwn_HasThemTurnedOff()
    {
        Assert.All(await PropertiesAsync("Microsoft.CognitiveServices/accounts"), one => Assert.True(one.GetProperty("disableLocalAuth").GetBoolean()));
        Assert.All(await PropertiesAsync("Microsoft.Insights/components"), one => Assert.True(one.GetProperty("DisableLocalAuth").GetBoolean()));
        Assert.All(await PropertiesAsync("Microsoft.OperationalInsights/workspaces"), one => Assert.True(one.GetProperty("features").GetProperty("disableLocalAuth").GetBoolean()));
        Assert.All(await PropertiesAsync("Microsoft.KeyVault/vaults"), one => Assert.True(one.GetProperty("enableRbacAuthorization").GetBoolean()));
        Assert.All(await PropertiesAsync("Microsoft.Web/sites/basicPublishingCredentialsPolicies"), one => Assert.False(one.GetProperty("allow").GetBoolean()));
        Assert.All(await PropertiesAsync("Microsoft.Web/sites"), one => Assert.True(one.GetProperty("httpsOnly").GetBoolean()));
    }

    [BicepFact]
    public async Task Checkpoints_InTheirContainer_CannotBeReplaced() => Assert.All(
        await PropertiesAsync("Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies"),
        properties =>
        {
            Assert.Equal("[parameters('checkpointDays')]", properties.GetProperty("immutabilityPeriodSinceCreationInDays").GetString());
            Assert.False(properties.GetProperty("allowProtectedAppendWrites").GetBoolean());
        });

    [BicepFact]
    public async Task Roles_All_AreOfTheListAndHaveAScope()
    {
        var main = await BicepCompiler.MainAsync();
        var ids = Identifiers().Matches(main.Root.GetRawText()).Select(match => match.Value).ToHashSet();
        Assert.Equal(LeastRoles.Keys.ToHashSet(), ids);
        Assert.All(main.Deployed().Where(one => one.Type == "Microsoft.Authorization/roleAssignments"), one =>
        {
            Assert.True(one.Body.TryGetProperty("scope", out _), $"{one.Parent.Name}/{one.Name} has no scope");
            Assert.Equal("ServicePrincipal", one.Properties.GetProperty("principalType").GetString());
        });
    }

    // The writer can neither sign nor write where checkpoints are; the sealer can write no log.
    [BicepFact]
    public async Task Sealer_AndApp_ShareNoRightToWrite()
    {
        var main = await BicepCompiler.MainAsync();
        var proofs = main.Module("proofs").Template;
        Assert.Equal(["sealerGrant", "storage"], proofs.Own.Where(one => one.IsDeployment).Select(one => one.Name).Order(StringComparer.Ordinal));
        Assert.Equal("[parameters('sealerPrincipalId')]", proofs.Module("sealerGrant").Given("principalId").GetString());
        Assert.Equal("Storage Blob Data Contributor", proofs.Module("sealerGrant").Given("role").GetString());
        Assert.Equal(
            [("appPrincipalId", "tableDataContributor"), ("appPrincipalId", "blobDataContributor"), ("sealerPrincipalId", "tableDataReader")],
            Grants(main.Module("dataGrants").Template));
        Assert.Equal([("appPrincipalId", "secretsUser"), ("sealerPrincipalId", "cryptoUser")], Grants(main.Module("vault").Template));
    }

    // A setting that no program reads, or one that a program needs and nothing sets, is found here and not after a deployment.
    [BicepTheory]
    [InlineData("app", "Functions")]
    [InlineData("sealer", "Sealer")]
    public async Task Settings_OfAnApp_AreThoseThatItReads(string module, string project)
    {
        var settings = (await BicepCompiler.MainAsync()).Module(module).Given("settings").EnumerateObject().Select(one => one.Name).ToHashSet(StringComparer.Ordinal);
        var source = string.Concat(Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "src", project), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.All(settings, name => Assert.Contains(name.Replace("_ACCOUNT", "", StringComparison.Ordinal), source, StringComparison.Ordinal));
        var schedules = Schedules().Matches(source).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(schedules);
        Assert.Subset(settings, schedules);
        Assert.Contains("COUNTERSIGN_STORAGE_ACCOUNT", settings);
        Assert.Contains(module == "app" ? "COUNTERSIGN_ARTIFACT_KEY" : "COUNTERSIGN_SEAL_KEY", settings);
    }

    private static async Task<List<JsonElement>> PropertiesAsync(string type)
    {
        var found = (await BicepCompiler.MainAsync()).Deployed().Where(one => one.Type == type).Select(one => one.Properties).ToList();
        Assert.NotEmpty(found);
        return found;
    }

    private static List<(string Principal, string Role)> Grants(ArmTemplate template) =>
    [
        .. template.Own.Where(one => one.Type == "Microsoft.Authorization/roleAssignments").Select(one => (
            Quoted().Match(one.Properties.GetProperty("principalId").GetString()!).Groups[1].Value,
            Quoted().Matches(one.Properties.GetProperty("roleDefinitionId").GetString()!)[^1].Groups[1].Value)),
    ];

    [GeneratedRegex("\"%(COUNTERSIGN_[A-Z_]+)%\"")]
    private static partial Regex Schedules();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();

    [GeneratedRegex("(?<=\")[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\")")]
    private static partial Regex Identifiers();
}
