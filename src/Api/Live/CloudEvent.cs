using System.Globalization;
using System.Text.Json;
using Countersign.Ledger;

namespace Countersign.Api.Live;

/// <summary>A log entry as a CloudEvent 1.0.</summary>
/// <param name="Specversion"><c>1.0</c>.</param>
/// <param name="Id">The event's id.</param>
/// <param name="Source">The tenant, or the run.</param>
/// <param name="Type">Its type.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Subject">The step's path; null outside steps.</param>
/// <param name="Datacontenttype"><c>application/json</c>.</param>
/// <param name="Sequence">Its place in the log, which is also the id of the SSE event.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="Data">The facts; null where they were erased.</param>
public sealed record CloudEvent(
    string Specversion,
    string Id,
    string Source,
    string Type,
    DateTimeOffset Time,
    string? Subject,
    string Datacontenttype,
    string Sequence,
    string Actor,
    JsonElement? Data)
{
    /// <summary>The event of an entry.</summary>
    public static CloudEvent Of(StoredEntry stored)
    {
        var entry = EntryCodec.Decode(stored.Bytes.Span);
        return new CloudEvent(
            "1.0",
            entry.EventId,
            entry.Run.Length == 0 ? $"/tenants/{entry.Tenant}" : $"/v1/executions/{entry.Run}",
            entry.Type,
            DateTimeOffset.UnixEpoch.AddTicks(entry.Time * 10),
            entry.Step.Length == 0 ? null : entry.Step,
            "application/json",
            entry.Sequence.ToString(CultureInfo.InvariantCulture),
            entry.Actor,
            stored.IsErased ? null : JsonElement.Parse(stored.Payload.Span));
    }
}
