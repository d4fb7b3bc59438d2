using System.Collections.Concurrent;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Engine.Runs;

/// <summary>
/// A run in memory. Whatever reaches it is handled one message after the other, and answers in the order in which the journal recorded them, so
/// that a replay sees what the run saw. While it waits for people, it costs only rows.
/// </summary>
internal sealed partial class ActiveRun(EmbeddedEngine engine, RunIdentity run) : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<RunMessage> mailbox = new();
    private readonly Dictionary<string, OpenCall> open = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, CallRecord> cutOff = new Dictionary<string, CallRecord>();
    private RunHistory? history;
    private Definition? definition;
    private RunStart? start;
    private RunRow? row;
    private Task<InterpreterResult>? interpretation;
    private bool live;
    private bool left;
    private int scheduled;
    private int states;
    private int answersSinceState;
    private int flags;
    private RunFlags seen;
    private Func<RunFlags>? flagsAtHand;
    private bool pokedEarly;

    public EmbeddedEngine Engine => engine;

    /// <inheritdoc/>
    public RunIdentity Run => run;

    /// <summary>What was asked of the run, as its row last told.</summary>
    public RunFlags Flags
    {
        get => (RunFlags)Volatile.Read(ref flags);
        private set => Volatile.Write(ref flags, (int)value);
    }

    /// <summary>Takes a message in; the run handles it soon, on some thread, and never two at a time.</summary>
    public void Post(RunMessage message)
    {
        mailbox.Enqueue(message);
        if (Interlocked.Exchange(ref scheduled, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Reads what is on record and begins; a queued run is claimed first. Stores that are away are waited for: nobody else would bring the run back.</summary>
    public async Task LoadAsync()
    {
        try
        {
            bool begins;
            using (await engine.Turns.EnterAsync(run.Tenant, engine.Stopping))
            {
                begins = await PatientLedger.RepeatAsync(ReadAsync, engine.Time, engine.Stopping);
            }

            if (begins)
            {
                Post(RunMessage.Begin);
            }
            else
            {
                Leave();
            }
        }
        catch (OperationCanceledException) when (engine.Stopping.IsCancellationRequested)
        {
            Leave();
        }
        catch (Exception error)
        {
            Park(error);
        }
    }

    // Whether there is anything to begin.
    private async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var claimed = await engine.Activities.Claim.RunAsync(Delivery(null), cancellationToken);
        var stored = await engine.Runs.FindAsync(run, cancellationToken);
        if (stored is not { Run: { IsEnded: false, Status: RunStatus.Running } found })
        {
            if (stored is { Run: { IsEnded: true } ended })
            {
                // Canceled before it was claimed, or ended while nobody could be told.
                TellParent(ended);
            }

            return false;
        }

        row = found;
        start = claimed ?? ClaimRun.StartOf(found);
        Flags = found.Flags;
        definition = await engine.Workflows.LoadAsync(run.Tenant, found.Definition, cancellationToken);

        // A run that was queued until just now has made no call yet.
        history = RunHistory.From(claimed is null ? await engine.Ledger.ReadRunCallsAsync(run.Tenant, run.Id, cancellationToken) : []);
        return true;
    }

    /// <summary>Reads what was asked of the run anew.</summary>
    public async Task RefreshFlagsAsync()
    {
        if (await engine.Runs.FindAsync(run, engine.Stopping) is { } stored)
        {
            Flags = stored.Run.Flags;
        }
    }

    /// <summary>Records an answer that no activity gives: the end of a sleep or a hold.</summary>
    public async ValueTask<CallAnswer> RecordAsync(Delivery delivery, string key, CancellationToken cancellationToken)
    {
        var answer = new CallAnswer { Key = key, Result = CallResult.Succeeded, Flags = Flags, At = engine.Time.GetUtcNow() };
        var call = new CallRecord(run.Id, key, 1, delivery.Nonce, answer.ToBytes()) { Written = answer };
        await engine.Ledger.CommitPatientlyAsync(run.Tenant, new LedgerCommit { Call = call }, engine.Time, cancellationToken);
        return answer;
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            while (mailbox.TryDequeue(out var message))
            {
                Handle(message);
            }

            LeaveIfIdle();
            Volatile.Write(ref scheduled, 0);
            if (mailbox.IsEmpty || Interlocked.Exchange(ref scheduled, 1) != 0)
            {
                return;
            }
        }
    }

    private void Handle(in RunMessage message)
    {
        if (left)
        {
            // Whoever poked meant the run, not this copy of it.
            if (message.Kind is RunMessageKind.Poke)
            {
                engine.Activate(run);
            }

            return;
        }

        switch (message.Kind)
        {
            case RunMessageKind.Begin: Begin(); break;
            case RunMessageKind.Recorded: Recorded(message); break;
            case RunMessageKind.Answer: Deliver(message.Answer); break;
            case RunMessageKind.Parked: Parked(message.Key!); break;
            case RunMessageKind.Poke: Poked(message.Key); break;
            case RunMessageKind.Fault: Faulted(message.Error); break;
        }

        if (interpretation is { IsCompleted: true } && !left)
        {
            Ended();
        }
    }

    private void Begin()
    {
        (states, cutOff) = (history!.States, history.Open);
        UtcNow = start!.Started;
        seen = start.Flags;
        interpretation = Interpreter.RunAsync(this, definition!, start, history.State);
        foreach (var answer in history.Answers)
        {
            if (!open.ContainsKey(answer.Key))
            {
                if (StepRef.IsSleepKey(answer.Key))
                {
                    // It was ended while its answer was on the way: nobody waited for it, then as now.
                    continue;
                }

                Park(new ReplayMismatchException(run, answer.Key, open.Count == 0 ? "the end" : string.Join(", ", open.Keys)));
                return;
            }

            Deliver(answer);
        }

        (history, live) = (null, true);
        if (pokedEarly)
        {
            // What was asked meanwhile may be younger than the row that was loaded.
            pokedEarly = false;
            _ = engine.PokeQuietlyAsync(run, null);
        }

        foreach (var call in open.Values.ToList())
        {
            Work(call);
        }
    }

    private void Recorded(in RunMessage message)
    {
        if (live && open.ContainsKey(message.Key!))
        {
            Deliver(message.Answer);
        }
    }

    private void Deliver(CallAnswer answer)
    {
        if (open.Remove(answer.Key, out var call))
        {
            call.Close();
            UtcNow = answer.At > UtcNow ? answer.At : UtcNow;
            seen = answer.Flags | (seen & RunFlags.Cancel);
            answersSinceState++;
            call.Done.SetResult(answer);
        }
    }

    private void Parked(string key)
    {
        if (!open.TryGetValue(key, out var call))
        {
            return;
        }

        call.Phase = call is SleepCall ? CallPhase.Sleeping : CallPhase.Parked;
        if (call.Poked)
        {
            call.Poked = false;
            Work(call);
        }
    }

    private void Poked(string? key)
    {
        if (!live)
        {
            pokedEarly = true;
            return;
        }

        foreach (var call in key is null ? open.Values.ToList() : open.TryGetValue(key, out var one) ? [one] : [])
        {
            if (call.Phase is CallPhase.Busy)
            {
                call.Poked = true;
                call.RunChanged(this);
            }
            else
            {
                Work(call);
            }
        }
    }

    private void Faulted(Exception error)
    {
        if (engine.Stopping.IsCancellationRequested)
        {
            Leave();
        }
        else
        {
            Park(error);
        }
    }

    private Task<CallAnswer> Open(OpenCall call)
    {
        if (!open.TryAdd(call.Key, call))
        {
            throw new InvalidOperationException($"The call {call.Key} of run {run} was made twice.");
        }

        if (live)
        {
            Work(call);
        }

        return call.Done.Task;
    }

    private void Work(OpenCall call)
    {
        call.Phase = CallPhase.Busy;
        _ = WorkAsync(call, call.Prepare(this, Delivery(call.Key)));
    }

    private async Task WorkAsync(OpenCall call, Delivery delivery)
    {
        try
        {
            // What has outside effects waits for its slot where its time limit counts.
            using var turn = call.IsOutside ? null : await engine.Turns.EnterAsync(run.Tenant, engine.Stopping);

            // Before an effect nothing is lost by beginning again; what comes after one is repeated where it happens.
            var answer = await PatientLedger.RepeatAsync(token => call.WorkAsync(this, delivery, token), engine.Time, engine.Stopping);

            // Most answers have come from the journal by now.
            if (!call.Done.Task.IsCompleted)
            {
                Post(answer is null ? RunMessage.Park(call.Key) : RunMessage.Answered(answer));
            }
        }
        catch (Exception error)
        {
            Post(RunMessage.Fault(call.Key, error));
        }
    }

    private Delivery Delivery(string? key) => new()
    {
        Run = run,
        Nonce = engine.NextNonce(),
        IsKnown = key is not null,
        Known = key is null ? null : cutOff.GetValueOrDefault(key),
        Flags = key is null ? null : flagsAtHand ??= () => Flags,
    };
}
