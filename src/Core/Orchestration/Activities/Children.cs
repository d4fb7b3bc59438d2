using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Steps;
using Countersign.Workflows;

namespace Countersign.Orchestration;

/// <summary>Starts the child runs of a run and reads how they ended. A child's row is written by its parent.</summary>
public sealed class Children(ILedger ledger, RunRows runs, WorkflowCatalog workflows, RunValues values, RunDrafts drafts, RunCommands commands, LockGates gates, TimeProvider time)
{
    /// <summary>How many runs may be above one that is called, where no limit was declared: 16.</summary>
    public const int DeepestCall = 16;

    /// <summary>The child row of a child that must not be started any more.</summary>
    internal static ReadOnlyMemory<byte> WithdrawnMark { get; } = "{\"withdrawn\":true}"u8.ToArray();

    /// <summary>The child row of a child that undoes something: no cancel of its parent is passed on to it.</summary>
    internal static ReadOnlyMemory<byte> CompensatingMark { get; } = "{\"compensating\":true}"u8.ToArray();

    /// <summary>Commits the child's row as queued, or finds it there.</summary>
    /// <returns>The child; or the recorded failure where it could not be started.</returns>
    public async ValueTask<(RunIdentity? Child, CallAnswer? Failure)> StartAsync(Delivery delivery, ChildRequest request, CancellationToken cancellationToken)
    {
        var run = delivery.Run;
        var child = new RunIdentity(run.Tenant, ChildId(run, request.Step.Key));
        var known = delivery.IsKnown ? delivery.Known : await ledger.ReadCallAsync(run.Tenant, run.Id, request.Step.Key, cancellationToken);
        if (known?.Answer is { } answer && CallAnswer.From(answer) is { Result: CallResult.Failed or CallResult.Canceled } failure)
        {
            return (null, failure);
        }

        try
        {
            if (!await CommitAsync(run, child, request, cancellationToken))
            {
                return (null, await WithdrawnAsync(delivery, request, cancellationToken));
            }
        }
        catch (Exception exception) when (exception is not (LedgerUnavailableException or LedgerRefusedException or LedgerContentionException) && !cancellationToken.IsCancellationRequested)
        {
            return (null, await FailAsync(delivery, request, StepErrors.From(exception), cancellationToken));
        }

        // A cancel or pause that came first did not see the child; one that comes later does.
        await PassOnAsync(run, child, request, cancellationToken);
        return (child, null);
    }

    // Whether the child is there: false where it was withdrawn before it was started. All starts in one tree change the same row, so that one process makes them
    // one after the other.
    private async ValueTask<bool> CommitAsync(RunIdentity run, RunIdentity child, ChildRequest request, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(child, cancellationToken) is not null)
        {
            return true;
        }

