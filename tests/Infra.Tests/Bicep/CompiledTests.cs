using System.Diagnostics;
using System.Text.Json;

namespace Countersign.Infra.Tests.Bicep;

/// <summary>A fact that needs the Bicep compiler: the one that <c>COUNTERSIGN_BICEP</c> names, or <c>bicep</c> on the path. Skipped, by name, without.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BicepFactAttribute : FactAttribute
{
    public BicepFactAttribute()
    {
        if (Command is null)
        {
            Skip = "The Bicep compiler is not installed: az bicep install, or name it in COUNTERSIGN_BICEP.";
        }
    }

    /// <summary>The compiler; null where there is none.</summary>
    public static string? Command { get; } = Environment.GetEnvironmentVariable("COUNTERSIGN_BICEP") is { Length: > 0 } named
        ? named
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".azure", "bin"))
            .Select(place => Path.Combine(place, OperatingSystem.IsWindows() ? "bicep.exe" : "bicep")).FirstOrDefault(File.Exists);
}

/// <summary>What the compiler makes of the files.</summary>
public sealed class CompiledTests
{
    [BicepFact]
    public async Task Main_Compiled_HasNoWarningsAndMakesWhatIsMeant()
    {
        var (template, told) = await RunAsync("build", "main.bicep", "--stdout");
        Assert.Equal("", told);
        using var document = JsonDocument.Parse(template);
        var found = ResourcesOf(document.RootElement).CountBy(type => type).ToDictionary().ToSortedDictionary();
        Assert.Equal(BicepFilesTests.Expected, found);
    }

    [BicepFact]
    public async Task Main_Linted_HasNoWarnings() => Assert.Equal("", (await RunAsync("lint", "main.bicep")).Told);

    [BicepFact]
    public async Task ParameterFiles_Compiled_HaveNoWarnings()
    {
        foreach (var file in (string[])["main.dev.bicepparam", "main.prod.bicepparam"])
        {
            Assert.Equal("", (await RunAsync("build-params", file, "--stdout")).Told);
        }
    }

    private static IEnumerable<string> ResourcesOf(JsonElement template)
    {
        var resources = template.GetProperty("resources");
        var all = resources.ValueKind == JsonValueKind.Object ? resources.EnumerateObject().Select(one => one.Value) : resources.EnumerateArray();
        foreach (var resource in all.Where(one => !one.TryGetProperty("existing", out var existing) || !existing.GetBoolean()))
        {
            var type = resource.GetProperty("type").GetString()!;
            if (type != "Microsoft.Resources/deployments")
            {
                yield return type;
                continue;
            }

            foreach (var nested in ResourcesOf(resource.GetProperty("properties").GetProperty("template")))
            {
                yield return nested;
            }
        }
    }

    private static async Task<(string Output, string Told)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(BicepFactAttribute.Command!, arguments)
        {
            WorkingDirectory = RepositoryRoot.Bicep, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["COUNTERSIGN_ALERT_EMAIL"] = "ops@example.com";
        start.Environment["COUNTERSIGN_BUDGET_START"] = "2026-12-01";
        start.Environment["COUNTERSIGN_LOG_NAME"] = "log.example.com/test";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var told = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await told);
        return (await output, await told);
    }
}
