using System.Collections.Immutable;
using Countersign.Access;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>Closes waits and cancels children of branches that are no longer needed.</summary>
public sealed class Withdraw(ILedger ledger, RunRows runs, RunCommands commands, IEngine engine, TimeProvider time)
{
    /// <summary>Closes what is still open of what the request names.</summary>
    public async ValueTask<CallAnswer> RunAsync(Delivery delivery, WithdrawRequest request, CancellationToken cancellationToken)
    {
        var run = delivery.Run;
        foreach (var wait in request.Waits)
        {
            await CloseAsync(run, wait, cancellationToken);
            await engine.PokeAsync(run, wait, cancellationToken);
        }

        foreach (var call in request.Children)
        {
            await CancelAsync(run, Children.ChildId(run, call), cancellationToken);
        }

        var flags = delivery.Flags?.Invoke() ?? (await runs.ReadAsync(run, cancellationToken)).Run.Flags;
        var answer = new CallAnswer { Key = request.Step.Key, Result = CallResult.Succeeded, Flags = flags, At = time.GetUtcNow() };
        return await Answers.RecordAsync(ledger, delivery, request, answer, RunLog.Pending(run, request), [], time, cancellationToken);
    }

    private async Task CloseAsync(RunIdentity run, string key, CancellationToken cancellationToken)
    {
        while (await ledger.ReadRowAsync(run.Tenant, RowKeys.Wait(run.Id, key), cancellationToken) is { } stored && WaitRow.From(stored) is { IsOpen: true } wait)
        {
            var closed = wait with { State = WaitState.Canceled };
            var entry = WaitLog.Entry(
                closed, EventTypes.StepSkipped, null, RunLog.Actor, new LogPayload().Add("step", wait.StepId).Add("visit", wait.Visit).ToBytes());
            try
            {
                await ledger.CommitFirstAsync(
                    run.Tenant,
                    new LedgerCommit { Rows = [RowWrite.Replace(stored.Key, closed.ToBytes(), stored.Version), .. closed.Leftovers()], Entries = [entry] },
                    time,
                    cancellationToken);
                return;
            }
            catch (LedgerConflictException)
            {
                // Decided in between: look again.
            }
        }
    }

    private async Task CancelAsync(RunIdentity run, string child, CancellationToken cancellationToken)
    {
        try
        {
            await commands.CancelAsync(Principal.System(run.Tenant), child, "a sibling branch failed", cancellationToken);
        }
        catch (Exception exception) when (exception is RunEndedException or RunNotFoundException)
        {
            // It ended by itself, or was never started.
        }
    }
}
