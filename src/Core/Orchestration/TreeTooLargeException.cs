namespace Countersign.Orchestration;

/// <summary>A tree of runs has more open runs than a host takes up. Each of them is suspended.</summary>
/// <param name="most">How many it takes up.</param>
public sealed class TreeTooLargeException(int most)
    : Exception($"The tree of this run has more than {most} open runs, so the host did not take it up. Cancel the run at its root.")
{
    /// <summary>The code of the error, <c>run.tree-too-large</c>; see docs/errors.</summary>
    public const string ErrorCode = "run.tree-too-large";
}
