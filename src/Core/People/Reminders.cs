using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.People;

/// <summary>Reminds the people of an open wait, and hands it up when nobody decides. Each is one commit that deletes its due row.</summary>
public sealed class Reminders(ILedger ledger, TimeProvider time)
{
    /// <summary>
    /// Writes a reminder into the log, from where notifications take it. However many were missed while no host was there, one is written, and the next
    /// comes at the next multiple of the interval.
    /// </summary>
    public async Task RemindAsync(RunIdentity run, string key, Row due, CancellationToken cancellationToken = default)
    {
        await ActAsync(run, key, due, (wait, now) => wait with { Reminders = wait.Reminders + 1, RemindEvery = IntervalOf(wait), Remind = Next(wait, now) }, Reminder, cancellationToken);

        static EntryDraft Reminder(WaitRow wait) => WaitLog.Entry(
            wait, WaitLog.Reminded(wait.Kind), Number(wait.Reminders), RunLog.Actor,
            new LogPayload().Add("number", wait.Reminders).Add("role", wait.Audience?.Role).Add("step", wait.StepId).ToBytes());
    }

    /// <summary>Lets those decide as well to whom the definition escalates.</summary>
    public async Task EscalateAsync(RunIdentity run, string key, Row due, CancellationToken cancellationToken = default)
    {
        await ActAsync(run, key, due, (wait, _) => wait with { State = WaitState.Escalated }, Escalation, cancellationToken);

        static EntryDraft Escalation(WaitRow wait) => WaitLog.Entry(
            wait, WaitLog.Escalated(wait.Kind), null, RunLog.Actor,
            new LogPayload().Add("role", wait.EscalateTo?.Role).Add("step", wait.StepId).Add("users", WaitLog.Users(wait.EscalateTo)).ToBytes());
    }

    private async Task ActAsync(
        RunIdentity run, string key, Row due, Func<WaitRow, DateTimeOffset, WaitRow> change, Func<WaitRow, EntryDraft> entry, CancellationToken cancellationToken)
    {
        var stored = await ledger.ReadRowAsync(run.Tenant, RowKeys.Wait(run.Id, key), cancellationToken);
        var now = time.GetUtcNow();

        // A wait whose deadline has passed is closed by its run; it needs no reminder and no escalation.
        var commit = stored is not null && WaitRow.From(stored) is { IsOpen: true } wait && now < wait.Deadline
            ? Acting(stored, change(wait, now), due, entry)
            : new LedgerCommit { Rows = [RowWrite.DeleteIfPresent(due.Key)] };
        try
        {
            await ledger.CommitAsync(run.Tenant, commit, cancellationToken);
        }
        catch (LedgerConflictException)
        {
            // Somebody acted on the wait, or another sweep was faster; the row is still due if there is anything left to do.
        }
    }

    // Rows of before the interval was kept had no reminder left out, so that it follows from the last one.
    private static TimeSpan? IntervalOf(WaitRow wait) => wait.RemindEvery ?? ((wait.Remind - wait.Opened) / (wait.Reminders + 1));

    // The next multiple that is still to come. None comes after the deadline.
    private static DateTimeOffset? Next(WaitRow wait, DateTimeOffset now)
    {
        if (IntervalOf(wait) is not { Ticks: > 0 } interval)
        {
            return null;
        }

        var next = wait.Opened + (interval * (((now - wait.Opened).Ticks / interval.Ticks) + 1));
        return next < wait.Deadline ? next : null;
    }

    private static LedgerCommit Acting(Row stored, WaitRow changed, Row due, Func<WaitRow, EntryDraft> entry) => new()
    {
        Rows =
        [
            RowWrite.Replace(stored.Key, changed.ToBytes(), stored.Version),
            RowWrite.Delete(due.Key, due.Version),
            .. changed.Remind is { } next && WaitRow.From(stored).Remind != changed.Remind
                ? (RowWrite[])[changed.Due(next, DueKind.Remind)]
                : [],
        ],
        Entries = [entry(changed)],
    };

    private static string Number(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
