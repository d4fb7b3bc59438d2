using System.Text.Json;
using Countersign.Ai;
using Countersign.Schemas;
using Countersign.Steps;

namespace Countersign.Core.Tests.Ai;

public sealed class MockProviderTests
{
    private const string Invoice = """
        {
          "type": "object", "additionalProperties": false,
          "required": ["vendor", "total", "currency", "lines", "due"],
          "properties": {
            "vendor": { "type": "string", "minLength": 3, "maxLength": 12 },
            "total": { "type": "number", "exclusiveMinimum": 0, "maximum": 10 },
            "currency": { "enum": ["EUR", "USD"] },
            "due": { "type": "string", "format": "date" },
            "number": { "type": "string", "pattern": "^INV-[0-9]{4}(/[A-Z]{2})?$" },
            "lines": { "type": "array", "minItems": 2, "items": { "$ref": "#/$defs/line" } }
          },
          "$defs": { "line": { "type": "object", "required": ["count"], "properties": { "count": { "type": "integer", "multipleOf": 5, "minimum": 7 }, "note": { "type": ["string", "null"] } } } }
        }
        """;

    private readonly MockProvider _mock = new();

    // Small schemas of values that would fill the memory.
    public static TheoryData<string> Bombs => new(
        """{"$defs":{"a":{"type":"array","minItems":1000,"items":{"$ref":"#/$defs/b"}},"b":{"type":"array","minItems":1000,"items":{"type":"array","minItems":1000,"items":{"type":"integer"}}}},"$ref":"#/$defs/a"}""",
        Chain(30, """{"type":"object","required":["l","r"],"properties":{"l":NEXT,"r":NEXT}}"""),
        Chain(22, """{"allOf":[NEXT,NEXT]}"""),
        """{"type":"array","minItems":1000,"items":{"type":"string","minLength":10000}}""");

    // Each schema of the chain names the next one twice.
    private static string Chain(int length, string link)
    {
        var links = Enumerable.Range(0, length).Select(i => $"\"d{i}\":" + link.Replace("NEXT", "{\"$ref\":\"#/$defs/d" + (i + 1) + "\"}", StringComparison.Ordinal));
        return "{\"$defs\":{" + string.Join(',', links) + ",\"d" + length + "\":{\"type\":\"integer\"}},\"$ref\":\"#/$defs/d0\"}";
    }

    [Theory]
    [MemberData(nameof(Bombs))]
    public async Task AskAsync_SchemaOfAHugeValue_FailsWithinBounds(string schema)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        var exception = await Assert.ThrowsAsync<ModelException>(async () => await _mock.AskAsync(Ask(schema, 1), default));

