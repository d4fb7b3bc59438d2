using Countersign.Ledger;

namespace Countersign.Api;

/// <summary>
/// Whether the host can serve: its ledger takes a write. Anybody may ask, so an answer holds for <see cref="Holds"/> and a flood of questions writes no
/// more than one of them.
/// </summary>
public sealed class Readiness(ILedger ledger, TimeProvider time)
{
    /// <summary>How long an answer holds: 5 seconds.</summary>
    public static readonly TimeSpan Holds = TimeSpan.FromSeconds(5);

    private const string Tenant = "$ready";

    private readonly Lock guard = new();
    private Task<bool> newest = Task.FromResult(false);
    private long? asked;

    /// <summary>Asks the ledger, or gives the answer that still holds.</summary>
    public Task<bool> AskAsync(CancellationToken cancellationToken)
    {
        lock (guard)
        {
            if (asked is not { } last || time.GetElapsedTime(last) >= Holds)
            {
                (asked, newest) = (time.GetTimestamp(), WriteAsync());
            }

            return newest.WaitAsync(cancellationToken);
        }
    }

    private async Task<bool> WriteAsync()
    {
        // A store that hangs is not ready either.
        using var patience = new CancellationTokenSource(Holds, time);
        try
        {
            await ledger.CommitAsync(Tenant, new LedgerCommit { Rows = [RowWrite.Put("ready", "{}"u8.ToArray())] }, patience.Token);
            return true;
        }
        catch (Exception exception) when (exception is LedgerUnavailableException or OperationCanceledException)
        {
            return false;
        }
    }
}
