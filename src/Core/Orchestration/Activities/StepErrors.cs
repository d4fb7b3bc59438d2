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

    /// <summary>What a thrown exception means.</summary>
    public static StepError From(Exception exception) => exception switch
    {
        StepFailedException failed => failed.Error,
        ExpressionException expression => Expression(expression),
        CanonicalJsonException json => new() { Type = "step.output-invalid", Title = "The step's output cannot be kept", Detail = json.Message },
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
