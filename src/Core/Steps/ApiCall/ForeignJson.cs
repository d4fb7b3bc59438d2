using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Countersign.Canonical;

namespace Countersign.Steps;

/// <summary>
/// Reads JSON of a remote side so that nothing of it is rounded: an integer beyond ±(2^53 − 1), or a number that a double cannot hold without loss of whole digits, is refused
/// or becomes a string of its digits. Half of a surrogate pair, which is no character, becomes U+FFFD.
/// </summary>
internal static class ForeignJson
{
    private const long LargestExact = (1L << 53) - 1;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = CanonicalJson.MaxDepth };

    /// <summary>Parses a value.</summary>
    /// <param name="utf8">The text, with or without a byte order mark.</param>
    /// <param name="asText">Whether numbers that would be rounded become strings; else they are refused.</param>
    /// <exception cref="JsonException">It is not JSON in UTF-8, is deeper than 64 levels, or has a member twice.</exception>
    /// <exception cref="StepFailedException">It holds a number that would be rounded.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> utf8, bool asText)
    {
        if (!Utf8.IsValid(utf8.Span))
        {
            throw new JsonException("The text is not valid UTF-8.", null, 0, 0);
        }

        utf8 = utf8.Span.StartsWith(Encoding.UTF8.Preamble) ? utf8[3..] : utf8;
        using var document = JsonDocument.Parse(WholePairs(utf8), Strict);
        return Rounded(document.RootElement, "") is not { } place ? document.RootElement.Clone()
            : asText ? Rewritten(document.RootElement)
            : throw ApiErrors.Response(ApiErrorCodes.NumberRange, $"The number at '{place}' of the response would be rounded; set 'large_numbers: text' to read such numbers as strings.");
    }

    // The pointer of the first number that would be rounded; null where all can be kept.
    private static string? Rounded(JsonElement value, string at) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Select(member => Rounded(member.Value, $"{at}/{Escaped(member.Name)}")).FirstOrDefault(found => found is not null),
        JsonValueKind.Array => value.EnumerateArray().Select((item, index) => Rounded(item, $"{at}/{index}")).FirstOrDefault(found => found is not null),
        JsonValueKind.Number when !IsExact(value) => at.Length == 0 ? "/" : at,
        _ => null,
    };

    private static string Escaped(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static bool IsExact(JsonElement number) =>
        number.TryGetInt64(out var integer)
            ? integer is >= -LargestExact and <= LargestExact
            : JsonMarshal.GetRawUtf8Value(number) is var literal && literal.IndexOfAny((byte)'.', (byte)'e', (byte)'E') >= 0
                && number.TryGetDouble(out var value) && double.IsFinite(value) && !RoundedNumber.Is(literal, value);

    private static JsonElement Rewritten(JsonElement value)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { MaxDepth = CanonicalJson.MaxDepth + 2 }))
        {
            Write(value, writer);
        }

        return JsonElement.Parse(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    private static void Write(JsonElement value, Utf8JsonWriter writer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Write(member.Value, writer);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(item, writer);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.Number when !IsExact(value):
                writer.WriteStringValue(value.GetRawText());
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    // An escape of half a pair is no character, and no JSON reader takes it: it is replaced where it stands, six bytes by six.
    private static ReadOnlyMemory<byte> WholePairs(ReadOnlyMemory<byte> utf8)
    {
        var text = utf8.Span;
        byte[]? mended = null;
        for (var at = text.IndexOf((byte)'\\'); at >= 0 && at + 1 < text.Length;)
        {
            var unit = UnitAt(text, at);
            var isPair = char.IsHighSurrogate(unit) && char.IsLowSurrogate(UnitAt(text, at + 6));
            if (char.IsSurrogate(unit) && !isPair)
            {
                mended ??= utf8.ToArray();
                "\\ufffd"u8.CopyTo(mended.AsSpan(at));
            }

            var next = at + (isPair ? 12 : unit != 0 ? 6 : 2);
            var found = next < text.Length ? text[next..].IndexOf((byte)'\\') : -1;
            at = found < 0 ? -1 : next + found;
        }

        return mended ?? utf8;
    }

    // The code unit that an escape at a place stands for; U+0000 where there is no escape of that form.
    private static char UnitAt(ReadOnlySpan<byte> text, int at) =>
        at + 6 <= text.Length && text[at] == '\\' && text[at + 1] == 'u'
        && Utf8Parser.TryParse(text.Slice(at + 2, 4), out ushort unit, out var read, 'x') && read == 4
            ? (char)unit
            : '\0';
}
