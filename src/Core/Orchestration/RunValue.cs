using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Orchestration;

/// <summary>
/// A JSON value that travels between interpreter, engine and executors: small ones inline, larger ones by hash only,
/// so that no history ever carries more than <see cref="InlineLimit"/> bytes of a value.
/// </summary>
public sealed record RunValue
{
    private const string NullHash = "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b";
    private static readonly JsonElement Null = JsonElement.Parse("null"u8);
    private readonly JsonElement? inline;

    /// <summary>The largest value that travels inline, in bytes of UTF-8 JSON: 8 KiB.</summary>
    public const int InlineLimit = 8 * 1024;

    /// <summary>The value itself where it is small; its content as an artifact otherwise.</summary>
    [JsonPropertyName("v")]
    [JsonConverter(typeof(VerbatimJson))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Inline
    {
        // JSON null reads back as no element at all, but it is a value like any other and is nowhere else.
        get => inline ?? (Hash == NullHash ? Null : null);
        init => inline = value;
    }

    /// <summary>SHA-256 of the value's RFC 8785 bytes, in hexadecimal: its name in log entries and in the artifact store.</summary>
    [JsonPropertyName("h")]
    public required string Hash { get; init; }

    /// <summary>The length of the value's RFC 8785 bytes.</summary>
    [JsonPropertyName("n")]
    public required long Length { get; init; }

    /// <summary>How many elements it has, where it is a list that is not inline.</summary>
    [JsonPropertyName("c")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Count { get; init; }

    /// <summary>Which element of the list that <see cref="Hash"/> and <see cref="Length"/> are of, from 0; null for a whole value.</summary>
    [JsonPropertyName("i")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Element { get; init; }

    /// <summary>Status and headers of the answer that the value is the body of, as <c>{ status, headers }</c>; null where it is none.</summary>
    [JsonPropertyName("r")]
    [JsonConverter(typeof(VerbatimJson))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Response { get; init; }

    /// <summary>The value alone, without the answer that it came with.</summary>
    [JsonIgnore]
    internal RunValue Bare => Response is null ? this : this with { Response = null };

    /// <summary>Whether the value is at hand without a read from the artifact store.</summary>
    [JsonIgnore]
    public bool IsInline => Inline is not null;
}

/// <summary>
/// Writes a value with the bytes that it was read from. A writer of its own would escape most characters beyond ASCII, and some of those in it, so that a value
/// takes up to six times its length and a row that holds it is refused.
/// </summary>
public sealed class VerbatimJson : JsonConverter<JsonElement>
{
    /// <inheritdoc/>
    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonElement.ParseValue(ref reader);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) =>
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
}
