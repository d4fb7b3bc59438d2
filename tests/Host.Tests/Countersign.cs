using System.Diagnostics;

namespace Countersign.Host.Tests;

/// <summary>What a command did.</summary>
internal sealed record Outcome(int Code, string Output, string Error)
{
    /// <summary>Everything that it wrote.</summary>
    public string All => Output + Error;
}

/// <summary>Runs the executable as its users do: as a process, with no terminal.</summary>
internal static class Countersign
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "countersign.dll");

    public static string Sample(string file) => Path.Combine(AppContext.BaseDirectory, "samples", "invoice-approval", file);

    public static Process Start(params string[] arguments) => Start(new Dictionary<string, string>(), arguments);

    private static Process Start(IReadOnlyDictionary<string, string> environment, string[] arguments, string input = "")
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment.Remove("COUNTERSIGN_DEBUG");
        start.Environment.Remove("COUNTERSIGN_PROVIDERS");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return process;
    }

    public static Task<Outcome> RunAsync(params string[] arguments) => RunAsync(new Dictionary<string, string>(), arguments);

    /// <summary>Runs with variables of the environment.</summary>
    public static Task<Outcome> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments) => RunAsync(environment, "", arguments);

    /// <summary>Runs with variables of the environment and a standard input.</summary>
    public static async Task<Outcome> RunAsync(IReadOnlyDictionary<string, string> environment, string input, string[] arguments)
    {
        using var process = Start(environment, arguments, input);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            Assert.Fail($"'{string.Join(' ', arguments)}' does not end.");
        }

        var outcome = new Outcome(process.ExitCode, await output, await error);
        Assert.DoesNotMatch(@"(?m)^\s+at \S+\(|Unhandled exception|unexpected error", outcome.All);
        return outcome;
    }
}

/// <summary>A folder of one test, gone after it.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("countersign-cli-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
