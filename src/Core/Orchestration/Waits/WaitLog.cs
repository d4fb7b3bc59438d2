using System.Text.Json;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>Makes log entries of a wait.</summary>
public static class WaitLog
{
    /// <summary>An entry about a wait.</summary>
    /// <param name="wait">The wait.</param>
    /// <param name="type">Its type.</param>
    /// <param name="discriminator">What tells several of a type apart: the voter, the reminder's number.</param>
    /// <param name="actor">Who did it.</param>
    /// <param name="payload">Its payload.</param>
    public static EntryDraft Entry(WaitRow wait, string type, string? discriminator, string actor, ReadOnlyMemory<byte> payload) => new()
    {
        EventId = Ledger.EventId.InRun(wait.Run, wait.Path, wait.Visit, 1, 1, type, discriminator),
        Type = type,
        Actor = actor,
        Run = wait.Run,
        Step = wait.Path,
        CorrelationId = wait.CorrelationId,
        TransactionId = wait.Root,
        Payload = payload,
    };

    /// <summary>Those whom an audience names, as a fact of an entry; null where it names nobody.</summary>
    public static JsonElement? Users(WaitAudience? audience) =>
        audience is { Users.Length: > 0 } named ? JsonSerializer.SerializeToElement(named.Users, OrchestrationJson.Default.ImmutableArrayString) : null;

    /// <summary>What the entry is called that opens a wait.</summary>
    public static string Opened(WaitKind kind) => kind switch
    {
        WaitKind.Approval => EventTypes.ApprovalRequested,
        WaitKind.Form => EventTypes.FormRequested,
        WaitKind.Lock => EventTypes.LockQueued,
        _ => EventTypes.WaitOpened,
    };

    /// <summary>What the entry is called that reminds people of a wait.</summary>
    public static string Reminded(WaitKind kind) => kind is WaitKind.Form ? EventTypes.FormReminded : EventTypes.ApprovalReminded;

    /// <summary>What the entry is called that hands a wait up.</summary>
    public static string Escalated(WaitKind kind) => kind is WaitKind.Form ? EventTypes.FormEscalated : EventTypes.ApprovalEscalated;

    /// <summary>What the entry is called that asks or answers something about a wait.</summary>
    public static string Message(WaitKind kind) => kind is WaitKind.Form ? EventTypes.FormMessage : EventTypes.ApprovalMessage;

    /// <summary>What the entry is called that ends a wait by its deadline.</summary>
    public static string Expired(WaitKind kind) => kind switch
    {
        WaitKind.Approval => EventTypes.ApprovalExpired,
        WaitKind.Form => EventTypes.FormExpired,
        WaitKind.Lock => EventTypes.LockTimedOut,
        _ => EventTypes.WaitElapsed,
    };
}
