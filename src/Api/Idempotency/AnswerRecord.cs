using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Api.Idempotency;

/// <summary>What is kept of a request with an <c>Idempotency-Key</c>.</summary>
/// <param name="Request">SHA-256 of the request.</param>
/// <param name="Nonce">Which delivery of the request works on it, or worked.</param>
/// <param name="Taken">When that delivery began.</param>
/// <param name="Until">Until when the request counts as in flight; afterwards a repetition is carried out.</param>
internal sealed record AnswerRecord(string Request, string Nonce, DateTimeOffset Taken, DateTimeOffset Until)
{
    /// <summary>The status of the first answer; 0 while the request is in flight.</summary>
    public int Status { get; init; }

    /// <summary>The body of the first answer as one JSON string, without secrets.</summary>
    public RunValue? Body { get; init; }

    /// <summary>The media type of the first answer.</summary>
    public string? Media { get; init; }

    /// <summary>The headers of the first answer that belong to it: <c>Location</c>, <c>ETag</c>, <c>Retry-After</c>.</summary>
    public Dictionary<string, string>? Headers { get; init; }

    /// <summary>The row's content.</summary>
    public ReadOnlyMemory<byte> ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, AnswerJson.Default.AnswerRecord);

    /// <summary>Reads a row's content.</summary>
    public static AnswerRecord From(Row row) => JsonSerializer.Deserialize(row.Value.Span, AnswerJson.Default.AnswerRecord)!;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(AnswerRecord))]
internal sealed partial class AnswerJson : JsonSerializerContext;
