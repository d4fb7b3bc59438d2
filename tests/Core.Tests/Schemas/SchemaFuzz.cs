using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Schemas;
using Countersign.Schemas.Compilation;
using Countersign.Schemas.Values;
using Xunit.Abstractions;

namespace Countersign.Core.Tests.Schemas;

/// <summary>
/// Random and mutated schemas against random instances. A fixed number of rounds, or COUNTERSIGN_FUZZ_SECONDS of them.
/// A failing round names its seed.
/// </summary>
public sealed class SchemaFuzz(ITestOutputHelper output)
{
    private static readonly SchemaOptions Options = new() { AssertFormats = true, MaxSteps = 50_000, MaxErrors = 20 };

    private static readonly string[] Seeds =
    [
        """{"$id":"https://example.com/a","$defs":{"b":{"$anchor":"x","$id":"b","type":["string","null"]}},"$ref":"b#x","properties":{"a":{"$ref":"#"}}}""",
        """{"type":"object","required":["a","b"],"properties":{"a":{"pattern":"^[a-z\\d]{1,20}(?:x|\\p{L})$"}},"patternProperties":{"^x-":false},"unevaluatedProperties":{"multipleOf":0.01}}""",
        """{"prefixItems":[{"const":{"a":[1,2.50,1e9]}},{"enum":[1,"a",null]}],"items":{"anyOf":[{"minLength":2},{"exclusiveMinimum":-1e10}]},"contains":{},"uniqueItems":true}""",
        """{"$dynamicAnchor":"n","allOf":[{"$ref":"#/$defs/t"}],"$defs":{"t":{"$id":"t","$dynamicAnchor":"n","items":{"$dynamicRef":"#n"}}},"unevaluatedItems":false,"format":"iri"}""",
        """{"if":{"properties":{"k":{"const":"\u00e9"}}},"then":{"dependentSchemas":{"a":{"not":{}}}},"else":{"oneOf":[true,{"$ref":"#/$defs/q"}]},"$defs":{"q":{"maxLength":3}}}""",
    ];

    [Fact]
    public void Grammar_RandomSchemas_KeepTheLawsOfLogic() => Run(800, seed =>
    {
        var generator = new SchemaGenerator(new Seeded(seed));
        string definitions = generator.Definitions();
        string schema = generator.Schema(4);
        JsonSchema? plain = TryCompile($"{{ {definitions}, \"allOf\": [{schema}] }}");
        JsonSchema? negated = TryCompile($"{{ {definitions}, \"not\": {schema} }}");
        JsonSchema? either = TryCompile($"{{ {definitions}, \"oneOf\": [false, {schema}] }}");
        JsonSchema? chosen = TryCompile($"{{ {definitions}, \"if\": {schema}, \"else\": false }}");
        Assert.True((plain is null) == (negated is null) && (plain is null) == (either is null) && (plain is null) == (chosen is null));
        if (plain is null)
        {
            return;
        }

        for (int i = 0; i < 8; i++)
        {
            JsonElement instance = JsonElement.Parse(generator.Instance(4));
            if (Check(plain, instance) is not { } valid || Check(negated!, instance) is not { } refused)
            {
                continue;
            }

            Assert.NotEqual(valid, refused);
            Assert.Equal(valid, Check(either!, instance));
            Assert.Equal(valid, Check(chosen!, instance));
        }
    });

    [Fact]
    public void Mutation_BrokenSchemas_GiveOnlyTypedProblems() => Run(8_000, seed =>
    {
        var random = new Seeded(seed);
        byte[] bytes = Mutate(Encoding.UTF8.GetBytes(Seeds[random.Next(Seeds.Length)]), ref random);
        if (!TryParse(bytes, out JsonElement schema))
        {
            return;
        }

        bool compiled = JsonSchema.TryCompile(schema, Options, out JsonSchema? result, out IReadOnlyList<SchemaProblem> problems);
        Assert.Equal(compiled, problems.Count == 0);
        Assert.InRange(problems.Count, 0, Options.MaxErrors);
        foreach (SchemaProblem problem in problems)
        {
            Assert.StartsWith("schema.", problem.Code, StringComparison.Ordinal);
            Assert.True(problem.DocumentUri != Options.BaseUri || Resolves(schema, problem.Pointer), problem.ToString());
        }

        var generator = new SchemaGenerator(random);
        for (int i = 0; i < 4 && result is not null; i++)
        {
            Check(result, JsonElement.Parse(generator.Instance(4)));
        }
    });

    [Fact]
    public void Mutation_BrokenPatterns_GiveOnlyTypedProblems() => Run(8_000, seed =>
    {
        var random = new Seeded(seed);
        const string alphabet = "ab0\\dDwWsSbBpPuxck.|*+?(){}[]<>=!:^$-,1289LN _é😀";
        var text = new StringBuilder();
        for (int length = random.Next(24); length > 0; length--)
        {
            text.Append(alphabet[random.Next(alphabet.Length)]);
        }

        string schema = $$"""{ "pattern": {{JsonSerializer.Serialize(text.ToString())}} }""";
        if (JsonSchema.TryCompile(JsonElement.Parse(schema), Options, out JsonSchema? result, out IReadOnlyList<SchemaProblem> problems))
        {
            Check(result, JsonElement.Parse("\"ab0_é😀 \\n\""));
            Check(result, JsonElement.Parse("\"\""));
        }
        else
        {
            Assert.StartsWith("schema.pattern-", Assert.Single(problems).Code, StringComparison.Ordinal);
        }
    });

