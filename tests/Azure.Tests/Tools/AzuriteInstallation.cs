using System.Diagnostics;

namespace Countersign.Tests.Tools;

/// <summary>
/// Where the storage emulator is: the entry script that <c>COUNTERSIGN_AZURITE</c> names, or a copy of the tested version in the user's cache, which is
/// installed with npm at the first use.
/// </summary>
public static class AzuriteInstallation
{
    /// <summary>The tested version.</summary>
    public const string Version = "3.35.0";

    private static readonly TimeSpan InstallTime = TimeSpan.FromMinutes(5);

    private static readonly Lazy<(string? Script, string? Missing)> Found = new(Find);

    /// <summary>The script that node runs; null where there is none.</summary>
    public static string? Script => Found.Value.Script;

    /// <summary>Why there is none, and how to get it.</summary>
    public static string? Missing => Found.Value.Missing;

    private static (string?, string?) Find()
    {
        if (Environment.GetEnvironmentVariable("COUNTERSIGN_AZURITE") is { Length: > 0 } named)
        {
            return File.Exists(named) ? (named, null) : (null, $"COUNTERSIGN_AZURITE names '{named}', which does not exist.");
        }

        if (!IsOnPath("node") || !IsOnPath("npm"))
        {
            return (null, "The storage emulator needs Node.js: install Node 20 or newer with npm, and the tests install Azurite themselves.");
        }

        var place = Path.Combine(Cache(), "countersign", $"azurite-{Version}");
        var script = Path.Combine(place, "node_modules", "azurite", "dist", "src", "azurite.js");
        try
        {
            return File.Exists(script) || Install(place, script) is not { } failure ? (script, null) : (null, failure);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (null, $"Azurite {Version} could not be installed into '{place}': {error.Message} Set COUNTERSIGN_AZURITE to its dist/src/azurite.js.");
        }
    }

    // Test assemblies start at the same time: one installs, into a folder that gets its name when it is whole, and the others wait for it.
    private static string? Install(string place, string script)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        using var owner = Own(place + ".lock");
        if (File.Exists(script))
        {
            return null;
        }

        var draft = place + ".draft";
        if (Directory.Exists(draft))
        {
            Directory.Delete(draft, recursive: true);
        }

        Directory.CreateDirectory(draft);
        var start = new ProcessStartInfo("npm", ["install", "--prefix", draft, "--no-audit", "--no-fund", "--silent", $"azurite@{Version}"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var npm = Process.Start(start)!;
        var output = npm.StandardOutput.ReadToEndAsync();
        var errors = npm.StandardError.ReadToEndAsync();
        if (!npm.WaitForExit(InstallTime))
        {
            npm.Kill(entireProcessTree: true);
            return $"npm install azurite@{Version} took longer than {InstallTime.TotalMinutes} minutes.";
        }

        if (npm.ExitCode != 0)
        {
            return $"npm install azurite@{Version} failed: {(errors.Result + output.Result).Trim()} Set COUNTERSIGN_AZURITE to its dist/src/azurite.js.";
        }

        if (Directory.Exists(place))
        {
            Directory.Delete(place, recursive: true);
        }

        Directory.Move(draft, place);
        return null;
    }

    private static FileStream Own(string file)
    {
        for (var limit = Stopwatch.StartNew(); ;)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (limit.Elapsed < InstallTime)
            {
                Pause();
            }
        }
    }

#pragma warning disable RS0030 // Discovery of tests is synchronous, and another process ends its installation without an event.
    private static void Pause() => Thread.Sleep(200);
#pragma warning restore RS0030

    private static string Cache() => Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set
        ? set
        : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create) is { Length: > 0 } local ? local
        : Path.GetTempPath();

    private static bool IsOnPath(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, command)));
}
