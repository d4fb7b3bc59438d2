using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Countersign.Infra.Tests.Bicep;

/// <summary>A fact over what the compiler makes of infra/bicep; skipped, by name, where there is no compiler.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BicepFactAttribute : FactAttribute
{
    public BicepFactAttribute() => Skip = BicepCompiler.Missing;
}

/// <summary>A theory over what the compiler makes of infra/bicep; skipped, by name, where there is no compiler.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BicepTheoryAttribute : TheoryAttribute
{
    public BicepTheoryAttribute() => Skip = BicepCompiler.Missing;
}

/// <summary>The official Bicep compiler, which comes as a package; main.bicep is compiled once for a run of the tests.</summary>
internal static class BicepCompiler
{
    private static readonly string? Command = FindCommand();

    private static readonly Lazy<Task<(string Output, string Diagnostics)>> MainBuild = new(() => RunAsync("build", "main.bicep", "--stdout"));

    /// <summary>Why there is no compiler, and how to get it; null where there is one.</summary>
    public static string? Missing => Command is null
        ? "The package of the Bicep compiler is for Linux on x64: name another one in COUNTERSIGN_BICEP (az bicep install)."
        : null;

    /// <summary>The template that main.bicep compiles to.</summary>
    public static async Task<ArmTemplate> MainAsync() => new("main", JsonElement.Parse((await MainBuild.Value).Output));

    /// <summary>Errors and warnings of main.bicep and all its modules.</summary>
    public static async Task<string> DiagnosticsAsync() => (await MainBuild.Value).Diagnostics;

    /// <summary>Runs the compiler in infra/bicep.</summary>
    public static async Task<(string Output, string Diagnostics)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Command!, arguments)
        {
            WorkingDirectory = RepositoryRoot.Bicep, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["COUNTERSIGN_ALERT_EMAIL"] = "ops@example.com";
        start.Environment["COUNTERSIGN_BUDGET_START"] = "2026-12-01";
        start.Environment["COUNTERSIGN_LOG_NAME"] = "log.example.com/test";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var diagnostics = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await diagnostics);
        return (await output, await diagnostics);
    }

    private static string? FindCommand()
    {
        if (Environment.GetEnvironmentVariable("COUNTERSIGN_BICEP") is { Length: > 0 } named)
        {
            return named;
        }

        var packaged = typeof(BicepCompiler).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(data => data.Key == "BicepPath").Value;
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64 || !File.Exists(packaged))
        {
            return null;
        }

        // NuGet may unpack a file without the right to execute it.
        if (!File.GetUnixFileMode(packaged).HasFlag(UnixFileMode.UserExecute))
        {
            File.SetUnixFileMode(packaged, File.GetUnixFileMode(packaged) | UnixFileMode.UserExecute);
        }

        return packaged;
    }
}