        Assert.Equal(ModelErrorCodes.MockUnable, exception.Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 600L * 1024 * 1024);
    }

    [Fact]
    public async Task AskAsync_TimeIsUp_IsSeenWhileAValueIsMade()
    {
        using var time = new CancellationTokenSource();
        var work = new SampleWork(time.Token);
        Assert.True(work.Node());
        await time.CancelAsync();

        Assert.Throws<OperationCanceledException>(() => work.Node());
    }

    public static TheoryData<string> Schemas => new(
        Invoice,
        "true",
        "{}",
        """{"type":"string","format":"uuid"}""",
        """{"type":"string","format":"date-time"}""",
        """{"type":"string","minLength":200}""",
        """{"type":"string","pattern":"^(\\d{3}|[a-f]+)-\\w{2,}$"}""",
        """{"type":"integer","minimum":5,"maximum":5}""",
        """{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":0.001}""",
        """{"type":"number","maximum":-40}""",
        """{"type":"array","prefixItems":[{"type":"integer"},{"const":"x"}],"items":false,"minItems":2}""",
        """{"type":"array","items":{"type":"integer"},"minItems":5,"maxItems":5}""",
        """{"type":"array","contains":{"const":7},"minItems":1}""",
        """{"oneOf":[{"type":"object","required":["a"],"properties":{"a":{"const":1}}},{"type":"object","required":["b"],"properties":{"b":{"const":2}}}]}""",
        """{"allOf":[{"required":["a"],"properties":{"a":{"type":"integer"}}},{"required":["b"],"properties":{"b":{"type":"boolean"}}}],"type":"object"}""",
        """{"anyOf":[{"type":"null"},{"type":"boolean"}]}""",
        """{"type":"object","required":["free"],"additionalProperties":{"type":"integer"},"minProperties":4}""",
        """{"type":"object","required":["next"],"properties":{"next":{"$ref":"#/$defs/node"}},"$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}}}}}""",
        """{"const":{"a":[1,2]}}""",
        """{"type":["null","integer"],"not":{"const":3}}""");

    [Theory]
    [MemberData(nameof(Schemas))]
    public async Task AskAsync_Success_SatisfiesTheSchemaForEverySeed(string schema)
    {
        var check = JsonSchema.Compile(JsonElement.Parse(schema), new SchemaOptions { AssertFormats = true });
        for (var seed = 0; seed < 200; seed++)
        {
            var response = await _mock.AskAsync(Ask(schema, seed), default);

            Assert.True(check.IsValid(JsonElement.Parse(response.Text)), response.Text);
        }
    }

    [Theory]
    [MemberData(nameof(Schemas))]
    public async Task AskAsync_SchemaViolation_BreaksTheSchemaForEverySeed(string schema)
    {
        var check = JsonSchema.Compile(JsonElement.Parse(schema));
        for (var seed = 0; seed < 50; seed++)
        {
            var response = await _mock.AskAsync(Ask(schema, seed) with { Mock = new MockScript(AiMockMode.SchemaViolation, null) }, default);

            Assert.False(AnswerReader.Read(response.Text, check).Errors.IsEmpty, response.Text);
        }
    }

    [Fact]
    public async Task AskAsync_SameQuestion_SameAnswerFromAnotherMock()
    {
        var first = await _mock.AskAsync(Ask(Invoice, 7), default);
        var second = await new MockProvider().AskAsync(Ask(Invoice, 7), default);

        Assert.Equal(first, second);

        // Known by heart: another build, machine or year must not change it.
        Assert.Equal("mock-8d2fdde4b6fe7f96", first.RequestId);
    }

    [Fact]
    public async Task AskAsync_OtherSeedOrPrompt_OtherAnswer()
    {
        var answers = new HashSet<string>(StringComparer.Ordinal);
        for (var seed = 0; seed < 20; seed++)
        {
            answers.Add((await _mock.AskAsync(Ask(Invoice, seed), default)).Text);
        }

        answers.Add((await _mock.AskAsync(Ask(Invoice, 0) with { Messages = [new ModelMessage(ModelRole.User, "other")] }, default)).Text);
        Assert.Equal(21, answers.Count);
    }

    [Fact]
    public async Task AskAsync_SchemaNothingSatisfies_SaysWhatToDo()
    {
        var exception = await Assert.ThrowsAsync<ModelException>(() => _mock.AskAsync(Ask("""{"type":"integer","minimum":2,"maximum":1}""", 1), default).AsTask());

        Assert.Equal(ModelErrorCodes.MockUnable, exception.Code);
        Assert.False(exception.Retryable);
        Assert.Contains("mock.output", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(0L, 1)]
    [InlineData(1L, 2)]
    [InlineData(-3L, 2)]
    [InlineData(10L, 1)]
    public async Task AskAsync_TransientError_FailsTheFirstAttemptsOfItsSeed(long? seed, int failing)
    {
        for (var attempt = 1; attempt <= 4; attempt++)
        {
            var request = Ask(Invoice, 0) with { Seed = seed, Attempt = attempt, Mock = new MockScript(AiMockMode.TransientError, null) };
            if (attempt <= failing)
            {
                var exception = await Assert.ThrowsAsync<ModelException>(() => new MockProvider().AskAsync(request, default).AsTask());
                Assert.True(exception.Retryable);
            }
            else
            {
                Assert.NotEmpty((await new MockProvider().AskAsync(request, default)).Text);
            }
        }
    }

    [Fact]
    public async Task AskAsync_Timeout_NeverAnswersButEndsWhenCanceled()
    {
        using var canceling = new CancellationTokenSource();
        var asked = _mock.AskAsync(Ask(Invoice, 0) with { Mock = new MockScript(AiMockMode.Timeout, null) }, canceling.Token).AsTask();

        Assert.False(asked.IsCompleted);
        await canceling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }

    [Fact]
    public async Task AskAsync_Listener_GetsTheWholeAnswerInParts()
    {
        List<string> parts = [];

        var response = await _mock.AskAsync(Ask(Invoice, 3) with { OnDelta = parts.Add }, default);

        Assert.True(parts.Count > 1);
        Assert.Equal(response.Text, string.Concat(parts));
    }

    private static ModelRequest Ask(string schema, long seed) => new()
    {
        Model = MockProvider.DefaultModel,
        Messages = [new ModelMessage(ModelRole.User, "Extract the invoice.")],
        Schema = JsonElement.Parse(schema),
        Seed = seed,
    };
}
