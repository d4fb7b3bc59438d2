using System.Collections.Immutable;
using System.Text;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>Makes log entries of a run.</summary>
public static class RunLog
{
    /// <summary>The actor of what a run does by itself.</summary>
    public const string Actor = "run";

    /// <summary>An entry about a step, written by the run itself.</summary>
    public static EntryDraft Entry(RunIdentity run, CallRequest request, string eventId, string type, ReadOnlyMemory<byte> payload) => new()
    {
        EventId = eventId,
        Type = type,
        Actor = Actor,
        Run = run.Id,
        Step = request.Step.Path,
        CorrelationId = request.Pin.CorrelationId,
        TransactionId = request.Pin.Root,
        Payload = payload,
    };

    /// <summary>The entries that ride on a call.</summary>
    public static ImmutableArray<EntryDraft> Pending(RunIdentity run, CallRequest request) => request.Pending.IsDefaultOrEmpty
        ? []
        : [.. request.Pending.Select(entry => new EntryDraft
        {
            EventId = entry.EventId,
            Type = entry.Type,
            Actor = Actor,
            Run = run.Id,
            Step = entry.Step,
            CorrelationId = request.Pin.CorrelationId,
            TransactionId = request.Pin.Root,
            Payload = Encoding.UTF8.GetBytes(entry.Payload),
        })];

    /// <summary>An entry about a run as a whole.</summary>
    /// <param name="tenantRun">The run.</param>
    /// <param name="row">Its row, which names its root and correlation.</param>
    /// <param name="kind">What tells it apart in its event id: a kind, and the number where it can happen again.</param>
    /// <param name="type">Its type.</param>
    /// <param name="actor">Who did it: an opaque user id.</param>
    /// <param name="payload">Its payload.</param>
    public static EntryDraft OfRun(RunIdentity tenantRun, RunRow row, string kind, string type, string actor, ReadOnlyMemory<byte> payload) => new()
    {
        EventId = Ledger.EventId.InRun(tenantRun.Id, "", 0, 0, 0, kind),
        Type = type,
        Actor = actor,
        Run = tenantRun.Id,
        CorrelationId = row.CorrelationId,
        TransactionId = row.Root,
        Payload = payload,
    };
}
