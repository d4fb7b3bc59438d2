namespace Countersign.Orchestration;

/// <summary>Where a step leads.</summary>
/// <param name="Next">The next step; null ends the block.</param>
/// <param name="Output">The step's output, where it has one.</param>
/// <param name="Error">Why it failed; a step that failed leads nowhere unless it catches the error.</param>
public readonly record struct StepResult(string? Next, RunValue? Output, StepError? Error)
{
    /// <summary>The step is done.</summary>
    public static StepResult Go(string? next, RunValue? output = null) => new(next, output, null);

    /// <summary>The step is done and has no output: what it waited for did not come.</summary>
    public static StepResult GoWithoutOutput(string? next) => new(next, null, null) { HasNoOutput = true };

    /// <summary>Whether the step has no output, not even null: <c>has(steps.id)</c> is false.</summary>
    public bool HasNoOutput { get; private init; }

    /// <summary>The step failed.</summary>
    public static StepResult Fail(StepError error) => new(null, null, error);
}

/// <summary>Unwinds the interpreter when a run is canceled, or a branch is to stop because another one failed.</summary>
/// <param name="failed">The error of the last attempt of the step that was stopped, when an attempt had or may have had its effect; null otherwise.</param>
internal sealed class InterpretationStopped(StepError? failed = null) : Exception
{
    /// <summary>The error of the last attempt, with the effect of all attempts; null when no attempt had an effect.</summary>
    public StepError? Failed { get; } = failed;
}