        RunRow? row = null;
        using var turn = request.Pin.Limits is null ? null : await gates.EnterAsync(run.Tenant, RowKeys.Tree(request.Pin.Root), cancellationToken);
        return await CommitLoop.RunAsync(
            async token =>
            {
                if (row is not null && await runs.FindAsync(child, token) is not null)
                {
                    // Another delivery wrote it.
                    return true;
                }

                if (row is not null && await ledger.ReadRowAsync(run.Tenant, RowKeys.Child(run.Id, child.Id), token) is not null)
                {
                    return false;
                }

                row ??= await DraftAsync(run, child, request, token);
                await ledger.CommitFirstAsync(run.Tenant, Starting(run, child, row, request, await CountAsync(run, request.Pin, token)), time, token);
                return true;
            },
            time,
            cancellationToken);
    }

    // The row of the tree with one run more, to be committed with it; none for a tree of a version that knew no limits.
    private async ValueTask<RowWrite[]> CountAsync(RunIdentity run, RunPin pin, CancellationToken cancellationToken)
    {
        if (pin.Limits is not { } limits)
        {
            return [];
        }

        var key = RowKeys.Tree(pin.Root);
        var stored = await ledger.ReadRowAsync(run.Tenant, key, cancellationToken);
        var tree = stored is null ? new TreeRow(1) : TreeRow.From(stored);
        if (tree.Runs >= limits.Runs)
        {
            throw new StepFailedException(new()
            {
                Type = "child.too-many",
                Title = "A run called too many workflows",
                Detail = $"The tree of run '{pin.Root}' has {tree.Runs} runs; limits.runs allows {limits.Runs}.",
            });
        }

        var more = (tree with { Runs = tree.Runs + 1 }).ToBytes();
        return [stored is null ? RowWrite.Insert(key, more) : RowWrite.Replace(key, more, stored.Version)];
    }

    /// <summary>How a child ended; <see cref="CallResult.StillOpen"/> where it has not.</summary>
    public async ValueTask<CallAnswer> CheckAsync(Delivery delivery, ChildRequest request, CancellationToken cancellationToken)
    {
        var run = delivery.Run;
        var child = (await runs.ReadAsync(new RunIdentity(run.Tenant, ChildId(run, request.Step.Key)), cancellationToken)).Run;
        var flags = delivery.Flags?.Invoke() ?? (await runs.ReadAsync(run, cancellationToken)).Run.Flags;
        var timedOut = IsTimedOut(child);
        var answer = new CallAnswer
        {
            Key = request.Step.Key,
            Result = child.Status switch
            {
                _ when timedOut => CallResult.Failed,
                RunStatus.Completed => CallResult.Succeeded,
                RunStatus.Canceled => CallResult.Canceled,
                RunStatus.Failed => CallResult.Failed,
                _ => CallResult.StillOpen,
            },
            Value = child.Output,
            NotUndone = child.NotUndone,
            Standing = child.Standing,
            Error = timedOut ? StepErrors.Timeout(child.Deadline!.Value - child.Created) : child.Error,
            Flags = flags,
            At = time.GetUtcNow(),
        };
        if (answer.Result is CallResult.StillOpen)
        {
            await PassOnAsync(run, new RunIdentity(run.Tenant, child.Id), request, cancellationToken);
        }

        return answer.Result is CallResult.StillOpen
            ? answer
            : await Answers.RecordAsync(ledger, delivery, request, answer, [], [], time, cancellationToken);
    }

    private bool IsTimedOut(RunRow child) => child.Status switch
    {
        RunStatus.Canceled => child.TimedOut,

        // It cannot even be canceled: an operator looks at it, and once its time is up nobody waits for that any longer.
        RunStatus.Parked => child.TimedOut || (child.Flags.HasFlag(RunFlags.Cancel) && time.GetUtcNow() >= child.Deadline),
        _ => false,
    };

    /// <summary>
    /// The id of a child: the time of its root, so that a tree stays together, and a hash of the call that starts it, so that every delivery
    /// of that call means the same child.
    /// </summary>
    public static string ChildId(RunIdentity parent, string callKey)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{parent}|{callKey}"), hash);
        hash[0] = (byte)(0x70 | (hash[0] & 0x0f));
        hash[2] = (byte)(0x80 | (hash[2] & 0x3f));
        return string.Concat(parent.Id.AsSpan(0, 12), Convert.ToHexStringLower(hash[..10]));
    }

    private async ValueTask<RunRow> DraftAsync(RunIdentity run, RunIdentity child, ChildRequest request, CancellationToken cancellationToken)
    {
        var deepest = request.Pin.Limits?.Depth ?? DeepestCall;
        if (request.Pin.Depth >= deepest)
        {
            throw new StepFailedException(new()
            {
                Type = "child.too-deep",
                Title = "Workflows call each other too deeply",
                Detail = $"There are {request.Pin.Depth + 1} runs above the one that was to be called, and limits.depth allows {deepest}; do they call each other in a circle?",
            });
        }

        var definition = await workflows.LoadAsync(run.Tenant, request.Pin.Definition, cancellationToken);
        var declared = definition.FindStep(request.StepId)!;
        var step = (CallWorkflowStep)(request.Compensating ? declared.Compensate! : declared);
        var scope = await RunScope.LoadAsync(run, request.Scope, definition, values, cancellationToken);
        var called = await workflows.ResolveAsync(run.Tenant, step.Workflow, step.Version, cancellationToken)
            ?? throw new StepFailedException(new()
            {
                Type = "child.workflow-unknown",
                Title = "The called workflow is not there",
                Detail = $"There is no workflow '{step.Workflow}'{(step.Version is null ? "" : $" of version {step.Version}")}.",
            });
        var parent = (await runs.ReadAsync(run, cancellationToken)).Run;
        var requester = new Access.Principal(run.Tenant, request.Pin.Requester, parent.RequesterRoles ?? []);
        var draft = await drafts.MakeAsync(
            child, called, step.Input?.Render(scope) ?? JsonElement.Parse("{}"u8), step.Profile?.Render(scope), requester, parent.Overrides, cancellationToken);
        return draft with
        {
            Parent = run.Id,
            ParentCall = request.Step.Key,
            Root = request.Pin.Root,
            CorrelationId = request.Pin.CorrelationId,
            TraceParent = request.Pin.TraceParent,
            Depth = request.Pin.Depth + 1,
            Limits = request.Pin.Limits is { } limits ? draft.Limits! with { Runs = limits.Runs, Depth = limits.Depth } : null,
            Deadline = draft.Created + (step.Timeout ?? CallWorkflowStep.DefaultTimeout),
        };
    }

    private static LedgerCommit Starting(RunIdentity run, RunIdentity child, RunRow row, ChildRequest request, RowWrite[] counted) => new()
    {
        Rows =
        [
            RowWrite.Insert(RowKeys.Run(child.Id), row.ToBytes()),
            RowWrite.Put(RowKeys.Open(child.Id), "{}"u8.ToArray()),
            RowWrite.Insert(RowKeys.Child(run.Id, child.Id), request.Compensating ? CompensatingMark : "{}"u8.ToArray()),
            RowWrite.Put(row.LimitKey!, new DueReason(DueKind.Limit, row.Id).ToBytes()),
            .. counted,
        ],
        Entries =
        [
            .. RunLog.Pending(run, request),
            RunLog.Entry(run, request, request.Step.EventId(run.Id, 1, EventTypes.ChildStarted), EventTypes.ChildStarted, new LogPayload()
                .Add("child", child.Id).Add("step", request.StepId).Add("visit", request.Step.Visit).Add("workflow", row.Workflow).ToBytes()),
            RunDrafts.Created(child, row),
        ],
    };

    private async Task PassOnAsync(RunIdentity run, RunIdentity child, ChildRequest request, CancellationToken cancellationToken)
    {
        var row = (await runs.ReadAsync(run, cancellationToken)).Run;
        var asked = request.Compensating ? RunFlags.None : row.Flags;
        var actor = Access.Principal.System(run.Tenant);
        actor = row.AskedBy is { } user ? actor with { User = user } : actor;
        if (asked is RunFlags.None || (await runs.ReadAsync(child, cancellationToken)).Run is not { IsEnded: false } called)
        {
            return;
        }

        try
        {
            if (asked.HasFlag(RunFlags.Pause) && !called.Flags.HasFlag(RunFlags.Pause))
            {
                await commands.AlignAsync(actor, run.Id, child.Id, cancellationToken);
            }

            if (asked.HasFlag(RunFlags.Cancel) && !called.Flags.HasFlag(RunFlags.Cancel))
            {
                await commands.CancelAsync(actor, child.Id, "its parent was canceled", cancellationToken);
            }
        }
        catch (RunEndedException)
        {
            // It ended by itself.
        }
    }

    private async ValueTask<CallAnswer> WithdrawnAsync(Delivery delivery, ChildRequest request, CancellationToken cancellationToken)
    {
        var flags = (await runs.ReadAsync(delivery.Run, cancellationToken)).Run.Flags;
        var answer = new CallAnswer { Key = request.Step.Key, Result = CallResult.Canceled, Flags = flags, At = time.GetUtcNow() };
        return await Answers.RecordAsync(ledger, delivery, request, answer, RunLog.Pending(delivery.Run, request), [], time, cancellationToken);
    }

    private async ValueTask<CallAnswer> FailAsync(Delivery delivery, ChildRequest request, StepError error, CancellationToken cancellationToken)
    {
        var run = delivery.Run;
        var flags = (await runs.ReadAsync(run, cancellationToken)).Run.Flags;
        var answer = new CallAnswer { Key = request.Step.Key, Result = CallResult.Failed, Error = error, Flags = flags, At = time.GetUtcNow() };
        var entry = RunLog.Entry(
            run, request, request.Step.EventId(run.Id, 1, "outcome"), EventTypes.StepFailed,
            new LogPayload().Add("error", StepEntries.Facts(error)).Add("step", request.StepId).Add("visit", request.Step.Visit).ToBytes());
        return await Answers.RecordAsync(ledger, delivery, request, answer, [.. RunLog.Pending(run, request), entry], [], time, cancellationToken);
    }
}
