using Countersign.Ledger;
using Countersign.Workflows;

namespace Countersign.Orchestration;

/// <summary>Point 3 of the protocol, first half: commits the wait row, its due rows and the pending entries.</summary>
public sealed class OpenWait(
    ILedger ledger, RunRows runs, WorkflowCatalog workflows, RunValues values, IEnumerable<IWaitKind> kinds, TimeProvider time)
{
    /// <summary>Opens a wait, or finds it open.</summary>
    /// <returns>When it expires; or the recorded failure where it could not be opened.</returns>
    public async ValueTask<(DateTimeOffset Deadline, CallAnswer? Failure)> RunAsync(
        Delivery delivery, WaitRequest request, CancellationToken cancellationToken)
    {
        var run = delivery.Run;
        WaitRow? wait = null;
        while (true)
        {
            if (await ledger.ReadRowAsync(run.Tenant, RowKeys.Wait(run.Id, request.Step.Key), cancellationToken) is { } there)
            {
                var found = WaitRow.From(there);
                if (found.NeverOpened && RunLog.Pending(run, request) is { Length: > 0 } riding)
                {
                    // It was withdrawn before it was opened; what rides on the opening happened all the same.
                    await ledger.CommitPatientlyAsync(run.Tenant, new LedgerCommit { Entries = riding }, time, cancellationToken);
                }

                return (found.Deadline, null);
            }

            var row = await runs.ReadAsync(run, cancellationToken);
            try
            {
                wait ??= await RenderAsync(run, row.Run, request, cancellationToken);
            }
            catch (Exception exception) when (exception is not LedgerUnavailableException && !cancellationToken.IsCancellationRequested)
            {
                return (default, await FailAsync(delivery, request, row.Run, StepErrors.From(exception), cancellationToken));
            }

            try
            {
                await ledger.CommitFirstAsync(run.Tenant, Opening(run, row, wait, request), time, cancellationToken);
                return (wait.Deadline, null);
            }
            catch (LedgerConflictException)
            {
                // The run's row changed, or another delivery opened the wait: look again.
            }
        }
    }

    private async ValueTask<WaitRow> RenderAsync(RunIdentity run, RunRow row, WaitRequest request, CancellationToken cancellationToken)
    {
        var definition = await workflows.LoadAsync(run.Tenant, request.Pin.Definition, cancellationToken);
        var step = definition.FindStep(request.StepId)!;
        var scope = await RunScope.LoadAsync(run, request.Scope, definition, values, cancellationToken);
        var now = time.GetUtcNow();
        var terms = kinds.First(kind => kind.Kind == step.Kind).Render(
            new() { Run = run, Ref = request.Step, Number = 1, Step = step, Definition = definition, Scope = scope }, now);
        return new WaitRow
        {
            Run = run.Id,
            Key = request.Step.Key,
            Path = request.Step.Path,
            Visit = request.Step.Visit,
            StepId = request.StepId,
            Kind = terms.Kind,
            Workflow = row.Workflow,
            Definition = request.Pin.Definition,
            Root = request.Pin.Root,
            CorrelationId = request.Pin.CorrelationId,
            Requester = request.Pin.Requester,
            Opened = now,
            Deadline = terms.Deadline,
            Remind = terms.Remind,
            Escalate = terms.Escalate,
            EscalateTo = terms.EscalateTo,
            Audience = terms.Audience,
            Quorum = terms.Quorum,
            AllowRequester = terms.AllowRequester,
            MayDelegate = terms.MayDelegate,
            ReasonRequired = terms.ReasonRequired,
            Event = terms.Event,
            Shown = terms.Shown is { } shown ? await values.PackAsync(run.Tenant, shown, cancellationToken) : null,
        };
    }

    private static LedgerCommit Opening(RunIdentity run, VersionedRun row, WaitRow wait, WaitRequest request) => new()
    {
        Rows =
        [
            row.Replace(row.Run with { OpenWaits = row.Run.OpenWaits + (wait.Counts ? 1 : 0) }),
            RowWrite.Insert(RowKeys.Wait(wait.Run, wait.Key), wait.ToBytes()),
            .. wait.IsAlone ? [RowWrite.DeleteIfPresent(RowKeys.Open(wait.Run))] : Array.Empty<RowWrite>(),
            .. wait.Audience is null ? [] : new[] { RowWrite.Put(RowKeys.Inbox(wait.Run, wait.Key), "{}"u8.ToArray()) },
            .. wait.DueRows(),
        ],
        Entries =
        [
            .. RunLog.Pending(run, request),
            .. wait.Kind is WaitKind.Limit ? Array.Empty<EntryDraft>() : [OpeningEntry(wait)],
        ],
    };

    private static EntryDraft OpeningEntry(WaitRow wait) => WaitLog.Entry(wait, WaitLog.Opened(wait.Kind), null, RunLog.Actor, new LogPayload()
        .Add("deadline", wait.Deadline)
        .Add("event", wait.Event)
        .Add("quorum", wait.Kind is WaitKind.Approval ? wait.Quorum : null)
        .Add("role", wait.Audience?.Role)
        .Add("shown", wait.Shown?.Hash)
        .Add("step", wait.StepId)
        .Add("users", WaitLog.Users(wait.Audience))
        .Add("visit", wait.Visit)
        .ToBytes());

    private async ValueTask<CallAnswer> FailAsync(
        Delivery delivery, WaitRequest request, RunRow row, StepError error, CancellationToken cancellationToken)
    {
        var run = delivery.Run;
        var answer = new CallAnswer { Key = request.Step.Key, Result = CallResult.Failed, Error = error, Flags = row.Flags, At = time.GetUtcNow() };
        var entry = RunLog.Entry(
            run, request, request.Step.EventId(run.Id, 1, "outcome"), EventTypes.StepFailed,
            new LogPayload().Add("error", StepEntries.Facts(error)).Add("step", request.StepId).Add("visit", request.Step.Visit).ToBytes());
        return await Answers.RecordAsync(ledger, delivery, request, answer, [.. RunLog.Pending(run, request), entry], [], time, cancellationToken);
    }
}
