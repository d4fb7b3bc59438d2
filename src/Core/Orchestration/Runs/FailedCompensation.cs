namespace Countersign.Orchestration;

/// <summary>A completed step that should have been undone and was not.</summary>
/// <param name="Step">The step's id.</param>
/// <param name="Path">The step's path.</param>
/// <param name="Visit">The step's visit.</param>
/// <param name="Error">The type of the error of what should have undone it; <c>canceled</c> where a called run was canceled.</param>
/// <param name="Detail">What went wrong; null where nothing is known.</param>
public sealed record FailedCompensation(string Step, string Path, int Visit, string Error, string? Detail)
{
    /// <summary>How many are kept on a run's row; the log has all of them.</summary>
    public const int Most = 20;

    private const int LongestDetail = 300;

    internal static FailedCompensation Of(Compensation compensation, CallAnswer answer) => new(
        compensation.StepId,
        compensation.Path,
        compensation.Visit,
        answer.Error?.Type ?? "canceled",
        answer.Error?.Detail is { Length: > LongestDetail } detail ? detail[..LongestDetail] : answer.Error?.Detail);
}
