using System.Text.Json;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Engine.Runs;

/// <summary>How a run leaves memory: it ended, it waits, it continues as new, or it is parked.</summary>
internal sealed partial class ActiveRun
{
    private void Ended()
    {
        if (interpretation!.Exception is { } error)
        {
            Park(error.InnerException ?? error);
            return;
        }

        if (interpretation.Result.ContinueWith is { } state)
        {
            live = false;
            _ = HandOverAsync(state);
            interpretation = null;
            return;
        }

        Leave();
        engine.Ended?.Invoke(run);
        TellParent(row!);
    }

    private void TellParent(RunRow ended)
    {
        if (ended.Parent is { } parent)
        {
            _ = engine.PokeQuietlyAsync(new RunIdentity(run.Tenant, parent), ended.ParentCall);
        }
    }

    private async Task HandOverAsync(InterpreterState state)
    {
        try
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(state, OrchestrationJson.Default.InterpreterState);
            var call = new CallRecord(run.Id, RunHistory.StateKey(states + 1), 1, engine.NextNonce(), bytes);
            await engine.Ledger.CommitPatientlyAsync(run.Tenant, new LedgerCommit { Call = call }, engine.Time, engine.Stopping);
            history = RunHistory.From([call]);
            history = history.After(states);
            answersSinceState = 0;
            Post(RunMessage.Begin);
        }
        catch (Exception error)
        {
            Post(RunMessage.Fault("$state", error));
        }
    }

    // Nothing is at work and nothing is timed in memory: the rows say all there is to say.
    private void LeaveIfIdle()
    {
        if (live && !left && open.Count > 0 && mailbox.IsEmpty && open.Values.All(call => call.Phase is CallPhase.Parked))
        {
            Leave();
        }
    }

    private void Leave()
    {
        left = true;
        foreach (var call in open.Values)
        {
            call.Close();
        }

        engine.Forget(this);

        // A poke that came in while the run was leaving is meant for the next copy of it.
        while (mailbox.TryDequeue(out var message))
        {
            if (message.Kind is RunMessageKind.Poke)
            {
                engine.Activate(run);
            }
        }
    }

    private void Park(Exception cause)
    {
        Leave();
        engine.Report(run, cause);
        _ = engine.ParkAsync(run, cause);
    }
}
