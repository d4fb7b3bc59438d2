using System.Text.Json;

namespace Countersign.Functions.Runs;

/// <summary>What an orchestration starts with.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Run">The run's id.</param>
/// <param name="Claim">What the run starts with, where it goes on from a state; null at its beginning.</param>
/// <param name="State">Where it goes on.</param>
/// <param name="Resumes">Whether it takes the place of an instance that ended before its run did. The ledger has what the run was answered.</param>
/// <param name="WatchesChildren">
/// Whether the orchestration listens for an event of a called run while its instance runs. False in histories from before: their instances wait for the
/// called instance alone, and never end when it is purged.
/// </param>
public sealed record RunInput(
    string Tenant, string Run, ClaimedRun? Claim = null, JsonElement? State = null, bool Resumes = false, bool WatchesChildren = false);

/// <summary>What an instance of a run ends with, as the portal shows it.</summary>
/// <param name="Status">How the run ended: <c>completed</c>, <c>canceled</c>; <c>other</c> where another instance executes the run.</param>
public sealed record RunOutcome(string Status);

/// <summary>
/// What a claimed run starts with. The definition travels with it, so that every replay has it at hand without asking any store.
/// </summary>
/// <param name="Start">The start, as <see cref="Orchestration.RunStart"/>.</param>
/// <param name="Definition">The definition that the run is pinned to.</param>
public sealed record ClaimedRun(JsonElement Start, JsonElement Definition);

/// <summary>What an activity is asked.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Run">The run's id.</param>
/// <param name="Request">The request, in the form that the activity expects; null where there is none.</param>
/// <param name="Resumed">Whether the caller took the place of an instance that ended before its run did: the caller's caller does not see it end.</param>
public sealed record CallInput(string Tenant, string Run, JsonElement? Request = null, bool Resumed = false);

/// <summary>What an activity answers.</summary>
public sealed record CallOutput
{
    /// <summary>The answer, as <see cref="Orchestration.CallAnswer"/>; null where the call is still open.</summary>
    public JsonElement? Answer { get; init; }

    /// <summary>When an opened wait ends by itself.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The id of the child that is to be run; null where somebody runs it already.</summary>
    public string? Child { get; init; }

    /// <summary>What was claimed; null where somebody else owns the run, or it has ended.</summary>
    public ClaimedRun? Claim { get; init; }

    /// <summary>The type of the unforeseen error that ended the activity; the run is parked for an operator.</summary>
    public string? Fault { get; init; }

    /// <summary>What the storage refused for good, as status and code; the run is parked with it.</summary>
    public string? Refused { get; init; }
}

/// <summary>Claims a run.</summary>
/// <param name="Nonce">Who claims it: the same for every delivery of the claim by one orchestration.</param>
/// <param name="Resumes">Whether a run that was claimed before and is not parked is taken over.</param>
public sealed record ClaimRequest(string Nonce, bool Resumes = false);

/// <summary>Parks a run.</summary>
/// <param name="Expected">What the history holds, where it did not match.</param>
/// <param name="Found">What was asked for instead.</param>
/// <param name="Fault">The type of the error otherwise.</param>
/// <param name="Decided">When the orchestrator decided so; UTC.</param>
/// <param name="Refused">What the storage refused for good, as status and code.</param>
public sealed record ParkRequest(string? Expected, string? Found, string? Fault, DateTimeOffset? Decided = null, string? Refused = null);

