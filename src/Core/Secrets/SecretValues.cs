using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Ledger;

namespace Countersign.Secrets;

/// <summary>The secrets that one execution has used, and the cleaning of everything that leaves it from their values.</summary>
public sealed class SecretValues
{
    /// <summary>Values shorter than this many characters are not looked for: they would be found everywhere.</summary>
    public const int Shortest = 4;

    /// <summary>What stands in the place of a value.</summary>
    public const string Mask = "***";

    private readonly HashSet<string> values = new(StringComparer.Ordinal);
    private KnownSecrets? search;

    /// <summary>Whether there is nothing to look for.</summary>
    public bool IsEmpty => values.Count == 0;

    /// <summary>Looks for one more value from now on, in all forms that docs/redaction.md lists.</summary>
    public void Add(Secret secret)
    {
        var value = secret.Reveal();
        if (value.Length >= Shortest && values.Add(value))
        {
            search = null;
        }
    }

    /// <summary>The text with every form of every value replaced by <c>***</c>.</summary>
    public string Scrub(string text)
    {
        if (IsEmpty)
        {
            return text;
        }

        var findings = new List<Finding>();
        Search.Find(text, findings);
        return Finding.Replace(text, findings, Mask);
    }

    /// <summary>Whether a text holds a form of a value.</summary>
    public bool AreIn(string text) => !IsEmpty && Search.AreIn(text);

    /// <summary>The value with every text and every member's name cleaned; the same value where there is nothing to clean.</summary>
    public JsonElement Scrub(JsonElement value) =>
        IsEmpty || !Holds(value) ? value : JsonElement.Parse(Scrubbed(value)?.ToJsonString() ?? "null");

    private KnownSecrets Search => search ??= new KnownSecrets(values);

    private bool Holds(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(member => AreIn(member.Name) || Holds(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(Holds),
        JsonValueKind.String => AreIn(value.GetString()!),
        JsonValueKind.Number => AreIn(value.GetRawText()),
        _ => false,
    };

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
            case JsonValueKind.Number when AreIn(value.GetRawText()):
                return JsonValue.Create(Mask);
            default:
                return JsonNode.Parse(value.GetRawText());
        }
    }
}
