using System.Collections.Immutable;
using Countersign.Ledger;
using Countersign.Workflows;

namespace Countersign.Orchestration;

/// <summary>
/// Interprets a run anew over its recorded answers, to see what no row holds: the outputs of its steps, the errors that were caught, and
/// <c>context.runtime</c>. Nothing is executed and nothing is written.
/// </summary>
public sealed class RunReplay(ILedger ledger, WorkflowCatalog workflows)
{
    /// <summary>
    /// What a step in the body of the run could read now, or could have read at its end. Costs a read of all of the run's answers. A parked
    /// run whose answers do not fit its definition shows what came before the place where they part.
    /// </summary>
    public async ValueTask<ScopeValues> ReadAsync(string tenant, RunRow row, CancellationToken cancellationToken = default)
    {
        var values = new ScopeValues { Input = row.Input, Profile = row.Profile };
        if (row.Started is not { } started)
        {
            return values;
        }

        var run = new RunIdentity(tenant, row.Id);
        var definition = await workflows.LoadAsync(tenant, row.Definition, cancellationToken);
        var history = RunHistory.From(await ledger.ReadRunCallsAsync(tenant, row.Id, cancellationToken));
        var recorded = new RecordedOrchestration(run, started);
        var frame = Interpreter.Open(recorded, definition, ClaimRun.StartOf(row), history.State);
        var end = Interpreter.RunAsync(frame, history.State);
        recorded.Play(history.Answers);

        // Why it could not go on is in the row already, where it is anything to tell.
        _ = end.Exception;
        return values with
        {
            Started = started,
            Steps = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, frame.Outputs),
            Errors = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, frame.Errors),
            Runtime = frame.Runtime,
        };
    }
}
