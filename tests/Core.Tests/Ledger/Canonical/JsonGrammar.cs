using System.Globalization;
using System.Text;
using System.Text.Json;
using Countersign.Core.Tests.Fuzzing;

namespace Countersign.Core.Tests.Ledger.Canonical;

/// <summary>Makes JSON texts in every spelling that RFC 8259 allows, and some that are slightly wrong.</summary>
internal static class JsonGrammar
{
    private static readonly string[] Pieces =
        ["a", "b", "aa", "A", "é", "ß", "😂", "\ue000", "\ufb33", "\ud7ff", "\\n", "\\\"", "\\\\", "\\/", "\\u0000", "\\u001F",
            "\\u0061", "\\ud83d\\ude02", "\\uFFFF", " ", "!", "#", "[", "]", "{", "<", "\u007f", "\u2028", "%", "0"];

    private static readonly string[] Numbers =
        ["0", "-0", "1", "-1", "10", "1.0", "1.50", "1e2", "1E+2", "12e-9", "0.1", "1e21", "1e20", "1e-6", "1e-7", "9007199254740992",
            "9007199254740993", "123456789012345678", "333333333.33333329", "5e-324", "1e-400", "1e308", "1.7976931348623157e308",
            "2.2250738585072014E-308", "100000000000000000000", "1e309"];

    public static string Text(ref Seeded random, int depth = 0)
    {
        var kind = random.Next(depth > 5 ? 4 : 8);
        return Space(ref random) + kind switch
        {
            0 => random.Next(3) switch { 0 => "null", 1 => "true", _ => "false" },
            1 => Numbers[random.Next(Numbers.Length)],
            2 => BitConverter.UInt64BitsToDouble(random.Next()) is var x && double.IsFinite(x)
                ? x.ToString(random.Next(2) == 0 ? "R" : "E16", CultureInfo.InvariantCulture) : "7",
            3 => String(ref random),
            < 6 => Array(ref random, depth),
            _ => Object(ref random, depth),
        } + Space(ref random);
    }

    /// <summary>Equal as JSON: numbers as doubles, objects without order.</summary>
    public static bool SameValue(JsonElement left, JsonElement right) => left.ValueKind == right.ValueKind && left.ValueKind switch
    {
        JsonValueKind.Number => left.GetDouble() == right.GetDouble(),
        JsonValueKind.String => left.GetString() == right.GetString(),
        JsonValueKind.Array => left.GetArrayLength() == right.GetArrayLength()
            && left.EnumerateArray().Zip(right.EnumerateArray()).All(p => SameValue(p.First, p.Second)),
        JsonValueKind.Object => left.GetPropertyCount() == right.GetPropertyCount()
            && left.EnumerateObject().All(p => right.TryGetProperty(p.Name, out var other) && SameValue(p.Value, other)),
        _ => true,
    };

    private static string Array(ref Seeded random, int depth)
    {
        var items = new string[random.Next(4)];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = Text(ref random, depth + 1);
        }

        return "[" + string.Join(',', items) + "]";
    }

    private static string Object(ref Seeded random, int depth)
    {
        var members = new string[random.Next(6)];
        for (var i = 0; i < members.Length; i++)
        {
            members[i] = Space(ref random) + String(ref random) + ":" + Text(ref random, depth + 1);
        }

        return "{" + string.Join(',', members) + "}";
    }

    private static string String(ref Seeded random)
    {
        var text = new StringBuilder("\"");
        for (var i = random.Next(5); i > 0; i--)
        {
            text.Append(random.Next(200) == 0 ? "\\ud800" : Pieces[random.Next(Pieces.Length)]);
        }

        return text.Append('"').ToString();
    }

    private static string Space(ref Seeded random) => random.Next(8) switch { 0 => " ", 1 => "\r\n", 2 => "\t", _ => "" };
}
