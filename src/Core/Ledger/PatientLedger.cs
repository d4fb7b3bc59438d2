namespace Countersign.Ledger;

/// <summary>Repeats what an unreachable ledger could not do, until it can: storage trouble must never look like a step's failure.</summary>
public static class PatientLedger
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Commits patiently what nobody must have committed before. That all its entries are there already means that somebody was faster, or that an
    /// acknowledgement of one's own was lost: either way the rows tell, so it is answered like a conflict.
    /// </summary>
    /// <exception cref="LedgerConflictException">A row or call record was not as expected, or the entries are in the log already: read again.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public static async ValueTask CommitFirstAsync(
        this ILedger ledger, string tenant, LedgerCommit commit, TimeProvider time, CancellationToken cancellationToken)
    {
        if ((await ledger.CommitPatientlyAsync(tenant, commit, time, cancellationToken)).Repeated)
        {
            throw new LedgerConflictException(commit.Entries[0].EventId);
        }
    }

    /// <summary>Commits, repeating the same commit while the ledger is unavailable; a repeat is recognised by its event ids.</summary>
    /// <exception cref="LedgerConflictException">A row or call record was not as expected.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public static ValueTask<CommitReceipt> CommitPatientlyAsync(
        this ILedger ledger, string tenant, LedgerCommit commit, TimeProvider time, CancellationToken cancellationToken) =>
        RepeatAsync(token => ledger.CommitAsync(tenant, commit, token), time, cancellationToken);

    /// <summary>Does what may be repeated safely, again and again while the stores are unavailable: after 50 ms at first, after 5 s at most.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public static async ValueTask<T> RepeatAsync<T>(Func<CancellationToken, ValueTask<T>> work, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var delay = First; ; delay = delay * 2 < Longest ? delay * 2 : Longest)
        {
            try
            {
                return await work(cancellationToken);
            }
            catch (LedgerUnavailableException)
            {
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }
}
