using System.Diagnostics;

namespace Countersign.Crash.Tests;

/// <summary>The process that is killed.</summary>
internal static class Child
{
    /// <summary>How a process ends that SIGKILL ended.</summary>
    public const int Killed = 137;

    public static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Scenario).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEndAsync();
        var error = child.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            await child.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            child.Kill();
            throw;
        }

        return (child.ExitCode, await output, await error);
    }
}
