using System.Text.Json;
using Countersign.Schemas.Evaluation;

namespace Countersign.Schemas.Values;

/// <summary>
/// Equality of JSON values as JSON Schema has it (Core 2020-12, section 4.2.2): numbers by value, objects without order.
/// Repeated names of an object count each for itself.
/// </summary>
internal static class JsonEquality
{
    public static bool Equal(JsonElement left, JsonElement right, EvaluationRun run)
    {
        run.Charge(1);
        if (left.ValueKind != right.ValueKind)
        {
            return false;
        }

        return left.ValueKind switch
        {
            JsonValueKind.String => EqualText(JsonText.Of(left), JsonText.Of(right), run),
            JsonValueKind.Number => JsonNumber.Of(left).CompareTo(JsonNumber.Of(right)) == 0,
            JsonValueKind.Array => EqualArrays(left, right, run),
            JsonValueKind.Object => EqualObjects(left, right, run),
            _ => true,
        };
    }

    /// <summary>Equal values have equal hashes.</summary>
    public static ulong Hash(JsonElement value, EvaluationRun run)
    {
        run.Charge(1);
        ulong seed = StableHash.Mix(StableHash.Start, (ulong)value.ValueKind);
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return StableHash.Add(seed, Charged(JsonText.Of(value), run));
            case JsonValueKind.Number:
                return StableHash.Mix(seed, JsonNumber.Of(value).Hash());
            case JsonValueKind.Array:
                return HashArray(value, seed, run);
            case JsonValueKind.Object:
                return HashObject(value, seed, run);
            default:
                return seed;
        }
    }

    private static bool EqualText(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, EvaluationRun run) =>
        left.Length == right.Length && Charged(left, run).SequenceEqual(right);

    private static ReadOnlySpan<byte> Charged(ReadOnlySpan<byte> text, EvaluationRun run)
    {
        run.ChargeBytes(text.Length);
        return text;
    }

    private static bool EqualArrays(JsonElement left, JsonElement right, EvaluationRun run)
    {
        if (left.GetArrayLength() != right.GetArrayLength())
        {
            return false;
        }

        int mark = run.Descend();
        JsonElement.ArrayEnumerator others = right.EnumerateArray();
        bool equal = true;
        foreach (JsonElement item in left.EnumerateArray())
        {
            others.MoveNext();
            if (!Equal(item, others.Current, run))
            {
                equal = false;
                break;
            }
        }

        run.Ascend(mark);
        return equal;
    }

    private static bool EqualObjects(JsonElement left, JsonElement right, EvaluationRun run)
    {
        if (left.GetPropertyCount() != right.GetPropertyCount())
        {
            return false;
        }

        int mark = run.Descend();
        Member[] mine = Sorted(left, run);
        Member[] theirs = Sorted(right, run);
        bool equal = true;
        for (int i = 0; i < mine.Length && equal; i++)
        {
            equal = EqualText(mine[i].Name, theirs[i].Name, run) && Equal(mine[i].Value, theirs[i].Value, run);
        }

        run.Ascend(mark);
        return equal;
    }

    private static Member[] Sorted(JsonElement value, EvaluationRun run)
    {
        var members = new Member[value.GetPropertyCount()];
        int count = 0;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            members[count] = new Member(Charged(JsonText.NameOf(member), run).ToArray(), count, member.Value);
            count++;
        }

        Array.Sort(members);
        return members;
    }

    private static ulong HashArray(JsonElement value, ulong seed, EvaluationRun run)
    {
        int mark = run.Descend();
        ulong hash = seed;
        foreach (JsonElement item in value.EnumerateArray())
        {
            hash = StableHash.Mix(hash, Hash(item, run));
        }

        run.Ascend(mark);
        return hash;
    }

    private static ulong HashObject(JsonElement value, ulong seed, EvaluationRun run)
    {
        int mark = run.Descend();
        ulong sum = 0;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            ulong name = StableHash.Add(StableHash.Start, Charged(JsonText.NameOf(member), run));
            sum += StableHash.Mix(name, Hash(member.Value, run));
        }

        run.Ascend(mark);
        return StableHash.Mix(seed, sum);
    }

    private readonly record struct Member(byte[] Name, int Position, JsonElement Value) : IComparable<Member>
    {
        public int CompareTo(Member other)
        {
            int order = Name.AsSpan().SequenceCompareTo(other.Name);
            return order != 0 ? order : Position.CompareTo(other.Position);
        }
    }
}
