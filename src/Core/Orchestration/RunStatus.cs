using System.Text.Json.Serialization;

namespace Countersign.Orchestration;

/// <summary>Where a run is in its life; the same on both engines.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunStatus>))]
public enum RunStatus
{
    /// <summary>Committed, not yet claimed by an engine.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued,

    /// <summary>Claimed, and at work.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>At least one step waits for a person, an event or a time.</summary>
    [JsonStringEnumMemberName("waiting")]
    Waiting,

    /// <summary>Ended well.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>Ended by an error, after compensation.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Ended by a decision to cancel, after compensation.</summary>
    [JsonStringEnumMemberName("canceled")]
    Canceled,

    /// <summary>Set aside for an operator: a replay did not match its history. Nothing is lost; it can go on once the cause is mended.</summary>
    [JsonStringEnumMemberName("parked")]
    Parked,
}

/// <summary>What people asked of a run; committed on the run's row, and told to the interpreter with every answer.</summary>
[Flags]
public enum RunFlags
{
    /// <summary>Nothing was asked.</summary>
    None = 0,

    /// <summary>The run shall end and compensate.</summary>
    Cancel = 1,

    /// <summary>The run shall start nothing new until it is continued.</summary>
    Pause = 2,
}
