namespace Countersign.Orchestration;

/// <summary>What executed a run was ended from outside before the run had: terminated by an operator, purged, or failed. The run is parked.</summary>
/// <param name="how">How, such as <c>Terminated</c> or <c>purged</c>; letters only, it goes into the log.</param>
public sealed class InstanceEndedException(string how)
    : Exception($"What executed the run was ended from outside ({how}). Continue the run to have it go on from its recorded answers, or cancel it.")
{
    /// <summary>The code of the error, <c>run.instance-ended</c>; see docs/errors.</summary>
    public const string ErrorCode = "run.instance-ended";

    /// <summary>The code of the error.</summary>
    public string Code { get; } = ErrorCode;
}
