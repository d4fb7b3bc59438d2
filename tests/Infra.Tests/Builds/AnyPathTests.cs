using System.Diagnostics;

namespace Countersign.Infra.Tests.Builds;

/// <summary>A clone builds wherever it is: what the build files decide must not depend on the path above the repository.</summary>
public sealed class AnyPathTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly string folder = Directory.CreateTempSubdirectory("countersign-path-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    // Core has doc comments and must have them; the base classes of the tests have fewer and need none.
    [Fact]
    public async Task Build_CopyBelowAFolderCalledSrcWithSpacesAndAnUmlaut_HasNoErrors()
    {
        var clone = Path.Combine(folder, "src with spaces", "ü");
        foreach (var file in Directory.EnumerateFiles(RepositoryRoot.Path).Where(file => Path.GetExtension(file) is ".props" or ".json" or ".txt"))
        {
            Copy(file, Path.Combine(clone, Path.GetFileName(file)));
        }

        foreach (var part in (string[])["src", Path.Combine("tests", "Conformance"), Path.Combine("tests", "Directory.Build.props")])
        {
            CopyAll(Path.Combine(RepositoryRoot.Path, part), Path.Combine(clone, part));
        }

        var (code, output) = await BuildAsync(Path.Combine(clone, "tests", "Conformance"));

        Assert.True(code == 0, output);
        Assert.True(File.Exists(Path.Combine(clone, "src", "Core", "obj", "Debug", "net10.0", "Countersign.Core.xml")), "Core was built without its documentation.");
    }

    private static async Task<(int Code, string Output)> BuildAsync(string project)
    {
        var start = new ProcessStartInfo("dotnet", ["build", project, "-c", "Debug", "-v", "quiet", "--nologo", "-nodeReuse:false"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };

        // The build that runs these tests hands its own settings down.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name == "CI").ToList())
        {
            start.Environment.Remove(name);
        }

        using var build = Process.Start(start)!;
        var output = build.StandardOutput.ReadToEndAsync();
        var errors = build.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await build.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            build.Kill(entireProcessTree: true);
            throw;
        }

        return (build.ExitCode, await output + await errors);
    }

    private static void CopyAll(string from, string to)
    {
        if (File.Exists(from))
        {
            Copy(from, to);
            return;
        }

        foreach (var file in Directory.EnumerateFiles(from))
        {
            Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (var part in Directory.EnumerateDirectories(from).Where(part => Path.GetFileName(part) is not ("bin" or "obj")))
        {
            CopyAll(part, Path.Combine(to, Path.GetFileName(part)));
        }
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(from, to);
    }
}
