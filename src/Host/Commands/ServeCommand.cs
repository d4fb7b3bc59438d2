using System.CommandLine;
using Countersign.Api.Limits;
using Countersign.Checkpoints;
using Countersign.Engine.Runs;
using Countersign.Host.Logging;
using Countersign.Host.Terminal;
using Countersign.Orchestration;
using Microsoft.Extensions.Logging;

namespace Countersign.Host.Commands;

/// <summary><c>countersign serve</c>: the HTTP interface over a data folder.</summary>
internal static class ServeCommand
{
    /// <summary>The most seconds that calls in flight may have to end.</summary>
    public const int LongestDrain = 300;

    private static readonly TimeSpan TimeToAnswer = TimeSpan.FromSeconds(5);

    private static readonly Dictionary<string, LogLevel> Levels = new(StringComparer.Ordinal)
    {
        ["debug"] = LogLevel.Debug, ["information"] = LogLevel.Information, ["warning"] = LogLevel.Warning, ["error"] = LogLevel.Error,
    };

    public static Command Make()
    {
        var standard = new ApiLimits();
        var data = Options.Data();
        var url = new Option<string>("--url") { Description = "Where to listen.", DefaultValueFactory = _ => "http://127.0.0.1:8080" };
        var allow = Options.Allow();
        var providers = Options.Providers();
        var most = Options.Number("--max-runs-per-tenant", "How many runs of a tenant may be active at a time; further runs are queued. 0 sets no limit.", 0, 0, Admission.HighestLimit);
        var executions = Options.Number("--max-executions", "How many calls of steps may be in flight at a time, over all tenants.", 64, 1, EmbeddedEngineOptions.HighestExecutions);
        var perTenant = Options.Number("--max-executions-per-tenant", "How many of them one tenant may have while it is alone; fewer, the more are in flight. 0 is three quarters of --max-executions.", 0, 0, EmbeddedEngineOptions.HighestExecutions);
        var cancelGrace = Options.Number("--cancel-grace", "How many seconds a call in flight has to end after its run was canceled, before it is cut off.", 10, 0, 3600);
        var drain = Options.Number("--drain", "How many seconds calls in flight have to end when the host is asked to stop.", 25, 0, LongestDrain);
        var requests = Options.Number("--requests-per-second", "How many HTTP requests a second one user may make over a longer time. 0 sets no limit.", standard.RequestsPerSecond, 0, 1_000_000);
        var heavy = Options.Number("--heavy-reads", "How many reads that compute much run at a time for one tenant; further ones wait. 0 sets no limit.", standard.HeavyReads, 0, 1_000);
        var sealKey = new Option<string?>("--seal-key") { Description = "Seals the logs by itself, with this key; needs --seal-out. A process of its own ('seal') proves more." };
        var sealOut = new Option<string?>("--seal-out") { Description = "The folder of checkpoints, with --seal-key." };
        var logFile = new Option<string?>("--log-file") { Description = "A log file beside the console's log. Its name gets the date; it is rotated every day and at 16 MiB, and 10 files are kept." };
        var logFormat = new Option<string>("--log-format") { Description = "The form of the log's lines.", DefaultValueFactory = _ => "text" }.AcceptOnlyFromAmong("text", "json");
        var logLevel = new Option<string>("--log-level") { Description = "The least important lines that are logged.", DefaultValueFactory = _ => "information" }.AcceptOnlyFromAmong([.. Levels.Keys]);
        var command = new Command("serve", "Serves the HTTP interface over a data folder.")
        {
            data, url, allow, providers, most, executions, perTenant, cancelGrace, drain, requests, heavy, sealKey, sealOut, logFile, logFormat, logLevel,
        };
        command.SetAction(async (parsed, cancellation) => await RunAsync(
            new LocalHostOptions
            {
                Data = parsed.GetValue(data)!,
                AllowedTargets = [.. parsed.GetValue(allow) ?? []],
                MaxRunsPerTenant = parsed.GetValue(most),
                Limits = standard with
                {
                    RequestsPerSecond = parsed.GetValue(requests),
                    Burst = Math.Max(standard.Burst, 4 * parsed.GetValue(requests)),
                    HeavyReads = parsed.GetValue(heavy),
                },
                Drain = TimeSpan.FromSeconds(parsed.GetValue(drain)),
                Engine = new EmbeddedEngineOptions
                {
                    MaxExecutions = parsed.GetValue(executions),
                    MaxExecutionsPerTenant = parsed.GetValue(perTenant),
                    CancelGrace = TimeSpan.FromSeconds(parsed.GetValue(cancelGrace)),
                },
                Providers = await Options.ReadProvidersAsync(parsed.GetValue(providers), cancellation),
            },
            ListenAddress.Of(parsed.GetValue(url)!),
            (parsed.GetValue(sealKey), parsed.GetValue(sealOut)),
            new LogOptions(Levels[parsed.GetValue(logLevel)!], parsed.GetValue(logFormat) is "json", LogFile(parsed.GetValue(logFile))),
            cancellation));
        return command;
    }

    // The folder has to be there, so that a mistyped name is told at the start and not by a log that stays empty.
    private static string? LogFile(string? file) => file is null ? null
        : Directory.Exists(file) ? throw new OptionException("--log-file", file, "is a folder, and a file is expected.")
        : Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder && Directory.Exists(folder) ? file
        : throw new OptionException("--log-file", file, "cannot be written: its folder does not exist.");

    private static async Task<int> RunAsync(LocalHostOptions options, string url, (string? Key, string? Output) sealing, LogOptions logging, CancellationToken cancellation)
    {
        if (sealing.Key is null != sealing.Output is null)
        {
            throw new OptionException(sealing.Key is null ? "--seal-out" : "--seal-key", sealing.Key ?? sealing.Output, "needs the other one: --seal-key and --seal-out belong together.");
        }

        using var log = HostLog.Open(logging);
        await using var host = await LocalHost.OpenAsync(options, log, cancellation);
        await using var server = await WebServer.StartAsync(host, url, log, cancellation);
        if (await host.MakeFirstKeyAsync(cancellation) is { } key)
        {
            Screen.WriteLine($"The first key of this data folder, an admin of the tenant 'default'. It is shown this once:");
            Screen.WriteLine($"  {key}");
        }

        Screen.WriteLine($"Listening on {server.Address}, data in {Path.GetFullPath(options.Data)}. Ctrl+C stops.");
        Screen.WriteLine($"Models: {host.Models}");
        await UntilStoppedAsync(options.Data, sealing, cancellation);
        Screen.WriteLine($"Stopping: calls in flight have {options.Drain.TotalSeconds:0} s to end; active runs continue at the next start.");
        var open = host.Engine.DrainAsync(options.Drain);
        await server.StopAsync(TimeToAnswer);
        if (await open is var left and > 0)
        {
            Screen.WriteLine($"Calls that were still in flight: {left}. The next start makes them again.");
        }

        return CommandLine.Ok;
    }

    private static async Task UntilStoppedAsync(string data, (string? Key, string? Output) sealing, CancellationToken cancellation)
    {
        if (sealing is ({ } key, { } output))
        {
            using var rounds = SealRounds.Open(data, key, output, new SealerOptions());
            await rounds.RunAsync(SealRounds.Interval, TimeProvider.System, cancellation);
            return;
        }

        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        }
        catch (OperationCanceledException)
        {
            // The signal to stop is how the command ends.
        }
    }
}
