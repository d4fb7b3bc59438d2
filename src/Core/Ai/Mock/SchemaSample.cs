using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Schemas;

namespace Countersign.Ai;

/// <summary>Makes values of a JSON Schema: a function of schema and seed.</summary>
internal static class SchemaSample
{
    private const int Tries = 24;
    private const int MostDamaged = 40;

    /// <summary>A value that satisfies the schema; null where none was found.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="cancellationToken">Fires when the step's time is up.</param>
    public static JsonElement? Make(JsonElement schema, ulong seed, CancellationToken cancellationToken)
    {
        var check = JsonSchema.Compile(schema);
        var work = new SampleWork(cancellationToken);
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            // Every other try leaves out what is not required, because what was guessed for it may be what is wrong.
            var maker = new SampleMaker(schema, new SampleNumbers(seed + ((ulong)attempt * 0xA24BAED4963EE407UL)), work.Next(), withOptional: attempt % 2 == 0);
            if (maker.TryMake(schema, "value", 0, out var node) && ToElement(node) is var value && check.IsValid(value))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>A value that breaks the schema, as near to a right one as can be; null where nothing breaks it.</summary>
    public static JsonElement? Break(JsonElement schema, ulong seed, CancellationToken cancellationToken)
    {
        var check = JsonSchema.Compile(schema);
        foreach (var candidate in Damaged(Make(schema, seed, cancellationToken)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var value = ToElement(candidate);
            if (!check.IsValid(value))
            {
                return value;
            }
        }

        return null;
    }

    private static IEnumerable<JsonNode?> Damaged(JsonElement? right)
    {
        if (right is { ValueKind: JsonValueKind.Object } whole)
        {
            foreach (var member in whole.EnumerateObject().Take(MostDamaged))
            {
                var without = JsonObject.Create(whole)!;
                without.Remove(member.Name);
                yield return without;
                var empty = JsonObject.Create(whole)!;
                empty[member.Name] = null;
                yield return empty;
            }
        }

        yield return JsonValue.Create("broken");
        yield return null;
        yield return JsonValue.Create(-1);
        yield return new JsonArray();
        yield return new JsonObject();
    }

    private static JsonElement ToElement(JsonNode? node) => JsonElement.Parse(node?.ToJsonString() ?? "null");
}
