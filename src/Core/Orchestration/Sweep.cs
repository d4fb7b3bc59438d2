using Countersign.Ledger;
using Countersign.People;

namespace Countersign.Orchestration;

/// <summary>
/// Acts on the due rows whose time has come: starts and pokes that were lost, deadlines, locks held too long, reminders, escalations. A due row is deleted by the
/// commit that acts on it, so an action that is cut off is taken again.
/// </summary>
public sealed class Sweep(ILedger ledger, RunRows runs, IEngine engine, RunCommands commands, Admission admission, Reminders reminders, Locks locks, KeptEvents events, TimeProvider time)
{
    /// <summary>How many due rows one sweep acts on.</summary>
    public const int BatchSize = 200;

    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>Sweeps once.</summary>
    /// <returns>How many due rows were found.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken = default)
    {
        var due = await ledger.ScanDueAsync(time.GetUtcNow(), BatchSize, cancellationToken);
        var troubles = new List<Exception>();
        var away = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in due.Where(row => !away.Contains(row.Tenant)))
        {
            try
            {
                await ActOrPostponeAsync(row, troubles, cancellationToken);
            }
            catch (LedgerUnavailableException exception)
            {
                // One tenant's store that is away, or busy, does not keep the others waiting.
                away.Add(row.Tenant);
                troubles.Add(exception);
            }
        }

        return troubles.Count == 0 ? due.Count : throw new AggregateException(troubles);
    }

    private async Task ActOrPostponeAsync(DueRow row, List<Exception> troubles, CancellationToken cancellationToken)
    {
        try
        {
            await ActAsync(row, cancellationToken);
        }
        catch (Exception exception) when (exception is not (LedgerUnavailableException or OperationCanceledException))
        {
            // Nor does one row that makes trouble: an unknown kind, after a newer version was here, an engine that throws.
            troubles.Add(exception);
            await MoveAsync(row, time.GetUtcNow() + LongestPause, row.Row.Value, cancellationToken);
        }
    }

    private Task ActAsync(DueRow due, CancellationToken cancellationToken)
    {
        var reason = DueReason.From(due.Row);
        var run = new RunIdentity(due.Tenant, reason.Run);
        return reason.Kind switch
        {
            DueKind.Start => StartAsync(run, due, cancellationToken),
            DueKind.Limit => ExpireAsync(run, due, cancellationToken),
            DueKind.Unlock => UnlockAsync(run, reason.Wait!, due, cancellationToken),
            DueKind.Remind => reminders.RemindAsync(run, reason.Wait!, due.Row, cancellationToken),
            DueKind.DropEvent => events.DropAsync(run, reason.Wait!, due.Row, cancellationToken),
            DueKind.Forget => ForgetAsync(due, cancellationToken, reason.Wait!),
            DueKind.Escalate => reminders.EscalateAsync(run, reason.Wait!, due.Row, cancellationToken),
            _ => PokeAsync(run, reason, due, cancellationToken),
        };
    }

    private async Task StartAsync(RunIdentity run, DueRow due, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(run, cancellationToken) is { Run.Status: RunStatus.Queued })
        {
            try
            {
                if (await admission.AdmitAsync(run, cancellationToken))
                {
                    await engine.StartAsync(run, cancellationToken);
                }
            }
            catch (EngineBusyException)
            {
                // Still no room: it stays due, and out of the way of what can be done.
                await PostponeAsync(due, cancellationToken);
            }

            return;
        }

        await ForgetAsync(due, cancellationToken);
    }

    private async Task ExpireAsync(RunIdentity run, DueRow due, CancellationToken cancellationToken)
    {
        await commands.ExpireAsync(run, cancellationToken);
        await ForgetAsync(due, cancellationToken);
    }

    private async Task UnlockAsync(RunIdentity run, string wait, DueRow due, CancellationToken cancellationToken)
    {
        await locks.ExpireAsync(run, wait, cancellationToken);
        await ForgetAsync(due, cancellationToken);
    }

    // The call that the poke wakes deletes the due row in its own commit; here it goes only where nobody will.
    private async Task PokeAsync(RunIdentity run, DueReason reason, DueRow due, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(run, cancellationToken) is not { Run.IsEnded: false } || await IsAnsweredAsync(run, reason.Wait, cancellationToken))
        {
            await ForgetAsync(due, cancellationToken);
            return;
        }

        await engine.PokeAsync(run, reason.Wait, cancellationToken);

        // What was asked of a run stays asked until the run has ended.
        await PostponeAsync(due, cancellationToken, atOnce: reason.Wait is null);
    }

    private async ValueTask<bool> IsAnsweredAsync(RunIdentity run, string? wait, CancellationToken cancellationToken) =>
        wait is not null && await ledger.ReadCallAsync(run.Tenant, run.Id, wait, cancellationToken) is { Answer: not null };

    // A row that stays although its time has come is looked at ever more seldom: enough of them, always the oldest, would stand before all others.
    private async Task PostponeAsync(DueRow due, CancellationToken cancellationToken, bool atOnce = false)
    {
        var now = time.GetUtcNow();
        var reason = DueReason.From(due.Row);
        var since = reason.Since ?? RowKeys.DueTime(due.Row.Key);
        var overdue = now - since;
        if (!atOnce && overdue < WaitPokes.Patience)
        {
            return;
        }

        var pause = overdue + WaitPokes.Patience;
        await MoveAsync(due, now + (pause < LongestPause ? pause : LongestPause), (reason with { Since = since }).ToBytes(), cancellationToken);
    }

    private async Task MoveAsync(DueRow due, DateTimeOffset next, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        var parts = due.Row.Key.Split('|', 4);
        await ledger.CommitAsync(
            due.Tenant,
            new LedgerCommit { Rows = [RowWrite.DeleteIfPresent(due.Row.Key), RowWrite.Put(RowKeys.Due(next, parts[2], parts[3]), value)] },
            cancellationToken);
    }

    private async Task ForgetAsync(DueRow due, CancellationToken cancellationToken, params string[] more) =>
        await ledger.CommitAsync(due.Tenant, new LedgerCommit { Rows = [.. more.Append(due.Row.Key).Select(RowWrite.DeleteIfPresent)] }, cancellationToken);
}
