namespace Countersign.Infra.Tests.Bicep;

/// <summary>What the files of infra/bicep declare, also where no compiler is at hand.</summary>
public sealed partial class BicepFilesTests
{
    /// <summary>What a deployment makes: types, and how many declarations of each.</summary>
    internal static readonly SortedDictionary<string, int> Expected = new(StringComparer.Ordinal)
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

    public static TheoryData<string> Files => [.. BicepFile.All.Select(file => Path.GetRelativePath(RepositoryRoot.Bicep, file.Path))];

    [Theory]
    [MemberData(nameof(Files))]
    public void File_Any_SaysWhatItIsAndWhatItsParametersAre(string path)
    {
        var file = BicepFile.Open(path);
        Assert.Contains(file.Of("metadata"), statement => statement.Name == "description");
        Assert.All(file.Parameters.Concat(file.Of("output")), statement => Assert.Contains(statement.Decorators, decorator => decorator.Function == "description"));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void File_Any_UsesEveryParameterAndVariableAndKnowsEveryName(string path)
    {
        var file = BicepFile.Open(path);
        var names = file.Nodes().OfType<Name>().Select(name => name.Path.Split('.', ':')[0]).ToHashSet(StringComparer.Ordinal);
        Assert.All(file.Parameters.Concat(file.Of("var")), statement => Assert.Contains(statement.Name, names));
        var known = file.Statements.Select(statement => statement.Name)
            .Concat(file.Resources.Select(one => one.Resource.Name))
            .Concat(["containerName", "tableName", "role", "rule", "email", "i"])
            .Concat(["string", "int", "modelType"]);
        Assert.Empty(names.Except(known));
    }

    [Fact]
    public void Main_Deployed_MakesWhatIsMeant() => Assert.Equal(
        Expected, BicepFile.Main.Deployed().CountBy(one => one.Type).ToDictionary().ToSortedDictionary());

    [Fact]
    public void Resources_All_NameAnApiVersion() => Assert.All(
        BicepFile.All.SelectMany(file => file.Of("resource")), resource => Assert.Matches(@"^Microsoft\.[A-Za-z./]+@20\d\d-\d\d-\d\d(-preview)?$", resource.Subject));

    [Fact]
    public void Modules_All_AreGivenWhatTheyNeedAndNothingElse() => Assert.All(
        BicepFile.All.SelectMany(file => file.Modules.Select(module => (file, module))),
        pair =>
        {
            var parameters = pair.file.ModuleOf(pair.module).Parameters.ToList();
            var given = ((Fields)pair.module.Body!["params"]!).Pairs.Select(field => field.Key).ToList();
            Assert.Empty(given.Except(parameters.Select(parameter => parameter.Name)));
            Assert.Empty(Required(parameters).Except(given));
        });

    [Fact]
    public void Outputs_ThatAreTaken_AreGiven() => Assert.All(BicepFile.All, file =>
    {
        foreach (var taken in file.Nodes().OfType<Name>().Select(name => name.Path.Split('.')).Where(parts => parts is [_, "outputs", ..]))
        {
            var module = file.Modules.Single(statement => statement.Name == taken[0]);
            Assert.Contains(file.ModuleOf(module).Of("output"), output => output.Name == taken[2]);
        }
    });

    [Theory]
    [InlineData("main.dev.bicepparam", "dev")]
    [InlineData("main.prod.bicepparam", "prod")]
    public void ParameterFile_OfAnInstallation_GivesWhatIsNeededAndNothingElse(string path, string environment)
    {
        var file = BicepFile.Open(path);
        var given = file.Parameters.Select(parameter => parameter.Name).ToList();
        Assert.Empty(given.Except(BicepFile.Main.Parameters.Select(parameter => parameter.Name)));
        Assert.Empty(Required(BicepFile.Main.Parameters).Except(given));
        Assert.Equal("main.bicep", file.Of("using").Single().Subject);
        Assert.Equal(environment, Assert.IsType<Text>(file.Parameters.Single(parameter => parameter.Name == "environmentName").Value).Plain);
    }

    [Fact]
    public void Secrets_NeverPass_ThroughParametersOutputsOrFunctions()
    {
        string[] suspicious = ["password", "secret", "accountKey", "connectionString", "sas", "token"];
        Assert.All(BicepFile.All, file =>
        {
            Assert.DoesNotContain(file.Parameters.Concat(file.Of("output")), statement => Array.Exists(suspicious, word => statement.Name.Contains(word, StringComparison.OrdinalIgnoreCase)));
            Assert.DoesNotContain(file.Nodes().OfType<Call>(), call => call.Function.Split('.', ':')[^1].StartsWith("list", StringComparison.Ordinal) || call.Function == "getSecret");
            Assert.DoesNotContain("AccountKey=", File.ReadAllText(file.Path), StringComparison.OrdinalIgnoreCase);
        });
    }

    [Fact]
    public void Storage_EveryAccount_HasNoKeysAndNoAnonymousReaders() => Assert.All(
        Bodies("Microsoft.Storage/storageAccounts"),
        properties =>
        {
            Assert.Equal(new Literal(false), properties["allowSharedKeyAccess"]);
            Assert.Equal(new Literal(false), properties["allowBlobPublicAccess"]);
            Assert.Equal(new Literal(true), properties["supportsHttpsTrafficOnly"]);
            Assert.Equal("TLS1_2", ((Text)properties["minimumTlsVersion"]!).Plain);
        });

    [Fact]
    public void Everything_WithKeysOfItsOwn_HasThemTurnedOff()
    {
        Assert.All(Bodies("Microsoft.CognitiveServices/accounts"), properties => Assert.Equal(new Literal(true), properties["disableLocalAuth"]));
        Assert.All(Bodies("Microsoft.Insights/components"), properties => Assert.Equal(new Literal(true), properties["DisableLocalAuth"]));
        Assert.All(Bodies("Microsoft.OperationalInsights/workspaces"), properties => Assert.Equal(new Literal(true), ((Fields)properties["features"]!)["disableLocalAuth"]));
        Assert.All(Bodies("Microsoft.KeyVault/vaults"), properties => Assert.Equal(new Literal(true), properties["enableRbacAuthorization"]));
        Assert.All(Bodies("Microsoft.Web/sites/basicPublishingCredentialsPolicies"), properties => Assert.Equal(new Literal(false), properties["allow"]));
        Assert.All(Bodies("Microsoft.Web/sites"), properties => Assert.Equal(new Literal(true), properties["httpsOnly"]));
    }

    [Fact]
    public void Checkpoints_InTheirContainer_CannotBeReplaced() => Assert.All(
        Bodies("Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies"),
        properties =>
        {
            Assert.Equal(new Name("checkpointDays"), properties["immutabilityPeriodSinceCreationInDays"]);
            Assert.Equal(new Literal(false), properties["allowProtectedAppendWrites"]);
        });

    [Fact]
    public void Roles_All_AreOfTheListAndHaveAScope()
    {
        var ids = BicepFile.All.SelectMany(file => file.Nodes()).OfType<Literal>().Select(literal => literal.Value).OfType<string>().Where(text => Guid.TryParse(text, out _)).ToHashSet();
        Assert.Equal(LeastRoles.Keys.ToHashSet(), ids);
        var assignments = BicepFile.All.SelectMany(file => file.Resources).Where(one => one.Type == "Microsoft.Authorization/roleAssignments").ToList();
        Assert.NotEmpty(assignments);
        Assert.All(assignments, one =>
        {
            Assert.NotNull(one.Resource.Body!["scope"]);
            Assert.Equal("ServicePrincipal", ((Text)((Fields)one.Resource.Body["properties"]!)["principalType"]!).Plain);
        });
    }

    // The writer can neither sign nor write where checkpoints are; the sealer can write no log.
    [Fact]
    public void Sealer_AndApp_ShareNoRightToWrite()
    {
        var proofs = BicepFile.Open("modules/proofs.bicep").Modules.ToDictionary(module => module.Name, module => (Fields)module.Body!["params"]!);
        Assert.Equal(("sealerPrincipalId", "Storage Blob Data Contributor"), Grant(proofs["sealerGrant"]));
        Assert.Equal(["sealerGrant", "storage"], proofs.Keys.Order(StringComparer.Ordinal));
        var data = BicepFile.Open("modules/data-grants.bicep").Resources.Where(one => !one.Resource.IsExisting).Select(one => Granted(one.Resource)).ToList();
        Assert.Equal([("appPrincipalId", "tableDataContributor"), ("appPrincipalId", "blobDataContributor"), ("sealerPrincipalId", "tableDataReader")], data);
        var vault = BicepFile.Open("modules/vault.bicep").Resources.Where(one => one.Type.EndsWith("roleAssignments", StringComparison.Ordinal)).Select(one => Granted(one.Resource)).ToList();
        Assert.Equal([("appPrincipalId", "secretsUser"), ("sealerPrincipalId", "cryptoUser")], vault);
    }

    // A setting that no program reads, or one that a program needs and nobody sets, is found at the desk and not after a deployment.
    [Theory]
    [InlineData("app", "Functions")]
    [InlineData("sealer", "Sealer")]
    public void Settings_OfAnApp_AreThoseThatItReads(string module, string project)
    {
        var settings = ((Fields)((Fields)BicepFile.Main.Modules.Single(one => one.Name == module).Body!["params"]!)["settings"]!).Pairs.Select(pair => pair.Key).ToHashSet(StringComparer.Ordinal);
        var source = string.Concat(Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "src", project), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.All(settings, name => Assert.Contains(name.Replace("_ACCOUNT", "", StringComparison.Ordinal), source, StringComparison.Ordinal));
        var schedules = Schedule().Matches(source).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(schedules);
        Assert.Subset(settings, schedules);
        Assert.Contains("COUNTERSIGN_STORAGE_ACCOUNT", settings);
        Assert.Contains(module == "app" ? "COUNTERSIGN_ARTIFACT_KEY" : "COUNTERSIGN_SEAL_KEY", settings);
    }

    [Theory]
    [InlineData("resource x 'T@2020-01-01' = {")]
    [InlineData("param a string b")]
    [InlineData("var a = {b: 1 c: 2}")]
    [InlineData("var a = 'x")]
    [InlineData("var a = '${b'")]
    [InlineData("something a = 1")]
    [InlineData("var a = #")]
    public void Reader_WhatIsNoBicep_IsRefused(string source) => Assert.Throws<FormatException>(() => BicepReader.Read(source, "x.bicep"));

    [System.Text.RegularExpressions.GeneratedRegex("\"%(COUNTERSIGN_[A-Z_]+)%\"")]
    private static partial System.Text.RegularExpressions.Regex Schedule();

    private static IEnumerable<string> Required(IEnumerable<Statement> parameters) =>
        parameters.Where(parameter => parameter.Value is null && !parameter.Subject.EndsWith('?')).Select(parameter => parameter.Name);

    private static List<Fields> Bodies(string type)
    {
        var bodies = BicepFile.All.SelectMany(file => file.Resources).Where(one => one.Type == type && !one.Resource.IsExisting).Select(one => (Fields)one.Resource.Body!["properties"]!).ToList();
        Assert.NotEmpty(bodies);
        return bodies;
    }

    private static (string, string) Grant(Fields parameters) => (((Name)parameters["principalId"]!).Path, ((Text)parameters["role"]!).Plain);

    private static (string, string) Granted(Statement assignment)
    {
        var properties = (Fields)assignment.Body!["properties"]!;
        return (((Name)properties["principalId"]!).Path, ((Name)((Call)properties["roleDefinitionId"]!).Arguments[1]).Path);
    }
}

internal static class Sorting
{
    public static SortedDictionary<string, int> ToSortedDictionary(this IDictionary<string, int> counts) => new(counts, StringComparer.Ordinal);
}
