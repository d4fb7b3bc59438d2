using System.Text;
using Countersign.Schemas;
using static Countersign.Core.Tests.Schemas.Subject;

namespace Countersign.Core.Tests.Schemas;

/// <summary>Schemas and instances made to hurt: each must end in a typed error.</summary>
public sealed class HostileTests
{
    private static string Nested(string open, string close, int depth, string core) =>
        new StringBuilder().Insert(0, open, depth).Append(core).Insert(open.Length * depth + core.Length, close, depth).ToString();

    [Fact]
    public void Compile_DeepSchema_IsRefused()
    {
        Assert.False(Accepts(Nested("""{"not":""", "}", 63, "{}"), "1"));
        Assert.Equal(SchemaCodes.TooDeep, ProblemCode(Nested("""{"not":""", "}", 64, "{}")));
        Assert.Equal(SchemaCodes.TooDeep, ProblemCode($$"""{ "const": {{Nested("[", "]", 900, "")}} }"""));
    }

    [Fact]
    public void Compile_TooManyValues_IsRefused() =>
        Assert.Equal(SchemaCodes.TooLarge, ProblemCode($$"""{ "enum": [{{string.Join(",", Enumerable.Range(0, 50_001))}}] }"""));

    [Fact]
    public void Compile_EndlessNumber_IsRefused() => Assert.Equal(SchemaCodes.TooLarge, ProblemCode($$"""{ "multipleOf": 1{{new string('0', 1000)}} }"""));

