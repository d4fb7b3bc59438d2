using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Countersign.Host.Samples;

/// <summary>
/// One kind of thing that the sample services keep: made once for each Idempotency-Key, undone by its id. Tokens and names stand for what
/// goes wrong, as the test cards of payment providers do.
/// </summary>
/// <param name="name">Its name in the path, such as <c>charges</c>.</param>
/// <param name="prefix">What its ids begin with.</param>
/// <param name="refuse">What it refuses and why; null takes everything.</param>
internal sealed class SampleCollection(string name, string prefix, Func<JsonElement, SampleRefusal?>? refuse = null)
{
    private readonly Lock guard = new();
    private readonly Dictionary<string, JsonObject> byKey = new(StringComparer.Ordinal);
    private readonly List<JsonObject> all = [];

    /// <summary>Its name in the path.</summary>
    public string Name { get; } = name;

    /// <summary>Makes one, or gives the one that the key made before.</summary>
    /// <param name="key">The Idempotency-Key.</param>
    /// <param name="body">What it is made from.</param>
    /// <param name="refusal">Why it was refused; null where it was made.</param>
    /// <param name="made">Whether it was made now and not before.</param>
    /// <returns>The record; null where it was refused.</returns>
    public JsonObject? Make(string key, JsonElement body, out SampleRefusal? refusal, out bool made)
    {
        lock (guard)
        {
            (refusal, made) = (null, false);
            if (byKey.TryGetValue(key, out var before))
            {
                return Copy(before);
            }

            if (refuse?.Invoke(body) is { } refused)
            {
                refusal = refused;
                return null;
            }

            var record = new JsonObject { ["id"] = prefix + (all.Count + 1).ToString("D4", CultureInfo.InvariantCulture) };
            foreach (var property in body.EnumerateObject().Where(property => property.Name is not "id" and not "undone"))
            {
                record[property.Name] = JsonNode.Parse(property.Value.GetRawText());
            }

            all.Add(record);
            byKey.Add(key, record);
            made = true;
            return Copy(record);
        }
    }

    /// <summary>Undoes one. Undoing again changes nothing.</summary>
    /// <returns>False where there is none with the id.</returns>
    public bool Undo(string id)
    {
        lock (guard)
        {
            if (all.Find(record => (string?)record["id"] == id) is not { } found)
            {
                return false;
            }

            found["undone"] = true;
            return true;
        }
    }

    /// <summary>All of them, in the order in which they were made.</summary>
    public JsonArray List()
    {
        lock (guard)
        {
            return new JsonArray([.. all.Select(Copy)]);
        }
    }

    private static JsonObject Copy(JsonObject record) => (JsonObject)record.DeepClone();
}

/// <summary>Why the sample services refuse something.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Error">A word for it.</param>
internal sealed record SampleRefusal(int Status, string Error);
