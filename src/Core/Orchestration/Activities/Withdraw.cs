using System.Collections.Immutable;
using Countersign.Access;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>Closes waits and cancels children of branches that are no longer needed, and lets go of locks.</summary>
public sealed class Withdraw(ILedger ledger, RunRows runs, RunCommands commands, Locks locks, IEngine engine, TimeProvider time)
{
    /// <summary>Closes what is still open of what the request names.</summary>
    public async ValueTask<CallAnswer> RunAsync(Delivery delivery, WithdrawRequest request, CancellationToken cancellationToken)
    {
        var run = delivery.Run;
        foreach (var wait in request.Waits)
        {
            await CloseAsync(run, wait, request, cancellationToken);
            await engine.PokeAsync(run, wait, cancellationToken);
        }

        foreach (var call in request.Children)
        {
            await CancelAsync(run, Children.ChildId(run, call), cancellationToken);
        }

        var flags = delivery.Flags?.Invoke() ?? (await runs.ReadAsync(run, cancellationToken)).Run.Flags;
        var answer = new CallAnswer { Key = request.Step.Key, Result = CallResult.Succeeded, Flags = flags, At = time.GetUtcNow() };
        if (request.Lock is { } held && await LetGoAsync(delivery, request, held, answer, cancellationToken))
        {
            return answer;
        }

        return await Answers.RecordAsync(ledger, delivery, request, answer, RunLog.Pending(run, request), [], time, cancellationToken);
    }

    // In one commit with the answer. A lock that has passed on, or that an earlier delivery let go of, leaves only the answer to record.
    private ValueTask<bool> LetGoAsync(Delivery delivery, WithdrawRequest request, string held, CallAnswer answer, CancellationToken cancellationToken)
    {
        var riding = new LedgerCommit
        {
            Entries = RunLog.Pending(delivery.Run, request),
            Call = new CallRecord(delivery.Run.Id, answer.Key, 1, delivery.Nonce, answer.ToBytes()) { Written = answer },
        };
        return locks.LetGoAsync(delivery.Run, held, EventTypes.LockReleased, riding, cancellationToken);
    }

    private ValueTask CloseAsync(RunIdentity run, string key, WithdrawRequest request, CancellationToken cancellationToken) =>
        CommitLoop.RunAsync(token => TryCloseAsync(run, key, request, token), time, cancellationToken);

    private async ValueTask TryCloseAsync(RunIdentity run, string key, WithdrawRequest request, CancellationToken cancellationToken)
    {
        var stored = await ledger.ReadRowAsync(run.Tenant, RowKeys.Wait(run.Id, key), cancellationToken);
        if (stored is null)
        {
            await ForestallAsync(run, key, request, cancellationToken);
            return;
        }

        if (WaitRow.From(stored) is not { IsOpen: true } wait)
        {
            return;
        }

        var now = time.GetUtcNow();
        var closed = wait with { State = WaitState.Canceled, WithdrawnAt = now };
        var entry = WaitLog.Entry(
            closed, EventTypes.StepSkipped, null, RunLog.Actor, new LogPayload().Add("step", wait.StepId).Add("visit", wait.Visit).ToBytes());
        ImmutableArray<EntryDraft> entries = wait.Kind is WaitKind.Limit ? [] : [entry];
        await ledger.CommitFirstAsync(
            run.Tenant,
            new LedgerCommit { Rows = [RowWrite.Replace(stored.Key, closed.ToBytes(), stored.Version), .. closed.Leftovers(), Poke(closed, now)], Entries = entries },
            time,
            cancellationToken);
    }

    // The wait is not open yet: the call that opens it finds it closed.
    private async Task ForestallAsync(RunIdentity run, string key, WithdrawRequest request, CancellationToken cancellationToken)
    {
        var parts = key.Split(':');
        var now = time.GetUtcNow();
        var never = new WaitRow
        {
            Run = run.Id,
            Key = key,
            Path = string.Join(':', parts[..^2]),
            Visit = int.Parse(parts[^2], System.Globalization.CultureInfo.InvariantCulture),
            StepId = "",
            Kind = WaitKind.Event,
            State = WaitState.Canceled,
            Workflow = "",
            Definition = request.Pin.Definition,
            Root = request.Pin.Root,
            CorrelationId = request.Pin.CorrelationId,
            Requester = request.Pin.Requester,
            Opened = now,
            Deadline = now,
            WithdrawnAt = now,
            NeverOpened = true,
        };
        await ledger.CommitPatientlyAsync(
            run.Tenant, new LedgerCommit { Rows = [RowWrite.Insert(RowKeys.Wait(run.Id, key), never.ToBytes()), Poke(never, now)] }, time, cancellationToken);
    }

    // As for a decision: a poke that is lost is made up for by the sweep.
    private static RowWrite Poke(WaitRow wait, DateTimeOffset now) =>
        RowWrite.Put(wait.PokeKey(now), new DueReason(DueKind.Poke, wait.Run, wait.Key).ToBytes());

    private ValueTask CancelAsync(RunIdentity run, string child, CancellationToken cancellationToken) =>
        CommitLoop.RunAsync(token => TryCancelAsync(run, child, token), time, cancellationToken);

    private async ValueTask TryCancelAsync(RunIdentity run, string child, CancellationToken cancellationToken)
    {
        try
        {
            await commands.CancelAsync(Principal.System(run.Tenant), child, "a sibling branch failed", cancellationToken);
            return;
        }
        catch (RunEndedException)
        {
            return;
        }
        catch (RunNotFoundException)
        {
            // It is not started yet: the call that starts it finds that it must not.
        }

        try
        {
            await ledger.CommitPatientlyAsync(
                run.Tenant, new LedgerCommit { Rows = [RowWrite.Insert(RowKeys.Child(run.Id, child), Children.WithdrawnMark)] }, time, cancellationToken);
        }
        catch (LedgerConflictException) when (!cancellationToken.IsCancellationRequested)
        {
            if (await runs.FindAsync(new RunIdentity(run.Tenant, child), cancellationToken) is not null)
            {
                // Started in between: look again.
                throw;
            }
        }
    }
}
