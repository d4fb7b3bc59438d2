using Countersign.Orchestration;
using Microsoft.Extensions.Logging;

namespace Countersign.Functions.Runs;

/// <summary>
/// Looks every few seconds whether a run was canceled while one of its calls is in flight: an activity hears no event of the task hub. After its grace
/// the call is cut off.
/// </summary>
internal sealed class CancelWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource ended = new();
    private readonly CancellationTokenSource abort = new();
    private Task watching = Task.CompletedTask;

    private CancelWatch()
    {
    }

    /// <summary>Fires once the run has been canceled for longer than the grace.</summary>
    public CancellationToken Abort => abort.Token;

    /// <summary>Begins to look; ends when it is disposed of.</summary>
    public static CancelWatch Begin(RunRows rows, RunIdentity run, TimeProvider time, ILogger log)
    {
        var watch = new CancelWatch();
        watch.watching = watch.WatchAsync(rows, run, time, log);
        return watch;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await watching;
        ended.Dispose();
        abort.Dispose();
    }

    private async Task WatchAsync(RunRows rows, RunIdentity run, TimeProvider time, ILogger log)
    {
        try
        {
            while (!await IsCanceledAsync(rows, run, log))
            {
                await Task.Delay(Interval, time, ended.Token);
            }

            await Task.Delay(Grace, time, ended.Token);
            await abort.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // The call ended first.
        }
    }

    private async Task<bool> IsCanceledAsync(RunRows rows, RunIdentity run, ILogger log)
    {
        try
        {
            return await rows.FindAsync(run, ended.Token) is { Run: var row } && row.Flags.HasFlag(RunFlags.Cancel);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Looks.Failed(log, run.Tenant, run.Id, error);
            return false;
        }
    }

    private static class Looks
    {
        public static readonly Action<ILogger, string, string, Exception?> Failed = LoggerMessage.Define<string, string>(
            LogLevel.Debug, new EventId(1, "LookFailed"), "Whether run {Run} of tenant {Tenant} was canceled could not be read");
    }
}
