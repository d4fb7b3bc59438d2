using System.Collections.Immutable;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>Puts answers on record.</summary>
internal static class Answers
{
    /// <summary>Records an answer with entries and unconditional rows; the answer that is on record already, if there is one, wins.</summary>
    public static async ValueTask<CallAnswer> RecordAsync(
        ILedger ledger,
        Delivery delivery,
        CallRequest request,
        CallAnswer answer,
        ImmutableArray<EntryDraft> entries,
        ImmutableArray<RowWrite> rows,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var run = delivery.Run;
        var call = new CallRecord(run.Id, request.Step.Key, 1, delivery.Nonce, answer.ToBytes());
        try
        {
            var receipt = await ledger.CommitPatientlyAsync(run.Tenant, new LedgerCommit { Rows = rows, Entries = entries, Call = call }, time, cancellationToken);
            if (!receipt.Repeated)
            {
                return answer;
            }
        }
        catch (LedgerConflictException)
        {
            // Recorded by another delivery.
        }

        var known = await ledger.ReadCallAsync(run.Tenant, run.Id, request.Step.Key, cancellationToken);
        return known?.Answer is { } theirs
            ? CallAnswer.From(theirs)
            : throw new InvalidOperationException($"The answer to {request.Step.Key} of run {run} was refused, and there is none on record.");
    }
}
