using Countersign.Access;
using Countersign.Ledger;
using Countersign.Steps;
using Countersign.Workflows;

namespace Countersign.Orchestration;

/// <summary>
/// Point 3 of the protocol, first half: commits the wait row, its due rows and the pending entries. A lock that nobody holds is taken, and the call answered, in
/// the same commit. So is an event that the run has kept.
/// </summary>
public sealed class OpenWait(
    ILedger ledger, RunRows runs, WorkflowCatalog workflows, RunValues values, IEnumerable<IWaitKind> kinds, LockGates gates, KeptEvents kept, TimeProvider time)
{
    /// <summary>Opens a wait, or finds it open.</summary>
    /// <returns>When it expires; or the recorded answer where there is one already: it could not be opened, or there is nothing to wait for.</returns>
    public ValueTask<(DateTimeOffset Deadline, CallAnswer? Answer)> RunAsync(
        Delivery delivery, WaitRequest request, CancellationToken cancellationToken)
    {
        WaitRow? wait = null;
        return CommitLoop.RunAsync(TryAsync, time, cancellationToken);

        async ValueTask<(DateTimeOffset Deadline, CallAnswer? Answer)> TryAsync(CancellationToken token)
        {
            if (await ledger.ReadRowAsync(delivery.Run.Tenant, RowKeys.Wait(delivery.Run.Id, request.Step.Key), token) is { } there)
            {
                return (await FoundAsync(delivery.Run, request, WaitRow.From(there), token), null);
            }

            var row = await runs.ReadAsync(delivery.Run, token);
            try
            {
                wait ??= await RenderAsync(delivery.Run, row.Run, request, token);
            }
            catch (Exception exception) when (exception is not (LedgerUnavailableException or LedgerRefusedException) && !token.IsCancellationRequested)
            {
                return (default, await FailAsync(delivery, request, row.Run, StepErrors.From(exception), token));
            }

            return (wait.Deadline, await CommitAsync(delivery, request, row, wait, token));
        }
    }

    private async ValueTask<DateTimeOffset> FoundAsync(RunIdentity run, WaitRequest request, WaitRow found, CancellationToken cancellationToken)
    {
        if (found.NeverOpened && RunLog.Pending(run, request) is { Length: > 0 } riding)
        {
            // It was withdrawn before it was opened; what rides on the opening happened all the same.
            await ledger.CommitPatientlyAsync(run.Tenant, new LedgerCommit { Entries = riding }, time, cancellationToken);
        }

        return found.Deadline;
    }

    // The answer where there is nothing to wait for: the lock was free.
    private async ValueTask<CallAnswer?> CommitAsync(Delivery delivery, WaitRequest request, VersionedRun row, WaitRow wait, CancellationToken cancellationToken)
    {
        var run = delivery.Run;
        if (wait.Lock is not { } wanted)
        {
            if (wait.Kind is WaitKind.Event && row.Run.Events > 0 && !row.Run.Flags.HasFlag(RunFlags.Cancel))
            {
                var definition = await workflows.LoadAsync(run.Tenant, wait.Definition, cancellationToken);
                if (await kept.FirstForAsync(run, wait, definition.FindSchema(wait.StepId), cancellationToken) is { } early)
                {
                    return await TakeEventAsync(delivery, request, row, wait, early, cancellationToken);
                }
            }

            await ledger.CommitFirstAsync(run.Tenant, Opening(run, row, wait, request), time, cancellationToken);
            return null;
        }

        using var turn = await gates.EnterAsync(run.Tenant, wanted.Name, cancellationToken);
        var held = await ledger.ReadRowAsync(run.Tenant, RowKeys.Lock(wanted.Name), cancellationToken);
        if (held is null && LockLine.MayHold(row.Run, request.Compensating))
        {
            return await TakeAsync(delivery, request, row, wait, cancellationToken);
        }

        await ledger.CommitFirstAsync(run.Tenant, Joining(run, row, wait, request, held), time, cancellationToken);
        return null;
    }

    private async ValueTask<WaitRow> RenderAsync(RunIdentity run, RunRow row, WaitRequest request, CancellationToken cancellationToken)
    {
        var definition = await workflows.LoadAsync(run.Tenant, request.Pin.Definition, cancellationToken);
        var declared = definition.FindStep(request.StepId)!;
        var step = request.Compensating ? declared.Compensate! : declared;
        var scope = await RunScope.LoadAsync(run, request.Scope, definition, values, cancellationToken);
        var now = time.GetUtcNow();
        var terms = kinds.First(kind => kind.Kind == declared.Kind).Render(
            new() { Run = run, Ref = request.Step, Number = 1, Step = step, Definition = definition, Scope = scope }, now);
        foreach (var claim in terms.Claims)
        {
            if (!await KeyHolders.HoldsAnyAsync(ledger, run.Tenant, claim.User, claim.Roles, cancellationToken))
            {
                throw Audiences.Outside(claim.User, $"holders of a key with the role {string.Join(" or ", claim.Roles)}");
            }
        }

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
            RunStarted = terms.Audience is null ? null : row.Parent is null ? row.Created : (await runs.FindAsync(new RunIdentity(run.Tenant, row.Root), cancellationToken))?.Run.Created ?? row.Created,
            Overrides = terms.Audience is null ? null : row.Overrides,
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
            Lock = terms.Lock,
            Shown = terms.Shown is { } shown ? await values.PackAsync(run.Tenant, shown, cancellationToken) : null,
        };
    }

    private async ValueTask<CallAnswer> TakeAsync(Delivery delivery, WaitRequest request, VersionedRun row, WaitRow wait, CancellationToken cancellationToken)
    {
        var run = delivery.Run;
        var now = time.GetUtcNow();
        var got = (wait with { Lock = wait.Lock! with { Number = 1 } }).Got(now);
        var answer = new CallAnswer { Key = request.Step.Key, Result = CallResult.Succeeded, Flags = row.Run.Flags, At = now };
        var commit = new LedgerCommit
        {
            Rows =
            [
                RowWrite.Insert(RowKeys.Lock(got.Lock!.Name), new LockRow { Name = got.Lock.Name, Holder = got.Holder, Last = 1 }.ToBytes()),
                RowWrite.Insert(RowKeys.Wait(wait.Run, wait.Key), got.ToBytes()),
                got.UnlockRow,
                row.Replace(row.Run),
            ],
            Entries = [.. RunLog.Pending(run, request), LockLine.Acquired(got)],
            Call = new CallRecord(run.Id, request.Step.Key, 1, delivery.Nonce, answer.ToBytes()) { Written = answer },
        };
        await ledger.CommitFirstAsync(run.Tenant, commit, time, cancellationToken);
        return answer;
    }

    private async ValueTask<CallAnswer> TakeEventAsync(
        Delivery delivery, WaitRequest request, VersionedRun row, WaitRow wait, (Row Row, KeptEvent Event) early, CancellationToken cancellationToken)
    {
        var (run, now) = (delivery.Run, time.GetUtcNow());
        var taken = wait with { State = WaitState.Decided, DecidedAt = now, Value = early.Event.Data };
        var answer = new CallAnswer { Key = request.Step.Key, Result = CallResult.Succeeded, Value = taken.Value, Flags = row.Run.Flags, At = now };
        var facts = new LogPayload()
            .Add("data", early.Event.Data.Hash).Add("event", early.Event.Name).Add("number", early.Event.Number).Add("step", wait.StepId).Add("visit", wait.Visit);
        var commit = new LedgerCommit
        {
            Rows = [row.Replace(row.Run), RowWrite.Insert(RowKeys.Wait(wait.Run, wait.Key), taken.ToBytes()), .. KeptEvents.Taking(run, early.Row, early.Event)],
            Entries =
            [
                .. RunLog.Pending(run, request), OpeningEntry(wait, null), WaitLog.Entry(taken, EventTypes.WaitEventReceived, null, early.Event.Sender, facts.ToBytes()),
            ],
            Call = new CallRecord(run.Id, request.Step.Key, 1, delivery.Nonce, answer.ToBytes()) { Written = answer },
        };
        await ledger.CommitFirstAsync(run.Tenant, commit, time, cancellationToken);
        return answer;
    }

    // Whoever joins the line changes the lock's row, so that whoever lets go of it at that moment looks again. A run that may not hold it now joins even where
    // nobody does.
    private static LedgerCommit Joining(RunIdentity run, VersionedRun row, WaitRow wait, WaitRequest request, Row? held)
    {
        var current = held is null ? new LockRow { Name = wait.Lock!.Name, Last = 0 } : LockRow.From(held);
        var last = current.Last + 1;
        var opening = Opening(run, row, wait with { Lock = wait.Lock! with { Number = last } }, request, current.Holder);
        return opening with
        {
            Rows =
            [
                .. opening.Rows,
                held is null
                    ? RowWrite.Insert(RowKeys.Lock(current.Name), (current with { Last = last }).ToBytes())
                    : RowWrite.Replace(held.Key, (current with { Last = last }).ToBytes(), held.Version),
                RowWrite.Put(RowKeys.LockPlace(current.Name, last), new LockPlace(wait.Run, wait.Key).ToBytes()),
            ],
        };
    }

    private static LedgerCommit Opening(RunIdentity run, VersionedRun row, WaitRow wait, WaitRequest request, LockHolder? holder = null) => new()
    {
        Rows =
        [
            row.Replace(row.Run with { OpenWaits = row.Run.OpenWaits + (wait.Counts ? 1 : 0), OpenLocks = row.Run.OpenLocks + (wait.Lock is null ? 0 : 1) }),
            RowWrite.Insert(RowKeys.Wait(wait.Run, wait.Key), wait.ToBytes()),
            .. wait.IsAlone ? [RowWrite.DeleteIfPresent(RowKeys.Open(wait.Run))] : Array.Empty<RowWrite>(),
            .. wait.Audience is null ? [] : new[] { RowWrite.Put(RowKeys.Inbox(wait.Run, wait.Key), "{}"u8.ToArray()) },
            .. wait.DueRows(),
        ],
        Entries =
        [
            .. RunLog.Pending(run, request),
            .. wait.Kind is WaitKind.Limit ? Array.Empty<EntryDraft>() : [OpeningEntry(wait, holder)],
        ],
    };

    private static EntryDraft OpeningEntry(WaitRow wait, LockHolder? holder) => WaitLog.Entry(wait, WaitLog.Opened(wait.Kind), null, RunLog.Actor, new LogPayload()
        .Add("deadline", wait.Deadline)
        .Add("event", wait.Event)
        .Add("holder", holder?.Run)
        .Add("lock", wait.Lock is null ? null : Redactor.Default.Redact(wait.Lock.Name))
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
