using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Language;

namespace Countersign.Core.Tests.Language;

/// <summary>Changes documents by whole values, so that they stay readable and become wrong in what they mean: names twice, kinds inside others, fields missing or elsewhere.</summary>
internal static class StructuralMutation
{
    private static readonly string[] Kinds =
        ["ai_generate", "api_call", "approval", "call_workflow", "conditional", "emit", "fail", "foreach", "form", "parallel", "set", "switch", "wait", "what"];

    /// <summary>Changes one to four values of a document; null where it is none.</summary>
    public static byte[]? Mutate(byte[] source, ref Seeded random)
    {
        ProblemList problems = new();
        if (DocumentReader.Read(source, problems) is not { } root || problems.HasErrors || JsonSerializer.SerializeToNode(root.ToJson()) is not JsonObject document)
        {
            return null;
        }

        for (int change = random.Next(4); change >= 0; change--)
        {
            Change(Places(document), ref random);
        }

        return Encoding.UTF8.GetBytes(document.ToJsonString());
    }

    /// <summary>The documents in which one item of one list stands twice: every one there is.</summary>
    public static IEnumerable<byte[]> EachItemTwice(byte[] source)
    {
        JsonNode document = JsonSerializer.SerializeToNode(DocumentReader.Read(source, new ProblemList())!.ToJson())!;
        foreach (JsonNode item in Places(document).Where(place => place.Parent is JsonArray))
        {
            JsonArray list = item.Parent!.AsArray();
            JsonNode copy = item.DeepClone();
            list.Add(copy);
            yield return Encoding.UTF8.GetBytes(document.ToJsonString());
            list.Remove(copy);
        }
    }

    private static void Change(List<JsonNode> places, ref Seeded random)
    {
        if (places.Count == 0)
        {
            return;
        }

        JsonNode at = places[random.Next(places.Count)];
        JsonNode other = places[random.Next(places.Count)];
        switch (random.Next(7))
        {
            case 0:
                Replace(at, other.DeepClone());
                break;
            case 1:
                (JsonNode first, JsonNode second) = (at.DeepClone(), other.DeepClone());
                Replace(at, second);
                Replace(other, first);
                break;
            case 2 when at.Parent is JsonArray list:
                list.Insert(random.Next(list.Count + 1), at.DeepClone());
                break;
            case 3 when at.Parent is JsonArray list:
                list.Remove(at);
                break;
            case 3:
                at.Parent!.AsObject().Remove(at.GetPropertyName());
                break;
            case 4 when at.Parent is JsonObject members && other.Parent is JsonObject:
                members[other.GetPropertyName()] = at.DeepClone();
                break;
            case 5 when at is JsonObject step && step.ContainsKey("type"):
                step["type"] = Kinds[random.Next(Kinds.Length)];
                break;
            default:
                Rename(at, places, ref random);
                break;
        }
    }

    /// <summary>Gives a value that names something the name of another one: the commonest slip of people who copy.</summary>
    private static void Rename(JsonNode at, List<JsonNode> places, ref Seeded random)
    {
        string key = at.Parent is JsonObject ? at.GetPropertyName() : "";
        List<JsonNode> names = [.. places.Where(place => place is JsonValue && place.Parent is JsonObject && place.GetPropertyName() is "id" or "name" or "key" or "next" or "goto")];
        if (names.Count > 0)
        {
            JsonNode target = key is "id" or "name" or "key" or "next" or "goto" ? at : names[random.Next(names.Count)];
            Replace(target, names[random.Next(names.Count)].DeepClone());
        }
    }

    private static void Replace(JsonNode at, JsonNode value)
    {
        // A value inside of the one it was swapped with has no place any more.
        if (at.Parent is not null)
        {
            at.ReplaceWith(value);
        }
    }

    private static List<JsonNode> Places(JsonNode root)
    {
        List<JsonNode> found = [];
        Stack<JsonNode> open = new([root]);
        while (open.TryPop(out JsonNode? node))
        {
            IEnumerable<JsonNode?> children = node switch { JsonObject members => members.Select(member => member.Value), JsonArray items => items, _ => [] };
            foreach (JsonNode child in children.OfType<JsonNode>())
            {
                found.Add(child);
                open.Push(child);
            }
        }

        return found;
    }
}
