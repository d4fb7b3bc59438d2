using System.Globalization;
using System.Text.Json;
using Countersign.Ledger;
using Microsoft.AspNetCore.Http;

namespace Countersign.Api.Audit;

/// <summary>A log entry as callers see it.</summary>
public sealed record EntryView
{
    /// <summary>Its place in the tenant's log.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Its id, the same over retries.</summary>
    public required string EventId { get; init; }

    /// <summary>Its type, <c>noun.verb</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Who did it: an opaque id.</summary>
    public required string Actor { get; init; }

    /// <summary>The run; empty outside runs.</summary>
    public required string Run { get; init; }

    /// <summary>The step's path; empty outside steps.</summary>
    public required string Step { get; init; }

    /// <summary>What the starter named the undertaking.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The root of the tree of runs, or the request.</summary>
    public required string TransactionId { get; init; }

    /// <summary>SHA-256 of the entry's bytes.</summary>
    public required string Hash { get; init; }

    /// <summary>The facts; null where they were erased.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>The view of an entry.</summary>
    public static EntryView Of(StoredEntry stored, LogEntry entry) => new()
    {
        Sequence = entry.Sequence,
        Time = DateTimeOffset.UnixEpoch.AddTicks(entry.Time * 10),
        EventId = entry.EventId,
        Type = entry.Type,
        Actor = entry.Actor,
        Run = entry.Run,
        Step = entry.Step,
        CorrelationId = entry.CorrelationId,
        TransactionId = entry.TransactionId,
        Hash = stored.Hash().ToString(),
        Data = stored.IsErased ? null : JsonElement.Parse(stored.Payload.Span),
    };
}

/// <summary>A page of the log.</summary>
/// <param name="Items">The entries, in order.</param>
/// <param name="Cursor">Where the next page begins; null at the end of the log.</param>
public sealed record LogPageView(IReadOnlyList<EntryView> Items, string? Cursor)
{
    /// <summary>The view of a page.</summary>
    internal static LogPageView Of(HttpContext context, LogPage page) => new(
        [.. page.Entries.Select(entry => EntryView.Of(entry.Stored, entry.Entry))],
        page.Next is { } next ? context.Cursor(next.ToString(CultureInfo.InvariantCulture)) : null);
}

/// <summary>Asks for a verification.</summary>
public sealed record VerifyBody
{
    /// <summary>The first sequence; 1 where left out.</summary>
    public long? From { get; init; }

    /// <summary>The last sequence; the newest where left out.</summary>
    public long? To { get; init; }
}

/// <summary>What a verification found.</summary>
/// <param name="Intact">Whether nothing is wrong.</param>
/// <param name="Entries">How many entries were looked at.</param>
/// <param name="Erased">How many of them have had their payload erased.</param>
/// <param name="FirstSequence">The first one.</param>
/// <param name="LastSequence">The last one.</param>
/// <param name="Head">The hash of the last one.</param>
/// <param name="Faults">What is wrong, the first hundred.</param>
public sealed record VerifyView(
    bool Intact, long Entries, long Erased, long FirstSequence, long LastSequence, string Head, IReadOnlyList<VerifyFault> Faults);
