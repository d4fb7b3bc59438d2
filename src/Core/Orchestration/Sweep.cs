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
        foreach (var row in due)
        {
            await ActAsync(row, cancellationToken);
        }

        return due.Count;
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
                // Still no room: it stays due.
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
        if (await runs.FindAsync(run, cancellationToken) is not { Run.IsEnded: false })
        {
            await ForgetAsync(due, cancellationToken);
            return;
        }

        await engine.PokeAsync(run, reason.Wait, cancellationToken);
        if (reason.Wait is null)
        {
            await LaterAsync(due, reason, cancellationToken);
        }
    }

    // What was asked of a run stays asked until the run has ended, so the poke is repeated, ever more seldom.
    private async Task LaterAsync(DueRow due, DueReason reason, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var pause = 2 * (now - RowKeys.DueTime(due.Row.Key) + WaitPokes.Patience);
        var next = RowKeys.Due(now + (pause < LongestPause ? pause : LongestPause), reason.Run, "asked");
        await ledger.CommitAsync(
            due.Tenant,
            new LedgerCommit { Rows = [RowWrite.DeleteIfPresent(due.Row.Key), RowWrite.Put(next, due.Row.Value)] },
            cancellationToken);
    }

    private async Task ForgetAsync(DueRow due, CancellationToken cancellationToken) =>
        await ledger.CommitAsync(due.Tenant, new LedgerCommit { Rows = [RowWrite.DeleteIfPresent(due.Row.Key)] }, cancellationToken);
}
