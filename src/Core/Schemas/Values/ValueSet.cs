using System.Text.Json;
using Countersign.Schemas.Evaluation;

namespace Countersign.Schemas.Values;

/// <summary>The values of an <c>enum</c>, found in logarithmic time however many there are.</summary>
internal sealed class ValueSet
{
    private readonly NameTable<bool> texts;
    private readonly JsonNumber[] numbers;
    private readonly (ulong Hash, JsonElement Value)[] containers;
    private readonly HashSet<JsonValueKind> kinds;

    public ValueSet(IEnumerable<JsonElement> values, EvaluationRun run)
    {
        JsonElement[] all = [.. values];
        texts = new NameTable<bool>(Of(all, JsonValueKind.String)
            .Select(v => new KeyValuePair<byte[], bool>(JsonText.Of(v).ToArray(), true)));
        numbers = [.. Of(all, JsonValueKind.Number).Select(JsonNumber.Of).Order()];
        containers = [.. all.Where(v => v.ValueKind is JsonValueKind.Array or JsonValueKind.Object)
            .Select(v => (JsonEquality.Hash(v, run), v)).OrderBy(v => v.Item1)];
        kinds = [.. all.Select(v => v.ValueKind)];
    }

    public bool Contains(JsonElement value, EvaluationRun run)
    {
        run.Charge(1);
        return value.ValueKind switch
        {
            JsonValueKind.String => texts.TryGet(JsonText.Of(value), out _),
            JsonValueKind.Number => Array.BinarySearch(numbers, JsonNumber.Of(value)) >= 0,
            JsonValueKind.Array or JsonValueKind.Object => ContainsContainer(value, run),
            _ => kinds.Contains(value.ValueKind),
        };
    }

    private bool ContainsContainer(JsonElement value, EvaluationRun run)
    {
        if (containers.Length == 0)
        {
            return false;
        }

        ulong hash = JsonEquality.Hash(value, run);
        for (int i = FirstWith(hash); i < containers.Length && containers[i].Hash == hash; i++)
        {
            if (JsonEquality.Equal(containers[i].Value, value, run))
            {
                return true;
            }
        }

        return false;
    }

    private int FirstWith(ulong hash)
    {
        int low = 0;
        int high = containers.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            low = containers[middle].Hash < hash ? middle + 1 : low;
            high = containers[middle].Hash < hash ? high : middle;
        }

        return low;
    }

    private static IEnumerable<JsonElement> Of(JsonElement[] all, JsonValueKind kind) => all.Where(v => v.ValueKind == kind);
}
