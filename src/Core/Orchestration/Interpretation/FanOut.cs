using System.Collections.Immutable;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Steps;

namespace Countersign.Orchestration;

/// <summary>
/// Runs blocks side by side, so many at a time, and joins them. What they leave (compensations, pending entries) is taken over
/// in the order of the blocks, so nothing depends on which one was faster.
/// </summary>
internal sealed class FanOut(Frame outer, Step step, StepRef at, FailureMode onFailure)
{
    private readonly Stop stop = new(outer.Stop);
    private RunValue[] outputs = [];
    private bool stopped;
    private bool joined;
    private StepError? error;
    private int errorAt = int.MaxValue;

    // Inside the step, so that whoever withdraws what is open in there withdraws it as well.
    private StepRef Limit => new($"{at.VisitKey}.$timeout", 1, 1);

    /// <summary>Tells the frames of the fan-out to start nothing new; frames are made with it.</summary>
    public Stop Stop => stop;

    /// <summary>The outputs of the blocks, in their order.</summary>
    public IReadOnlyList<RunValue> Outputs => outputs;

    /// <summary>Runs the blocks and joins them.</summary>
    /// <param name="count">How many blocks there are.</param>
    /// <param name="open">Makes a block's frame. It is made when its turn comes and dropped when it has ended, so that a long list costs little.</param>
    /// <param name="concurrency">How many at a time.</param>
    /// <returns>The error of the first block, in their order, that failed; null where none did.</returns>
    /// <exception cref="InterpretationStopped">The run is to be canceled.</exception>
    public async Task<StepError?> RunAsync(int count, Func<int, Lane> open, int concurrency)
    {
        var next = 0;
        outputs = new RunValue[count];
        Array.Fill(outputs, Gathering.Null);
        var compensations = new List<Compensation>?[count];
        var lanes = new Task[Math.Min(concurrency, count)];
        for (var lane = 0; lane < lanes.Length; lane++)
        {
            lanes[lane] = LaneAsync();
        }

        var limit = LimitAsync();
        await Task.WhenAll(lanes);
        await LiftLimitAsync();
        await limit;
        foreach (var left in compensations)
        {
            outer.Compensations.AddRange(left ?? []);
        }

        // Stopped by a failing sibling, the error tells; stopped by nothing of ours, the run is being canceled, or a step around this one has failed:
        // then this one has not completed, even where no lane was cut off in the middle.
        return error is null && (stopped || outer.Stop is { IsRequested: true }) ? throw new InterpretationStopped() : error;

        async Task LaneAsync()
        {
            while (next < count && !stop.IsRequested && !stopped)
            {
                var index = next++;
                var (frame, block) = open(index);
                await OneAsync(frame, block, index);
                compensations[index] = frame.Compensations.Count == 0 ? null : frame.Compensations;
            }
        }
    }

    private async Task LimitAsync()
    {
        if (step.Timeout is not { } timeout)
        {
            return;
        }

        var answer = await Waiting.OpenAsync(outer, step, Limit);
        if (answer.Result is CallResult.Succeeded or CallResult.Failed && !joined && !stop.IsRequested)
        {
            error = (answer.Error ?? StepErrors.Timeout(timeout)) with { Instance = $"{outer.Turn.Orchestration.Run.Id}/{at.VisitKey}" };
            errorAt = -1;
            outer.Record(at, EventTypes.StepFailed, "outcome", new LogPayload()
                .Add("error", StepEntries.Facts(error)).Add("kind", step.Kind).Add("step", step.Id).Add("visit", at.Visit));
            stop.Request();
            await WithdrawAsync(outer);
        }
    }

    private async Task LiftLimitAsync()
    {
        joined = true;
        if (outer.Turn.OpenWaits.Contains(Limit.Key))
        {
            await WithdrawAsync(outer);
        }
    }

    private async Task OneAsync(Frame frame, Block block, int index)
    {
        try
        {
            var failed = await BlockRunner.RunAsync(frame, block.Start) ?? await OutputAsync(frame, block, index);
            // Failing fast, the first failure tells: what others fail with afterwards may only be that they were withdrawn.
            if (failed is not null && (onFailure is FailureMode.FailFast ? error is null : index < errorAt))
            {
                (error, errorAt) = (failed, index);
            }

            if (failed is not null && onFailure is FailureMode.FailFast)
            {
                stop.Request();
                await WithdrawAsync(frame);
            }

            await frame.FlushAsync();
        }
        catch (InterpretationStopped)
        {
            stopped = true;
            await frame.FlushAsync();
        }
    }

    private async Task<StepError?> OutputAsync(Frame frame, Block block, int index)
    {
        if (block.Output is not { } template)
        {
            outputs[index] = frame.LastOutput ?? Gathering.Null;
            return null;
        }

        var step = frame.Next("$block");
        var answer = await frame.EvaluateAsync(step, block.Start, EvaluateExecutor.BlockOutput, frame.Scope(template), template.Render);
        if (answer.Value is { } value)
        {
            outputs[index] = value;
        }

        return answer.Error;
    }

    // Nobody shall be asked, for days, about something that has failed already.
    private async Task WithdrawAsync(Frame frame)
    {
        var turn = outer.Turn;
        var within = at.VisitKey + ".";
        var waits = turn.OpenWaits.Where(key => key.StartsWith(within, StringComparison.Ordinal)).ToImmutableArray();
        var children = turn.OpenChildren.Where(key => key.StartsWith(within, StringComparison.Ordinal)).ToImmutableArray();
        if (waits.Length + children.Length > 0)
        {
            turn.Seen(await turn.Orchestration.WithdrawAsync(new WithdrawRequest
            {
                Step = frame.Next("$withdraw"),
                StepId = "",
                Pin = turn.Start.Pin,
                Pending = frame.TakePending(),
                Waits = waits,
                Children = children,
            }));
        }
    }

    /// <summary>A block with its frame.</summary>
    public readonly record struct Lane(Frame Frame, Block Block);
}
