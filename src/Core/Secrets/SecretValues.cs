using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Countersign.Secrets;

/// <summary>The secrets that one execution has used, and the cleaning of everything that leaves it from their values.</summary>
public sealed class SecretValues
{
    /// <summary>Values shorter than this many characters are not looked for: they would be found everywhere.</summary>
    public const int Shortest = 4;

    /// <summary>What stands in the place of a value.</summary>
    public const string Mask = "***";

    private readonly HashSet<string> forms = new(StringComparer.Ordinal);
    private string[] longestFirst = [];

    /// <summary>Whether there is nothing to look for.</summary>
    public bool IsEmpty => longestFirst.Length == 0;

    /// <summary>Looks for one more value from now on, in plain, percent-encoded, JSON-escaped, base64 and hexadecimal form.</summary>
    public void Add(Secret secret)
    {
        var value = secret.Reveal();
        if (value.Length >= Shortest)
        {
            forms.UnionWith(FormsOf(value).Where(form => form.Length >= Shortest));
            longestFirst = [.. forms.OrderByDescending(form => form.Length).ThenBy(form => form, StringComparer.Ordinal)];
        }
    }

    /// <summary>The text with every form of every value replaced by <c>***</c>.</summary>
    public string Scrub(string text)
    {
        foreach (var form in longestFirst)
        {
            text = text.Replace(form, Mask, StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>The value with every text and every member's name cleaned; the same value where there is nothing to clean.</summary>
    public JsonElement Scrub(JsonElement value) =>
        IsEmpty || !Holds(value) ? value : JsonElement.Parse(Scrubbed(value)?.ToJsonString() ?? "null");

    private bool Holds(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(member => Differs(member.Name) || Holds(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(Holds),
        JsonValueKind.String => Differs(value.GetString()!),
        JsonValueKind.Number => Differs(value.GetRawText()),
        _ => false,
    };

    private bool Differs(string text) => Array.Exists(longestFirst, form => text.Contains(form, StringComparison.Ordinal));

    private JsonNode? Scrubbed(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                JsonObject members = [];
                foreach (var member in value.EnumerateObject())
                {
                    members[Scrub(member.Name)] = Scrubbed(member.Value);
                }

                return members;
            case JsonValueKind.Array:
                return new JsonArray([.. value.EnumerateArray().Select(Scrubbed)]);
            case JsonValueKind.String:
                return JsonValue.Create(Scrub(value.GetString()!));
            case JsonValueKind.Number when Differs(value.GetRawText()):
                return JsonValue.Create(Mask);
            default:
                return JsonNode.Parse(value.GetRawText());
        }
    }

    private static IEnumerable<string> FormsOf(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        yield return value;
        foreach (var encoded in new[] { Uri.EscapeDataString(value), WebUtility.UrlEncode(value) })
        {
            yield return encoded;
            yield return LowerEscapes(encoded);
        }

        yield return JsonEncodedText.Encode(value).ToString();
        yield return JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();
        yield return Convert.ToHexString(bytes);
        yield return Convert.ToHexStringLower(bytes);
        for (var offset = 0; offset < 3; offset++)
        {
            var encoded = Base64At(bytes, offset);
            yield return encoded;
            yield return encoded.Replace('+', '-').Replace('/', '_');
        }
    }

    // The characters that are the same whatever stands before and behind, when the value begins at this place of a group of three.
    private static string Base64At(byte[] bytes, int offset)
    {
        var shifted = new byte[offset + bytes.Length];
        bytes.CopyTo(shifted, offset);
        var first = ((offset * 8) + 5) / 6;
        var last = shifted.Length * 8 / 6;
        return Convert.ToBase64String(shifted)[first..last];
    }

    private static string LowerEscapes(string encoded)
    {
        var characters = encoded.ToCharArray();
        for (var i = 0; i + 2 < characters.Length; i++)
        {
            if (characters[i] == '%')
            {
                characters[i + 1] = char.ToLowerInvariant(characters[i + 1]);
                characters[i + 2] = char.ToLowerInvariant(characters[i + 2]);
            }
        }

        return new string(characters);
    }
}