    [Fact]
    public void Grammar_RandomPatterns_MatchWhatTheFrameworkMatches() => Run(1_000, seed =>
    {
        var random = new Seeded(seed);
        string pattern = RandomPattern(ref random, 4);
        JsonSchema? schema = TryCompile($$"""{ "pattern": {{JsonSerializer.Serialize(pattern)}} }""");
        if (schema is null)
        {
            return;
        }

        // Over these texts the only difference is that $ may stand before a last line feed there.
        var reference = new Regex(pattern.Replace("$", @"\z", StringComparison.Ordinal), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        for (int i = 0; i < 8; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(9)).Select(_ => "aab c_1-\n"[random.Next(9)]).ToArray());
            bool expected = reference.IsMatch(text);
            Assert.True(expected == schema.IsValid(JsonElement.Parse(JsonSerializer.Serialize(text))), $"{pattern} on '{text}': expected {expected}");
        }
    });

    private static string RandomPattern(ref Seeded random, int depth)
    {
        string[] atoms = ["a", "b", "c", "1", "_", "-", " ", "\\d", "\\w", "\\s", "\\W", "\\S", "[ab]", "[^a]", "[a-c1]", "[\\w-]", ".", "^", "$", "\\b", "\\B", "(?:)"];
        string[] repeats = ["*", "+", "?", "{2}", "{0,2}", "{1,}", "{0}", "*?"];
        string text = "";
        for (int count = random.Next(4); count >= 0; count--)
        {
            string atom = depth > 0 && random.Next(3) == 0 ? $"(?:{RandomPattern(ref random, depth - 1)})" : atoms[random.Next(atoms.Length)];
            text += random.Next(3) == 0 && atom is not ("^" or "$" or "\\b" or "\\B") ? atom + repeats[random.Next(repeats.Length)] : atom;
        }

        return random.Next(4) == 0 ? $"{text}|{RandomPattern(ref random, Math.Max(0, depth - 1))}" : text;
    }

    /// <summary>The verdict, both ways; null where a limit ended the check.</summary>
    private static bool? Check(JsonSchema schema, JsonElement instance)
    {
        bool valid = schema.IsValid(instance);
        SchemaResult result = schema.Validate(instance);
        Assert.Equal(valid, result.Valid);
        Assert.Equal(valid, result.Errors.IsEmpty);
        Assert.InRange(result.Errors.Length, 0, Options.MaxErrors);
        foreach (SchemaError error in result.Errors)
        {
            Assert.True(Resolves(instance, error.InstanceLocation), error.ToString());
        }

        return result.Errors.Any(e => e.Code != SchemaCodes.Mismatch) || (result.Truncated && !valid && HitsLimit(schema, instance)) ? null : valid;
    }

    // A cut list of errors may have lost the limit; asking again with room for all of them tells.
    private static bool HitsLimit(JsonSchema schema, JsonElement instance) =>
        JsonSchema.Compile(schema.Document, Options with { MaxErrors = 10_000 }).Validate(instance).Errors.Any(e => e.Code != SchemaCodes.Mismatch);

    private static JsonSchema? TryCompile(string schema)
    {
        JsonSchema.TryCompile(JsonElement.Parse(schema), Options, out JsonSchema? compiled, out _);
        return compiled;
    }

    private static bool TryParse(byte[] bytes, out JsonElement element)
    {
        try
        {
            element = JsonElement.Parse(bytes);
            return true;
        }
        catch (JsonException)
        {
            element = default;
            return false;
        }
    }

    private static bool Resolves(JsonElement root, string pointer) =>
        Resolves(root, [.. pointer.Split('/').Skip(1).Select(JsonPointer.Unescape)]);

    // A name may be there twice, and one with half a surrogate pair shows as U+FFFD.
    private static bool Resolves(JsonElement value, ReadOnlySpan<string> tokens)
    {
        if (tokens.IsEmpty)
        {
            return true;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            return JsonPointer.TryStep(value, tokens[0], out JsonElement item) && Resolves(item, tokens[1..]);
        }

        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (JsonText.Display(JsonText.NameOf(member)) == tokens[0] && Resolves(member.Value, tokens[1..]))
            {
                return true;
            }
        }

        return false;
    }

    private static byte[] Mutate(byte[] bytes, ref Seeded random)
    {
        const string pieces = "{}[]\",:0123456789-.eE$\\trufalsn#/";
        var list = bytes.ToList();
        for (int change = random.Next(4); change >= 0 && list.Count > 0; change--)
        {
            int at = random.Next(list.Count);
            switch (random.Next(4))
            {
                case 0:
                    list[at] = (byte)pieces[random.Next(pieces.Length)];
                    break;
                case 1:
                    list[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    list.RemoveRange(at, Math.Min(1 + random.Next(8), list.Count - at));
                    break;
                default:
                    list.InsertRange(at, list.GetRange(at, Math.Min(1 + random.Next(16), list.Count - at)));
                    break;
            }
        }

        return [.. list];
    }

    private void Run(int rounds, Action<ulong> round)
    {
        string? text = Environment.GetEnvironmentVariable("COUNTERSIGN_FUZZ_SECONDS");
        int seconds = text is null ? 0 : int.Parse(text, CultureInfo.InvariantCulture);
        var watch = Stopwatch.StartNew();
        ulong seed = 0;
        for (; seconds == 0 ? seed < (ulong)rounds : watch.Elapsed.TotalSeconds < seconds; seed++)
        {
            try
            {
                round(seed);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"Fuzz round with seed {seed} failed: {error.Message}", error);
            }
        }

        output.WriteLine($"{seed} rounds");
    }
}
