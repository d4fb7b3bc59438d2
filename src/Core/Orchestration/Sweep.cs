using Countersign.Ledger;
using Countersign.People;

namespace Countersign.Orchestration;

/// <summary>
/// Acts on the due rows whose time has come: starts and pokes that were lost, deadlines, reminders, escalations. A due row is deleted by the
/// commit that acts on it, so an action that is cut off is taken again.
/// </summary>
public sealed class Sweep(ILedger ledger, RunRows runs, IEngine engine, RunCommands commands, Admission admission, Reminders reminders, TimeProvider time)
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
        foreach (var row in due)
        {
            try
            {
                await ActAsync(row, cancellationToken);
            }
            catch (Exception exception) when (exception is not (LedgerUnavailableException or OperationCanceledException))
            {
                // One row that makes trouble does not keep the others waiting.
                troubles.Add(exception);
                await PostponeAsync(row, cancellationToken);
            }
        }

        return troubles.Count == 0 ? due.Count : throw new AggregateException(troubles);
    }

    private Task ActAsync(DueRow due, CancellationToken cancellationToken)
    {
        var reason = DueReason.From(due.Row);
        var run = new RunIdentity(due.Tenant, reason.Run);
        return reason.Kind switch
        {
            DueKind.Start => StartAsync(run, due, cancellationToken),
            DueKind.Limit => ExpireAsync(run, due, cancellationToken),
            DueKind.Remind => reminders.RemindAsync(run, reason.Wait!, due.Row, cancellationToken),
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
        var overdue = now - RowKeys.DueTime(due.Row.Key);
        if (!atOnce && overdue < WaitPokes.Patience)
        {
            return;
        }

        var reason = DueReason.From(due.Row);
        var pause = 2 * (overdue + WaitPokes.Patience);
        var next = RowKeys.Due(now + (pause < LongestPause ? pause : LongestPause), reason.Run, $"{reason.Wait}|{reason.Kind}|again");
        await ledger.CommitAsync(
            due.Tenant,
            new LedgerCommit { Rows = [RowWrite.DeleteIfPresent(due.Row.Key), RowWrite.Put(next, due.Row.Value)] },
            cancellationToken);
    }

    private async Task ForgetAsync(DueRow due, CancellationToken cancellationToken) =>
        await ledger.CommitAsync(due.Tenant, new LedgerCommit { Rows = [RowWrite.DeleteIfPresent(due.Row.Key)] }, cancellationToken);
}
