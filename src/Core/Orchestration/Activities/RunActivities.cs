namespace Countersign.Orchestration;

/// <summary>All that a run may cause; the same on both engines. Each may be delivered more than once.</summary>
/// <param name="Claim">Claims the run.</param>
/// <param name="Execute">Executes a step.</param>
/// <param name="Open">Opens a wait.</param>
/// <param name="Check">Looks at a wait.</param>
/// <param name="Children">Starts children and looks at them.</param>
/// <param name="Withdraw">Closes what is no longer needed.</param>
/// <param name="End">Ends the run.</param>
/// <param name="Park">Sets the run aside.</param>
public sealed record RunActivities(
    ClaimRun Claim, ExecuteStep Execute, OpenWait Open, CheckWait Check, Children Children, Withdraw Withdraw, EndRun End, ParkRun Park);
