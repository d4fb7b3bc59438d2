using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Canonical;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Steps;
using Countersign.Workflows;

namespace Countersign.Orchestration;

/// <summary>
/// Point 2 of the protocol: intent, effect, outcome. What is on record is returned and not done again; an execution that was cut off
/// is followed by the next number, so that what was billed twice is logged twice.
/// </summary>
public sealed class ExecuteStep(
    ILedger ledger, RunRows runs, WorkflowCatalog workflows, RunValues values, StepExecutors executors, TimeProvider time)
{
    /// <summary>Executes a step once and returns its recorded answer.</summary>
    public async ValueTask<CallAnswer> RunAsync(Delivery delivery, ExecutionRequest request, CancellationToken cancellationToken)
    {
        var executor = executors.Find(request.Kind);
        return executor.HasOutsideEffects
            ? await InTurnAsync(delivery, request, executor, cancellationToken)
            : await ExecuteAsync(delivery, request, executor, null, null, cancellationToken);
    }

    // The time that a call waits for its turn counts, so that no call waits without end.
    private async ValueTask<CallAnswer> InTurnAsync(Delivery delivery, ExecutionRequest request, IStepExecutor executor, CancellationToken cancellationToken)
    {
        var (definition, step) = await DeclaredAsync(delivery.Run, request, cancellationToken);
        using var clock = new CallClock(step.Timeout ?? definition.Defaults.Timeout ?? StepTimeouts.Default, time, delivery.Abort, cancellationToken);
        IDisposable? slot;
        try
        {
            slot = delivery.Slot is { } enter ? await enter(clock.Token) : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var error = clock.IsTimedOut && !clock.IsAborted ? StepErrors.QueueTimeout(clock.Limit) : StepErrors.Canceled;
            return await ExecuteAsync(delivery, request, executor, null, ExecutorResult.Failed(error), cancellationToken);
        }

        using (slot)
        {
            return await ExecuteAsync(delivery, request, executor, clock, null, cancellationToken);
        }
    }

    // With a clock the executor has outside effects; with a result there is nothing to do but to record it.
    private async ValueTask<CallAnswer> ExecuteAsync(
        Delivery delivery, ExecutionRequest request, IStepExecutor executor, CallClock? clock, ExecutorResult? result, CancellationToken cancellationToken)
    {
        var hadIntent = clock is not null;
        var (record, answered) = await OpenAsync(delivery, request, hadIntent, cancellationToken);
        if (answered is not null)
        {
            return answered;
        }

        result ??= await InvokeAsync(delivery.Run, request, executor, record.Number, clock, cancellationToken);
        var (answer, entries) = await OutcomeAsync(delivery, request, record, executor, hadIntent, result, cancellationToken);

        // What came from outside may be a small part of something large, which the answer's own bytes let go of.
        var call = record with { Answer = answer.ToBytes(), Written = hadIntent ? null : answer };
        return await CloseAsync(delivery.Run, request, call, entries, answer, cancellationToken);
    }

    // Either the answer that is on record, or a record of this delivery's own to work under.
    private async ValueTask<(CallRecord Record, CallAnswer? Answered)> OpenAsync(
        Delivery delivery, ExecutionRequest request, bool withIntent, CancellationToken cancellationToken)
    {
        var run = delivery.Run;
        var known = delivery.IsKnown ? delivery.Known : await ReadAsync(run, request, cancellationToken);
        var isFresh = true;
        return await CommitLoop.RunAsync<(CallRecord, CallAnswer?)>(
            async token =>
            {
                // Another delivery was faster: what it left on record decides.
                known = isFresh ? known : await ReadAsync(run, request, token);
                if (known?.Answer is { } answer)
                {
                    return (known, CallAnswer.From(answer));
                }

                if (!isFresh && known?.Nonce == delivery.Nonce)
                {
                    return (known with { ExpectedVersion = known.Version }, null);
                }

                isFresh = false;
                var record = new CallRecord(run.Id, request.Step.Key, (known?.Number ?? 0) + 1, delivery.Nonce, null, known?.Version);
                if (!withIntent)
                {
                    return (record, null);
                }

                var receipt = await ledger.CommitPatientlyAsync(run.Tenant, Intent(run, request, record), time, token);
                return receipt.Repeated ? throw new LedgerConflictException(record.Key) : (record with { ExpectedVersion = receipt.CallVersion }, null);
            },
            time,
            cancellationToken);
    }

    private async ValueTask<(Definition Definition, Step Step)> DeclaredAsync(RunIdentity run, ExecutionRequest request, CancellationToken cancellationToken)
    {
        var definition = await workflows.LoadAsync(run.Tenant, request.Pin.Definition, cancellationToken);
        var declared = definition.FindStep(StepOf(request, definition))
            ?? throw new InvalidOperationException($"The definition has no step '{request.StepId}'.");
        return (definition, request.Compensating ? declared.Compensate! : declared);
    }

    private async ValueTask<ExecutorResult> InvokeAsync(
        RunIdentity run, ExecutionRequest request, IStepExecutor executor, int number, CallClock? clock, CancellationToken cancellationToken)
    {
        var (definition, step) = await DeclaredAsync(run, request, cancellationToken);
        var noted = new NotedEntries();
        var result = await InvokeAsync(run, request, executor, number, definition, step, noted, clock, cancellationToken);
        if (result.Error is { Retryable: true, Effect: StepEffect.Happened } error && !step.MayRepeat)
        {
            // A second attempt would be a second effect, and only one of them would be undone.
            result = result with { Error = error with { Retryable = false } };
        }

        return noted.Entries is null ? result : result with { Entries = [.. noted.Entries, .. result.Entries] };
    }

    private async ValueTask<ExecutorResult> InvokeAsync(
        RunIdentity run,
        ExecutionRequest request,
        IStepExecutor executor,
        int number,
        Definition definition,
        Step step,
        NotedEntries noted,
        CallClock? clock,
        CancellationToken cancellationToken)
    {
        try
        {
            var execution = new StepExecution
            {
                Run = run,
                Ref = request.Step,
                Number = number,
                TraceParent = request.Pin.TraceParent,
                Requester = request.Pin.Requester,
                Note = noted.Add,
                NoteEffect = noted.Mark,
                Step = step,
                Definition = definition,
                Scope = await RunScope.LoadAsync(run, request.Scope, definition, values, cancellationToken),
            };
            var held = request.Lock is { } wait ? await DemandLockAsync(run, wait, cancellationToken) : (TimeSpan?)null;
            return clock is null
                ? await executor.ExecuteAsync(execution, cancellationToken)
                : await InTimeAsync(executor, execution, clock, held, noted, cancellationToken);
        }
        catch (Exception exception) when ((exception is not (LedgerUnavailableException or LedgerRefusedException) || noted.Entries is not null) && !cancellationToken.IsCancellationRequested)
        {
            // Stores that are away before anything happened are waited for; what has happened is not done again because of them.
            return ExecutorResult.Failed(noted.Mark(StepErrors.From(exception)));
        }
    }

    // How long the step may hold its lock from now: no attempt begins without it, nor goes on once it passes on.
    private async ValueTask<TimeSpan> DemandLockAsync(RunIdentity run, string wait, CancellationToken cancellationToken) =>
        await ledger.ReadRowAsync(run.Tenant, RowKeys.Wait(run.Id, wait), cancellationToken) is { } stored
        && WaitRow.From(stored) is { IsHeld: true, Lock: { Until: { } until } } && until - time.GetUtcNow() is var left && left > TimeSpan.Zero
            ? left
            : throw MutexErrors.Lost();

    // What the interpreter evaluates for the run as a whole belongs to no step and looks at none: the first one stands in.
    private static string StepOf(ExecutionRequest request, Language.Definition definition) =>
        request.StepId.Length == 0 && EvaluateExecutor.IsInternal(request.Kind) ? definition.Body.Start : request.StepId;

    private static async ValueTask<ExecutorResult> InTimeAsync(
        IStepExecutor executor, StepExecution execution, CallClock clock, TimeSpan? held, NotedEntries noted, CancellationToken cancellationToken)
    {
        clock.Shorten(held ?? clock.Limit);
        try
        {
            return await executor.ExecuteAsync(execution, clock.Token);
        }
        catch (Exception) when (clock.IsAborted && !cancellationToken.IsCancellationRequested)
        {
            return ExecutorResult.Failed(noted.Mark(StepErrors.CanceledInFlight));
        }
        catch (Exception) when (clock.IsTimedOut && !cancellationToken.IsCancellationRequested)
        {
            return ExecutorResult.Failed(noted.Mark(StepErrors.Timeout(clock.Limit)));
        }
    }

    private async ValueTask<CallAnswer> CloseAsync(
        RunIdentity run, ExecutionRequest request, CallRecord call, ImmutableArray<EntryDraft> entries, CallAnswer answer, CancellationToken cancellationToken)
    {
        var isFresh = true;
        return await CommitLoop.RunAsync(
            async token =>
            {
                if (!isFresh)
                {
                    // Another delivery opened the next number, or answered: the effect of this one happened all the same and is logged.
                    var known = await ReadAsync(run, request, token);
                    if (known?.Answer is { } theirs)
                    {
                        await ledger.CommitPatientlyAsync(run.Tenant, new LedgerCommit { Entries = entries }, time, token);
                        return CallAnswer.From(theirs);
                    }

                    call = call with { Number = known?.Number ?? call.Number, ExpectedVersion = known?.Version };
                }

                isFresh = false;
                await ledger.CommitFirstAsync(run.Tenant, new LedgerCommit { Entries = entries, Call = call }, time, token);
                return answer;
            },
            time,
            cancellationToken);
    }

    private async ValueTask<(CallAnswer Answer, ImmutableArray<EntryDraft> Entries)> OutcomeAsync(
        Delivery delivery, ExecutionRequest request, CallRecord record, IStepExecutor executor, bool hadIntent, ExecutorResult result, CancellationToken cancellationToken)
    {
        RunValue? value = null;
        var error = result.Error;
        if (error is null && result.Output is { } output)
        {
            try
            {
                value = RunValues.TryInline(output) ?? await PackAsync(delivery.Run.Tenant, output, cancellationToken);
                value = result.Response is { } response ? value with { Response = response } : value;
            }
            catch (CanonicalJsonException exception)
            {
                error = StepErrors.From(exception);
            }
        }

        error = error is null ? null : error with { Instance = $"{delivery.Run.Id}/{request.Step.VisitKey}" };
        var answer = new CallAnswer
        {
            Key = request.Step.Key,
            Result = error is null ? CallResult.Succeeded : CallResult.Failed,
            Value = value,
            Error = error,
            Flags = delivery.Flags is { } atHand ? atHand() : await FlagsAsync(delivery.Run, cancellationToken),
            At = time.GetUtcNow(),
        };
        return (answer, StepEntries.Outcome(delivery.Run, request, record.Number, executor, hadIntent, result, answer));
    }

    private static LedgerCommit Intent(RunIdentity run, ExecutionRequest request, CallRecord record) => new()
    {
        Entries =
        [
            .. RunLog.Pending(run, request),
            .. record.Number > 1 ? [StepEntries.CutOff(run, request, record.Number - 1)] : Array.Empty<EntryDraft>(),
            StepEntries.Intent(run, request, record.Number),
        ],
        Call = record,
    };

    private ValueTask<CallRecord?> ReadAsync(RunIdentity run, ExecutionRequest request, CancellationToken cancellationToken) =>
        AgainAsync(token => ledger.ReadCallAsync(run.Tenant, run.Id, request.Step.Key, token), cancellationToken);

    private ValueTask<RunValue> PackAsync(string tenant, JsonElement output, CancellationToken cancellationToken) =>
        AgainAsync(token => values.PackAsync(tenant, output, token), cancellationToken);

    private async ValueTask<RunFlags> FlagsAsync(RunIdentity run, CancellationToken cancellationToken) =>
        (await AgainAsync(token => runs.ReadAsync(run, token), cancellationToken)).Run.Flags;

    // Around an effect the stores are waited for: what came of it must not be lost, nor the effect be had twice because of them.
    private ValueTask<T> AgainAsync<T>(Func<CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken) =>
        PatientLedger.RepeatAsync(work, time, cancellationToken);

    // What an executor notes as it happens, in order; most note nothing.
    private sealed class NotedEntries
    {
        private StepEffect? effect;

        public List<ExecutorEntry>? Entries { get; private set; }

        public void Add(ExecutorEntry entry) => (Entries ??= []).Add(entry);

        public void Mark(StepEffect known) => effect = known > effect || effect is null ? known : effect;

        /// <summary>The error of an execution that was cut off: what had reached the remote side by then may have had its effect.</summary>
        public StepError Mark(StepError error) => error.Effect is null ? error with { Effect = effect } : error;
    }
}
