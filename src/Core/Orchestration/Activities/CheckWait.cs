using System.Collections.Immutable;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>Point 3 of the protocol, second half: whatever the poke said, the rows decide.</summary>
public sealed class CheckWait(ILedger ledger, RunRows runs, Locks locks, TimeProvider time)
{
    /// <summary>Answers decided, rejected, expired (committing the expiry), canceled (likewise), or still open.</summary>
    public ValueTask<CallAnswer> RunAsync(Delivery delivery, WaitRequest request, CancellationToken cancellationToken)
    {
        var trust = delivery.IsKnown;
        return CommitLoop.RunAsync(
            async token =>
            {
                var known = trust ? delivery.Known : await ledger.ReadCallAsync(delivery.Run.Tenant, delivery.Run.Id, request.Step.Key, token);
                trust = false;
                return known?.Answer is { } recorded ? CallAnswer.From(recorded) : await TryAsync(delivery, request, token);
            },
            time,
            cancellationToken);
    }

    private async ValueTask<CallAnswer> TryAsync(Delivery delivery, WaitRequest request, CancellationToken cancellationToken)
    {
        var run = delivery.Run;
        var row = await runs.ReadAsync(run, cancellationToken);
        var stored = await ledger.ReadRowAsync(run.Tenant, RowKeys.Wait(run.Id, request.Step.Key), cancellationToken)
            ?? throw new InvalidOperationException($"The wait {request.Step.Key} of run {run} was never opened.");
        var wait = WaitRow.From(stored);
        var now = time.GetUtcNow();
        if (Settle(wait, row.Run.Flags, now) is not { } settled)
        {
            // A run that may not hold the lock now does not look whether it is free.
            return wait.Lock is { } wanted && LockLine.MayHold(row.Run, wanted.Compensating) && await locks.OfferAsync(run.Tenant, wanted.Name, cancellationToken)
                ? throw new LedgerConflictException(RowKeys.Lock(wanted.Name))
                : new CallAnswer { Key = request.Step.Key, Result = CallResult.StillOpen, Flags = row.Run.Flags, At = now };
        }

        var answer = Answer(settled, row.Run.Flags, now);
        await ledger.CommitFirstAsync(run.Tenant, Closing(delivery, row, stored, wait, settled, answer), time, cancellationToken);
        return answer;
    }

    // What the wait becomes by itself, or is already; null while it stays open.
    private static WaitRow? Settle(WaitRow wait, RunFlags flags, DateTimeOffset now)
    {
        if (!wait.IsOpen)
        {
            return wait;
        }

        if (flags.HasFlag(RunFlags.Cancel) && wait.Lock is not { Compensating: true })
        {
            return wait with { State = WaitState.Canceled };
        }

        return now < wait.Deadline ? null : wait with { State = wait.Kind is WaitKind.Time or WaitKind.Limit ? WaitState.Decided : WaitState.Expired };
    }

    private static CallAnswer Answer(WaitRow wait, RunFlags flags, DateTimeOffset now) => new()
    {
        Key = wait.Key,
        Result = wait.State switch
        {
            WaitState.Decided => CallResult.Succeeded,
            WaitState.Rejected => CallResult.Rejected,
            WaitState.Expired => CallResult.Expired,
            _ => CallResult.Canceled,
        },
        Value = wait.Value,
        Flags = flags,
        At = now,
    };

    private static LedgerCommit Closing(
        Delivery delivery, VersionedRun row, Row stored, WaitRow before, WaitRow after, CallAnswer answer)
    {
        var closesNow = before.State != after.State;
        var wait = closesNow
            ? after.Leftovers().Prepend(RowWrite.Replace(stored.Key, after.ToBytes(), stored.Version))
            : (after.DecidedAt ?? after.WithdrawnAt) is { } settled ? [RowWrite.DeleteIfPresent(after.PokeKey(settled))] : [];
        return new LedgerCommit
        {
            Rows =
            [
                row.Replace(row.Run with { OpenWaits = row.Run.OpenWaits - (after.Counts ? 1 : 0), OpenLocks = row.Run.OpenLocks - (after.Lock is null ? 0 : 1) }),
                .. after.IsAlone ? [RowWrite.Put(RowKeys.Open(after.Run), "{}"u8.ToArray())] : Array.Empty<RowWrite>(),
                .. wait,
            ],
            Entries = closesNow && after.Kind is not WaitKind.Limit ? [ClosingEntry(after)] : [],
            Call = new CallRecord(delivery.Run.Id, answer.Key, 1, delivery.Nonce, answer.ToBytes()),
        };
    }

    private static EntryDraft ClosingEntry(WaitRow wait)
    {
        var payload = new LogPayload()
            .Add("deadline", wait.Deadline)
            .Add("lock", wait.Lock is null ? null : Redactor.Default.Redact(wait.Lock.Name))
            .Add("step", wait.StepId)
            .Add("visit", wait.Visit)
            .ToBytes();
        var type = wait.State is WaitState.Canceled ? EventTypes.StepSkipped : WaitLog.Expired(wait.Kind);
        return WaitLog.Entry(wait, type, null, RunLog.Actor, payload);
    }
}
