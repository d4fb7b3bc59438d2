using System.Globalization;
using System.Text;
using Countersign.Core.Tests.Fuzzing;

namespace Countersign.Core.Tests.Schemas;

/// <summary>Random schemas and instances over few names and values, so that they often have to do with each other.</summary>
internal sealed class SchemaGenerator(Seeded seed)
{
    private static readonly string[] Names = ["a", "b", "c", "ab", "", "é", "x-1", "a/b~"];
    private static readonly string[] Texts = ["\"\"", "\"a\"", "\"ab\"", "\"abc\"", "\"é😀\"", "\"\\uD800\"", "\"2026-01-31\"", "\"a\\u0062\"", "\"10.0.0.1\""];
    private static readonly string[] Numbers = ["0", "-0", "1", "1.0", "2", "3", "0.5", "-1", "1e2", "100", "1e400", "12345678901234567890123", "0.1", "1E-3"];
    private static readonly string[] Types = ["null", "boolean", "object", "array", "number", "string", "integer"];
    private static readonly string[] Patterns = ["^a", "b$", "^[a-c]*$", "", "\\\\p{L}+", "^.{2}$", "(?:a|b){1,3}", "x-[0-9]", "\\\\bab\\\\b", "(?=a)", "["];
    private static readonly string[] FormatNames = ["date", "ipv4", "email", "uri", "idn-hostname", "regex", "unknown", "json-pointer", "duration"];

    private Seeded random = seed;

    /// <summary>A schema without its definitions; references go to <c>#/$defs/d0</c> to <c>d2</c>.</summary>
    public string Schema(int depth)
    {
        if (random.Next(8) == 0 || depth == 0)
        {
            return random.Next(4) switch { 0 => "false", 1 => "true", _ => $"{{ {Keyword(0)} }}" };
        }

        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int count = 1 + random.Next(4); count > 0; count--)
        {
            string keyword = Keyword(depth);
            members[keyword[..keyword.IndexOf(':', StringComparison.Ordinal)]] = keyword;
        }

        return $"{{ {string.Join(", ", members.Values)} }}";
    }

    /// <summary>The definitions that references of generated schemas need.</summary>
    public string Definitions() => $$"""
        "$defs": { "d0": {{Schema(2)}}, "d1": {{Schema(2)}}, "d2": { "$dynamicAnchor": "d", "properties": { "a": { "$dynamicRef": "#d" } }, "x-also": {{Schema(1)}} } }
        """;

    public string Instance(int depth)
    {
        switch (random.Next(depth == 0 ? 5 : 9))
        {
            case 0: return "null";
            case 1: return random.Next(2) == 0 ? "true" : "false";
            case 2: return Pick(Numbers);
            case 3 or 4: return Pick(Texts);
            case 5 or 6: return $"[{string.Join(",", Many(4, () => Instance(depth - 1)))}]";
            default: return $"{{{string.Join(",", Many(4, () => Quote(Pick(Names)) + ":" + Instance(depth - 1)))}}}";
        }
    }

    private string Keyword(int depth) => depth == 0 ? Leaf() : random.Next(20) switch
    {
        0 => $"\"properties\": {Map(depth)}",
        1 => $"\"patternProperties\": {{ \"{Patterns[random.Next(8)]}\": {Schema(depth - 1)} }}",
        2 => $"\"additionalProperties\": {Schema(depth - 1)}",
        3 => $"\"items\": {Schema(depth - 1)}",
        4 => $"\"prefixItems\": {List(depth)}",
        5 => $"\"contains\": {Schema(depth - 1)}",
        6 => $"\"allOf\": {List(depth)}",
        7 => $"\"anyOf\": {List(depth)}",
        8 => $"\"oneOf\": {List(depth)}",
        9 => $"\"not\": {Schema(depth - 1)}",
        10 => $"\"if\": {Schema(depth - 1)}, \"then\": {Schema(depth - 1)}, \"else\": {Schema(depth - 1)}",
        11 => $"\"unevaluatedProperties\": {Schema(depth - 1)}",
        12 => $"\"unevaluatedItems\": {Schema(depth - 1)}",
        13 => $"\"dependentSchemas\": {Map(depth)}",
        14 => $"\"propertyNames\": {Schema(depth - 1)}",
        15 => $"\"$ref\": \"#/$defs/d{random.Next(3)}\"",
        16 => $"\"minContains\": {random.Next(3)}, \"maxContains\": {random.Next(3)}, \"contains\": {Schema(depth - 1)}",
        _ => Leaf(),
    };

    private string Leaf() => random.Next(17) switch
    {
        0 => $"\"type\": \"{Pick(Types)}\"",
        1 => $"\"type\": [\"{Types[random.Next(3)]}\", \"{Types[3 + random.Next(4)]}\"]",
        2 => $"\"const\": {Instance(2)}",
        3 => $"\"enum\": [{string.Join(",", Many(4, () => Instance(1)))}]",
        4 => $"\"minimum\": {Pick(Numbers)}",
        5 => $"\"exclusiveMaximum\": {Pick(Numbers)}",
        6 => $"\"multipleOf\": {Numbers[4 + random.Next(3)]}",
        7 => $"\"minLength\": {random.Next(4)}",
        8 => $"\"maxLength\": {random.Next(4)}",
        9 => $"\"pattern\": \"{Pick(Patterns)}\"",
        10 => $"\"format\": \"{Pick(FormatNames)}\"",
        11 => $"\"minItems\": {random.Next(3)}",
        12 => $"\"maxItems\": {random.Next(4)}",
        13 => "\"uniqueItems\": true",
        14 => $"\"required\": [{Quote(Pick(Names))}]",
        15 => $"\"maxProperties\": {random.Next(4)}",
        _ => $"\"dependentRequired\": {{ {Quote(Pick(Names))}: [{Quote(Pick(Names))}] }}",
    };

    private string Map(int depth)
    {
        IEnumerable<string> names = Many(3, () => Pick(Names)).Distinct(StringComparer.Ordinal);
        return $"{{ {string.Join(", ", names.Select(n => $"{Quote(n)}: {Schema(depth - 1)}"))} }}";
    }

    private string List(int depth) => $"[{string.Join(", ", Many(3, () => Schema(depth - 1)).Append(Schema(depth - 1)))}]";

    private List<string> Many(int most, Func<string> one)
    {
        var list = new List<string>();
        for (int count = random.Next(most + 1); count > 0; count--)
        {
            list.Add(one());
        }

        return list;
    }

    // Every second name escapes a character that needs no escape.
    private string Quote(string name)
    {
        var text = new StringBuilder("\"");
        foreach (char c in name)
        {
            text.Append(random.Next(4) == 0 ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString());
        }

        return text.Append('"').ToString();
    }

    private string Pick(string[] from) => from[random.Next(from.Length)];
}
