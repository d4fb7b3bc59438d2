using System.Collections.Immutable;
using Countersign.Language;

namespace Countersign.Orchestration;

/// <summary>What one run, and the runs that it called, did outside and is not undone. At most <see cref="FailedCompensation.Most"/> of each are kept.</summary>
/// <param name="notUndone">What should have been undone and was not.</param>
/// <param name="standing">What no compensation of the run itself undoes.</param>
internal sealed class OpenEffects(ImmutableArray<FailedCompensation> notUndone, ImmutableArray<FailedCompensation> standing)
{
    private const string Stands = "child.effect-stands";
    private const string Why = "The called run did not complete, so what undoes it as a whole did not run.";

    /// <summary>What called runs should have undone and did not, oldest first.</summary>
    public ImmutableArray<FailedCompensation> NotUndone { get; private set; } = notUndone;

    /// <summary>What no compensation of the run itself undoes: its caller may.</summary>
    public ImmutableArray<FailedCompensation> Standing { get; private set; } = standing;

    /// <summary>A step acted outside, and nothing undoes it.</summary>
    /// <param name="step">The step.</param>
    /// <param name="at">Its visit.</param>
    public void Acted(Step step, StepRef at)
    {
        if (step.Acts && step.Compensate is null)
        {
            Standing = First(Standing, [new FailedCompensation(step.Id, at.Path, at.Visit, Stands, null)]);
        }
    }

    /// <summary>A called run ended. What stands of one that did not complete is not undone by the caller, which can undo it only as a whole.</summary>
    /// <param name="step">The id of the step that called.</param>
    /// <param name="hasCompensation">Whether the caller undoes the called run as a whole.</param>
    /// <param name="at">The call.</param>
    /// <param name="answer">How the called run ended.</param>
    public void Called(string step, bool hasCompensation, StepRef at, CallAnswer answer)
    {
        NotUndone = First(NotUndone, Below(step, at, answer.NotUndone));
        if (!hasCompensation)
        {
            Standing = First(Standing, Below(step, at, answer.Standing));
        }
        else if (answer.Result is not CallResult.Succeeded)
        {
            NotUndone = First(NotUndone, Below(step, at, answer.Standing).Select(effect => effect with { Detail = Why }));
        }
    }

    private static IEnumerable<FailedCompensation> Below(string step, StepRef at, ImmutableArray<FailedCompensation>? effects) =>
        (effects ?? []).Select(effect => effect with { Step = $"{step}/{effect.Step}", Path = $"{at.Path}/{effect.Path}" });

    private static ImmutableArray<FailedCompensation> First(ImmutableArray<FailedCompensation> known, IEnumerable<FailedCompensation> more) =>
        known.Length == FailedCompensation.Most ? known : [.. known.Concat(more).Take(FailedCompensation.Most)];
}
