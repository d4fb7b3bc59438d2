using System.Text.Json;
using Countersign.Access;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Steps;
using Countersign.Workflows;

namespace Countersign.People;

/// <summary>Hands events to runs: to the step that waits for one, or to the run, which keeps it for the step that will.</summary>
public sealed class RunEvents(
    ILedger ledger, RunRows runs, WorkflowCatalog workflows, RunValues values, Waits waits, Submissions submissions, KeptEvents kept, TimeProvider time)
{
    /// <summary>
    /// Hands an event to the open wait of a run that waits for it. Where none is open, the run keeps the event for the step that waits for it later; each
    /// event is taken once, in the order in which they came.
    /// </summary>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    /// <exception cref="RunEndedException">The run has ended.</exception>
    /// <exception cref="WaitRefusedException">No step of the run waits for such an event, several wait for it now, the data breaks the rules of each, or the run keeps as many events as it may.</exception>
    public async Task SendAsync(Principal sender, RunIdentity run, string name, JsonElement data, CancellationToken cancellationToken = default) =>
        await CommitLoop.RunAsync(token => TrySendAsync(sender, run, name, data, token), time, cancellationToken);

    private async ValueTask TrySendAsync(Principal sender, RunIdentity run, string name, JsonElement data, CancellationToken cancellationToken)
    {
        // The run's row first: a wait that opens after this changes it, and the event is not kept.
        var row = await runs.ReadAsync(run, cancellationToken);
        if (sender.Request is { } request && await request.IsDoneAsync(ledger, run.Tenant, cancellationToken))
        {
            return;
        }

        if (row.Run.IsEnded)
        {
            throw new RunEndedException(run.Id, row.Run.Status);
        }

        if (await waits.FindEventAsync(run, name, cancellationToken) is { } wait)
        {
            await HandOverAsync(sender, wait, name, data, cancellationToken);
        }
        else
        {
            await KeepAsync(sender, run, row, name, data, cancellationToken);
        }
    }

    /// <summary>Whether a step of a definition waits for an event of a name.</summary>
    public static bool Knows(Definition definition, string name) => Awaiting(definition, name).Any();

    private static IEnumerable<Step> Awaiting(Definition definition, string name) =>
        Definition.AllSteps(definition.Body).Where(step => step is WaitStep { Event: { } awaited } && awaited.Name == name);

    private async Task HandOverAsync(Principal sender, WaitRow wait, string name, JsonElement data, CancellationToken cancellationToken)
    {
        try
        {
            await submissions.ReceiveAsync(sender, wait.Id, name, data, cancellationToken);
        }
        catch (WaitRefusedException refused) when (refused.Code is "wait.closed" && wait.Deadline > time.GetUtcNow())
        {
            // Another event was faster: look again.
            throw new LedgerConflictException(wait.Id);
        }
    }

    private async Task KeepAsync(Principal sender, RunIdentity run, VersionedRun row, string name, JsonElement data, CancellationToken cancellationToken)
    {
        var definition = await workflows.LoadAsync(run.Tenant, row.Run.Definition, cancellationToken);
        var awaiting = Awaiting(definition, name).ToArray();
        if (awaiting.Length == 0)
        {
            throw new WaitRefusedException("wait.not-found", 404, $"No step of workflow '{definition.Name}' {definition.Version} waits for an event named '{name}'.");
        }

        if (!awaiting.Any(step => definition.FindSchema(step.Id) is not { } schema || schema.Validate(schema.FillDefaults(data)).Valid))
        {
            Submissions.Checked(definition.FindSchema(awaiting[0].Id), data);
        }

        if ((await kept.ListAsync(run, cancellationToken)).Count >= KeptEvents.Most)
        {
            throw new WaitRefusedException(
                "wait.too-many-events", 429, $"Run '{run.Id}' keeps {KeptEvents.Most} events already that no step has taken yet. Send this one again later.") { RetryAfter = 60 };
        }

        var now = time.GetUtcNow();
        var value = await Submissions.PackAsync(values, run.Tenant, data, cancellationToken);
        var early = new KeptEvent(row.Run.Events + 1, name, value, sender.User, now, now + KeptEvents.Longest);
        if ((await ledger.CommitAsync(run.Tenant, KeptEvents.Keeping(run, row, early, sender.Request), cancellationToken)).Repeated)
        {
            throw new LedgerConflictException(RowKeys.Run(run.Id));
        }
    }
}