    [Fact]
    public void Compile_LongReferenceChain_NeitherOverflowsNorHangs()
    {
        string chain = string.Join(",", Enumerable.Range(0, 10_000).Select(i => $$"""  "c{{i}}": { "$ref": "#/$defs/c{{i + 1}}" }"""));
        var schema = Schema($$"""{ "$ref": "#/$defs/c0", "$defs": { {{chain}}, "c10000": { "type": "null" } } }""");

        // Whoever chains that many references is told so instead of overflowing the stack.
        Assert.False(schema.IsValid(Json("null")));
        Assert.Equal(SchemaCodes.NestingLimit, Assert.Single(schema.Validate(Json("null")).Errors).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData(""" "$defs": { "other": { "$dynamicAnchor": "other", "type": "string" } }, "not": { "$dynamicRef": "#other" }, """)]
    public void Validate_LongChainWithoutALoop_IsNoRecursion(string last)
    {
        string Chain(int links) => $$"""
            { "$ref": "#/$defs/c0", "$defs": { {{string.Join(",", Enumerable.Range(0, links).Select(i => $$"""  "c{{i}}": { "$ref": "#/$defs/c{{i + 1}}" }"""))}}, "c{{links}}": { {{last}} "type": "null" } } }
            """;

        Assert.True(Accepts(Chain(990), "null"));
        Assert.Equal("the document: must be null, is a number", OnlyError(Chain(990), "1").Message);
        Assert.Equal(SchemaCodes.NestingLimit, OnlyError(Chain(1000), "null").Code);
    }

    [Fact]
    public void Validate_LoopAfterALongDescent_IsStillRecursion()
    {
        // Half of the nesting is spent on the way down, where the same schemas recur at other places and are no loop.
        string steps = string.Join(",", Enumerable.Range(0, 8).Select(i => $$"""  "c{{i}}": { "$ref": "#/$defs/c{{i + 1}}" }"""));
        string schema = $$"""
            { "$dynamicAnchor": "me", "$ref": "#/$defs/c0", "$defs": { {{steps}},
              "c8": { "if": { "type": "array" }, "then": { "items": { "$dynamicRef": "#me" } }, "else": { "if": { "const": "loop" }, "then": { "$dynamicRef": "#me" } } } } }
            """;

        Assert.Equal(SchemaCodes.InfiniteRecursion, OnlyError(schema, Nested("[", "]", 50, "\"loop\"")).Code);
        Assert.True(Accepts(schema, Nested("[", "]", 60, "\"end\"")));
    }

    [Fact]
    public void Validate_RepeatAcrossAnotherResource_IsNoRecursion()
    {
        // "ask" comes back to itself, but by then "n" is in scope, whose "u" turns its condition around, and it ends.
        string Schema(int links) => $$"""
            { "$id": "https://example.com/root", "$ref": "#/$defs/ask", "$defs": { {{Chain("c", 300)}}, "c300": { "$dynamicRef": "n#v" }, {{Chain("e", links)}}, "e{{links}}": true,
              "ask": { "if": { "$dynamicRef": "p#u" }, "then": { "$ref": "#/$defs/c0" }, "else": { "$ref": "#/$defs/e0" } },
              "p": { "$id": "p", "$defs": { "u": { "$dynamicAnchor": "u", "type": "integer" } } },
              "n": { "$id": "n", "$defs": { "u": { "$dynamicAnchor": "u", "type": "null" }, "v": { "$dynamicAnchor": "v", "$ref": "root#/$defs/ask" } } } } }
            """;

        Assert.True(Accepts(Schema(300), "1"));
        Assert.Equal(SchemaCodes.NestingLimit, OnlyError(Schema(900), "1").Code);

        static string Chain(string name, int links) =>
            string.Join(",", Enumerable.Range(0, links).Select(i => $$"""  "{{name}}{{i}}": { "$ref": "#/$defs/{{name}}{{i + 1}}" }"""));
    }

    [Fact]
    public void Validate_DoublingUnderTheDefaults_AllocatesLittle()
    {
        string levels = string.Join(",", Enumerable.Range(0, 60).Select(i => $$"""  "d{{i}}": { "allOf": [{ "$ref": "#/$defs/d{{i + 1}}" }, { "$ref": "#/$defs/d{{i + 1}}" }] }"""));
        string text = $$"""{ "$ref": "#/$defs/d0", "$defs": { {{levels}}, "d60": { "type": "integer" } } }""";
        JsonSchema plain = Schema(text);
        JsonSchema broken = Schema(text.Replace("{ \"$ref\": \"#/$defs/d0\"", "{ \"maximum\": 0, \"$ref\": \"#/$defs/d0\"", StringComparison.Ordinal));
        var one = Json("1");

        Assert.InRange(Allocated(() => Assert.Equal(SchemaCodes.StepLimit, Assert.Single(plain.Validate(one).Errors).Code)), 0, 100_000);
        Assert.InRange(Allocated(() => Assert.False(plain.IsValid(one))), 0, 100_000);

        // Something else is broken as well, so errors are collected until the steps are used up.
        Assert.InRange(Allocated(() => Assert.Contains(broken.Validate(one).Errors, e => e.Code == SchemaCodes.StepLimit)), 0, 60_000_000);

        static long Allocated(Action work)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Compile_LongCycle_IsFound()
    {
        string chain = string.Join(",", Enumerable.Range(0, 10_000).Select(i => $$"""  "c{{i}}": { "$ref": "#/$defs/c{{(i + 1) % 10_000}}" }"""));

        Assert.Contains(Problems($$"""{ "$defs": { {{chain}} } }"""), p => p.Code == SchemaCodes.InfiniteRecursion);
    }

    [Fact]
    public void Validate_Doubling_EndsByStepCount()
    {
        string levels = string.Join(",", Enumerable.Range(0, 40).Select(i => $$"""  "d{{i}}": { "allOf": [{ "$ref": "#/$defs/d{{i + 1}}" }, { "$ref": "#/$defs/d{{i + 1}}" }] }"""));
        var schema = Schema($$"""{ "$ref": "#/$defs/d0", "$defs": { {{levels}}, "d40": true } }""", new SchemaOptions { MaxSteps = 100_000 });

        Assert.False(schema.IsValid(Json("1")));
        SchemaError error = Assert.Single(schema.Validate(Json("1")).Errors);
        Assert.Equal(SchemaCodes.StepLimit, error.Code);
        Assert.Equal("the document: took more than 100000 steps to check; use a smaller document or a simpler schema", error.Message);
    }

    [Fact]
    public void Validate_StepLimit_IsNotTurnedAroundByNot()
    {
        var schema = Schema("""{ "not": { "items": { "type": "string" } } }""", new SchemaOptions { MaxSteps = 10 });

        Assert.False(schema.IsValid(Json("[\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",1]")));
    }

    [Theory]
    [InlineData("""{ "items": { "$ref": "#" } }""")]
    [InlineData("""{ "const": 1, "items": { "$ref": "#" } }""")]
    [InlineData("""{ "uniqueItems": true }""")]
    public void Validate_DeepInstance_IsRefused(string schema)
    {
        string instance = $"[{Nested("[", "]", 900, "")},{Nested("[", "]", 900, "")}]";

        Assert.False(Schema(schema).IsValid(Json(instance)));
        Assert.Contains(Schema(schema).Validate(Json(instance)).Errors, e => e.Code is SchemaCodes.InstanceTooDeep or SchemaCodes.Mismatch);
    }

    [Fact]
    public void Validate_Depth_CountsContainers()
    {
        Assert.True(Accepts("""{ "items": { "$ref": "#" } }""", Nested("[", "]", 64, "")));
        Assert.Equal(SchemaCodes.InstanceTooDeep, OnlyError("""{ "items": { "$ref": "#" } }""", Nested("[", "]", 65, "")).Code);
        Assert.True(Accepts("""{ "items": { "$ref": "#" } }""", Nested("[", "]", 100, ""), new SchemaOptions { MaxInstanceDepth = 200 }));
    }

    [Fact]
    public void Validate_DeepestNesting_FitsASmallStack()
    {
        // Each level of the instance passes twenty schemas: the nesting limit comes first.
        string chain = string.Join(",", Enumerable.Range(0, 20).Select(i => $$"""  "c{{i}}": { "allOf": [{ "$ref": "#/$defs/c{{i + 1}}" }], "unevaluatedItems": true }"""));
        var schema = Schema($$"""{ "$ref": "#/$defs/c0", "$defs": { {{chain}}, "c20": { "items": { "$ref": "#" }, "properties": { "a": { "$ref": "#" } } } } }""");
        string instance = Nested("[", "]", 60, "");
        SchemaResult? result = null;
        var thread = new Thread(() => result = schema.Validate(Json(instance)), maxStackSize: 768 * 1024);

        thread.Start();
        thread.Join();

        Assert.Equal(SchemaCodes.NestingLimit, Assert.Single(result!.Errors).Code);
    }

    [Fact]
    public void Validate_HugeNumbers_CompareWithoutThrowing()
    {
        string digits = new string('7', 200_000);

        Assert.True(Accepts("""{ "type": "integer", "minimum": 1e400, "multipleOf": 7 }""", digits));
        Assert.False(Accepts("""{ "maximum": 1e400 }""", digits));
        Assert.True(Accepts("""{ "type": "number", "exclusiveMinimum": 0 }""", "1e-99999999999999999999999"));
        Assert.True(Accepts("""{ "type": "integer", "minimum": 5 }""", "1e99999999999999999999999"));
        Assert.True(Accepts("""{ "uniqueItems": true }""", $"[{digits},{digits}1,1e400,1e401]"));
        Assert.False(Accepts("""{ "uniqueItems": true }""", $"[{digits}0,{digits}0.0]"));
    }

    [Fact]
    public void Validate_BrokenUnicode_IsText()
    {
        Assert.True(Accepts("""{ "type": "string", "minLength": 1 }""", "\"\\uDC00\""));
        Assert.False(Accepts("""{ "additionalProperties": false }""", """{ "\uD800": 1 }"""));
        Assert.True(Accepts("""{ "propertyNames": { "pattern": "^.$" } }""", """{ "\uD800": 1 }"""));
        Assert.True(Accepts("""{ "uniqueItems": true }""", """["\uD800","\uD801"]"""));
        Assert.False(Accepts("""{ "format": "idn-hostname" }""", "\"\\uD800\"", new SchemaOptions { AssertFormats = true }));
    }

    [Fact]
    public void Validate_BytesThatAreNotUtf8_AreText()
    {
        byte[] bytes = [(byte)'"', 0xFF, 0xC0, 0x80, (byte)'"'];
        var instance = System.Text.Json.JsonElement.Parse(bytes);

        Assert.True(Schema("""{ "type": "string", "pattern": "^.+$" }""").IsValid(instance));
        Assert.False(Schema("""{ "enum": ["a"], "format": "idn-email" }""", new SchemaOptions { AssertFormats = true }).Validate(instance).Valid);
    }

    [Fact]
    public async Task IsValid_FromManyThreads_GivesTheSameAnswer()
    {
        var schema = Schema("""
            { "type": "object", "properties": { "a": { "pattern": "^[a-z]{1,20}$" }, "n": { "$dynamicRef": "#n" } }, "unevaluatedProperties": false,
              "$defs": { "n": { "$dynamicAnchor": "n", "type": "integer" } } }
            """);
        var good = Json("""{"a":"abc","n":1}""");
        var bad = Json("""{"a":"ABC","n":1,"z":0}""");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 500; i++)
            {
                Assert.True(schema.IsValid(good));
                Assert.Equal(2, schema.Validate(bad).Errors.Length + 1);
            }
        })));
    }
}
