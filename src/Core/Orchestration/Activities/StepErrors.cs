using Countersign.Canonical;
using Countersign.Expressions;
using Countersign.Steps;

namespace Countersign.Orchestration;

/// <summary>The errors that every step can end with.</summary>
public static class StepErrors
{
    /// <summary>The step's time was up.</summary>
    public static StepError Timeout(TimeSpan limit) => new()
    {
        Type = "step.timeout",
        Title = "The step ran out of time",
        Detail = $"The step did not answer within {limit.TotalSeconds:0.###} s.",
        Status = 504,
        Retryable = true,
    };

    /// <summary>The step's time was up before the engine had room for it; nothing was done.</summary>
    public static StepError QueueTimeout(TimeSpan limit) => Timeout(limit) with
    {
        Detail = $"The step waited {limit.TotalSeconds:0.###} s for a free execution slot and did not begin: its tenant has as many calls in flight as it may.",
    };

    /// <summary>The code of a step that did not run, or was cut off, because its run was canceled.</summary>
    public const string CanceledCode = "step.canceled";

    /// <summary>The run was canceled before the step had an effect.</summary>
    public static StepError Canceled { get; } = new()
    {
        Type = CanceledCode,
        Title = "The run was canceled",
        Detail = "The run was canceled before the step had an effect.",
    };

    /// <summary>The run was canceled while the step's call was in flight, and the call did not end in its grace.</summary>
    public static StepError CanceledInFlight { get; } = new()
    {
        Type = CanceledCode,
        Title = "The run was canceled",
        Detail = "The run was canceled while the call was in flight, and the call was cut off.",
    };

    /// <summary>What a thrown exception means.</summary>
    public static StepError From(Exception exception) => exception switch
    {
        StepFailedException failed => failed.Error,
        ExpressionException expression => Expression(expression),
        CanonicalJsonException json => new() { Type = "step.output-invalid", Title = "The step's output cannot be kept", Detail = json.Message },
        InputInvalidException input => new() { Type = input.Code, Title = "The workflow cannot be called with this", Detail = input.Message, Status = 422 },
        StepValueLostException lost => new() { Type = "step.value-lost", Title = "A value that the step needs is gone", Detail = lost.Message },
        OperationCanceledException => new() { Type = "step.timeout", Title = "The step ran out of time", Detail = "The step was cut off.", Status = 504, Retryable = true },

        // What an unforeseen exception says may hold anything, so only its kind is shown.
        _ => new() { Type = "step.internal-error", Title = "The step failed in an unforeseen way", Detail = $"An executor threw {exception.GetType().Name}.", Status = 500 },
    };

    /// <summary>An expression failed while the step's templates were rendered.</summary>
    public static StepError Expression(ExpressionException exception) => new()
    {
        Type = "step.expression-failed",
        Title = "An expression of the step failed",
        Detail = exception.Message,
    };
}

/// <summary>How long steps may take that do not say it themselves.</summary>
public static class StepTimeouts
{
    /// <summary>One minute.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromMinutes(1);
}
