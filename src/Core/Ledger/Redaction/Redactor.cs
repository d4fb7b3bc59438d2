using System.Text.Encodings.Web;
using System.Text.Json;
using Countersign.Canonical;

namespace Countersign.Ledger;

/// <summary>
/// Takes out of payloads and telemetry, before they are kept, what does not belong there: known secret values, fields that
/// are secret by name, keys and tokens, and people's addresses and numbers. Each is replaced by <c>[redacted:kind]</c>.
/// For logs and telemetry, never for what a run works with. Time is linear in the text. Immutable, safe for concurrent
/// use. See docs/redaction.md.
/// </summary>
public sealed class Redactor
{
    /// <summary>Known values shorter than this many characters are not looked for: they would be found everywhere.</summary>
    public const int ShortestSecret = 4;

    internal const string NamePart = "name";
    private const string ValuePart = "value";

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly string[] _values;
    private readonly KnownSecrets _secrets;

    /// <summary>A redactor that knows some secrets by value, besides all that can be told by looks or by name.</summary>
    /// <param name="secrets">The values; also found in base64, hexadecimal, URL-encoded and JSON-escaped form.</param>
    public Redactor(IEnumerable<string> secrets)
    {
        _values = [.. secrets.Distinct(StringComparer.Ordinal)];
        _secrets = new KnownSecrets(_values);
    }

    /// <summary>A redactor that knows no secret by value.</summary>
    public static Redactor Default { get; } = new([]);

    /// <summary>A redactor that knows more secrets.</summary>
    public Redactor With(IEnumerable<string> secrets) => new(_values.Concat(secrets));

    /// <summary>Redacts a running text.</summary>
    public string Redact(string text)
    {
        // Known values first: what stands next to one is then seen for what it is.
        var findings = new List<Finding>();
        if (!_secrets.IsEmpty)
        {
            _secrets.Find(text, findings);
            text = Finding.Replace(text, findings, "[redacted:secret]");
            findings.Clear();
        }

        TextScan.Find(text, findings);
        return Finding.Replace(text, findings);
    }

    /// <summary>Redacts a payload.</summary>
    /// <param name="payload">Any JSON value. Names of fields are redacted as well.</param>
    /// <returns>Canonical JSON, ready for an entry.</returns>
    /// <exception cref="CanonicalJsonException">The payload has no canonical form.</exception>
    public byte[] Redact(JsonElement payload) => RedactCanonical(CanonicalJson.ToBytes(payload));

    /// <summary>Redacts a payload; see the overload.</summary>
    /// <param name="utf8">One JSON value in UTF-8.</param>
    /// <exception cref="CanonicalJsonException">The payload is not JSON or has no canonical form.</exception>
    public byte[] Redact(ReadOnlySpan<byte> utf8) => RedactCanonical(CanonicalJson.Canonicalize(utf8));

    /// <summary>Redacts the facts of an entry; see the overload.</summary>
    /// <param name="payload">The facts.</param>
    public ReadOnlyMemory<byte> Redact(LogPayload payload)
    {
        var canonical = payload.ToBytes();
        return IsClean(canonical.Span) ? canonical : Rewrite(canonical);
    }

    // Most payloads hold nothing to take out: they are told by a look, and stay the bytes that they are.
    private bool IsClean(ReadOnlySpan<byte> canonical) => _secrets.IsEmpty && CleanPayload.Is(canonical);

    private byte[] RedactCanonical(byte[] canonical) => IsClean(canonical) ? canonical : Rewrite(canonical);

    private byte[] Rewrite(ReadOnlyMemory<byte> canonical)
    {
        using var document = JsonDocument.Parse(canonical, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
        using var output = new MemoryStream(canonical.Length);
        using (var writer = new Utf8JsonWriter(output, Plain))
        {
            Write(document.RootElement, writer);
        }

        return CanonicalJson.Canonicalize(output.GetBuffer().AsSpan(0, (int)output.Length));
    }

    private void Write(JsonElement element, Utf8JsonWriter writer)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(element, writer);
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(item, writer);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(Redact(element.GetString()!));
                break;
            case JsonValueKind.Number:
                WriteNumber(element, writer);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    private void WriteObject(JsonElement element, Utf8JsonWriter writer)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var isSecretPair = IsSecretPair(element);
        writer.WriteStartObject();
        foreach (var property in element.EnumerateObject())
        {
            writer.WritePropertyName(Unused(Redact(property.Name), names));
            var isSecret = SensitiveFields.Contains(property.Name) || (isSecretPair && property.NameEquals(ValuePart));
            if (isSecret && property.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.True or JsonValueKind.False))
            {
                writer.WriteStringValue("[redacted:field]");
            }
            else
            {
                Write(property.Value, writer);
            }
        }

        writer.WriteEndObject();
    }

    private void WriteNumber(JsonElement element, Utf8JsonWriter writer)
    {
        var text = element.GetRawText();
        var redacted = Redact(text);
        if (redacted == text)
        {
            element.WriteTo(writer);
        }
        else
        {
            writer.WriteStringValue(redacted);
        }
    }

    // {"name": "Authorization", "value": "…"}: how lists of headers are often written.
    private static bool IsSecretPair(JsonElement element) =>
        element.TryGetProperty(NamePart, out var name) && name.ValueKind == JsonValueKind.String && SensitiveFields.Contains(name.GetString());

    // Two names may become the same; canonical JSON has no room for that.
    private static string Unused(string name, HashSet<string> names)
    {
        var unused = name;
        for (var number = 2; !names.Add(unused); number++)
        {
            unused = $"{name}~{number}";
        }

        return unused;
    }
}
