using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Ai;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Steps;

namespace Countersign.Core.Tests.Steps;

public sealed class AiGenerateExecutorTests
{
    private const string Schema = "schema: { type: object, required: [vendor, total], properties: { vendor: { type: string }, total: { type: number } } }";

    [Fact]
    public async Task ExecuteAsync_Schema_OutputSatisfiesItAndTheAnswerIsPriced()
    {
        var models = new ModelCatalog(
            [new CatalogEntry(new MockProvider(), "mock-1")], "mock", new PriceTable(new Dictionary<string, ModelPrice> { ["mock/*"] = new(2m, 8m) }));

        var result = await new AiGenerateExecutor(models, TimeProvider.System)
            .NotedAsync(Executions.Of("ai_generate", "prompt: \"Read ${ input.text }\"\nsystem: Be brief.\n" + Schema, """{"text":"INV 1 by Zoe"}""", attempt: 2), default);

        Assert.Null(result.Error);
        Assert.Equal(JsonValueKind.Number, result.Output!.Value.GetProperty("total").ValueKind);
        var entry = Assert.Single(result.Entries);
        Assert.Equal(EventTypes.AiResponse, entry.Type);
        Assert.Equal("1", entry.Discriminator);
        Assert.Equal("mock", entry.Payload.Text("provider"));
        Assert.Equal("mock-1", entry.Payload.Text("model"));
        Assert.Equal(1, entry.Payload.GetProperty("retries").GetInt32());
        Assert.True(entry.Payload.GetProperty("valid").GetBoolean());
        var (asked, answered) = (entry.Payload.GetProperty("prompt_tokens").GetInt64(), entry.Payload.GetProperty("output_tokens").GetInt64());
        Assert.Equal(3 + 5, asked);
        Assert.Equal(((asked * 2) + (answered * 8)) / 1_000_000m, decimal.Parse(entry.Payload.Text("cost_usd"), System.Globalization.CultureInfo.InvariantCulture));
        Assert.DoesNotContain("Zoe", entry.Payload.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(result.Output.Value.Text("vendor"), entry.Payload.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExecuteAsync_NoSchema_OutputIsTheText()
    {
        var script = new ScriptedModel("Bonjour \"é\"");

        var result = await script.Executor().NotedAsync(Executions.Of("ai_generate", "prompt: Hello"), default);

        Assert.Equal("Bonjour \"é\"", result.Output!.Value.GetString());
    }

    [Fact]
    public async Task ExecuteAsync_BrokenThenRight_RepairedWithTheErrors()
    {
        var script = new ScriptedModel("""{"vendor":"A"}""", "```json\n{\"vendor\":\"A\",\"total\":3}\n```");

        var result = await script.Executor().NotedAsync(Executions.Of("ai_generate", "prompt: Read\n" + Schema), default);

        Assert.Equal(3, result.Output!.Value.GetProperty("total").GetDouble());
        Assert.Equal([EventTypes.AiResponse, EventTypes.AiRepair, EventTypes.AiResponse], result.Entries.Select(entry => entry.Type));
        Assert.Equal([false, true], Responses(result).Select(payload => payload.GetProperty("valid").GetBoolean()));
        Assert.Equal([1, 3], script.Requests.Select(request => request.Messages.Length));
        Assert.Equal("""{"vendor":"A"}""", script.Requests[1].Messages[1].Text);
        Assert.Contains("total", script.Requests[1].Messages[2].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 3)]
    [InlineData("repair: 0\n", 1)]
    [InlineData("repair: 5\n", 6)]
    public async Task ExecuteAsync_AlwaysBroken_FailsForGoodAfterTheRepairs(string repair, int asks)
    {
        var script = new ScriptedModel("hunter2 is no JSON");

        var result = await script.Executor().NotedAsync(Executions.Of("ai_generate", "prompt: Read\n" + repair + Schema), default);

        Assert.Equal(ModelErrorCodes.SchemaInvalid, result.Error!.Type);
        Assert.False(result.Error.Retryable);
        Assert.DoesNotContain("hunter2", result.Error.Detail, StringComparison.Ordinal);
        Assert.Equal(asks, script.Requests.Count);
        Assert.Equal(asks, Responses(result).Count());
        Assert.Equal(result.Entries.Length, result.Entries.Select(entry => (entry.Type, entry.Discriminator)).Distinct().Count());
    }

    [Fact]
    public async Task ExecuteAsync_ProviderFailsInARepair_WhatWasBilledBeforeIsOnRecord()
    {
        var failure = new ModelException(ModelErrorCodes.RateLimited, "Slow down.") { Retryable = true, Status = 429, RetryAfter = TimeSpan.FromSeconds(7), PromptTokens = 11 };
        var script = new ScriptedModel("{}", failure);

        var result = await script.Executor().NotedAsync(Executions.Of("ai_generate", "prompt: Read\n" + Schema), default);

        Assert.Equal(ModelErrorCodes.RateLimited, result.Error!.Type);
        Assert.True(result.Error.Retryable);
        Assert.Equal(429, result.Error.Status);
        Assert.Equal(TimeSpan.FromSeconds(7), result.Error.RetryAfter);
        Assert.Equal([EventTypes.AiResponse, EventTypes.AiRepair, EventTypes.AiFailed], result.Entries.Select(entry => entry.Type));
        Assert.Equal(11, result.Entries[2].Payload.GetProperty("prompt_tokens").GetInt32());
    }

    [Theory]
    [InlineData("provider: nobody\n", ModelErrorCodes.ProviderUnknown)]
    [InlineData("provider: bare\n", ModelErrorCodes.ModelUnknown)]
    public async Task ExecuteAsync_ProviderOrModelMissing_SaysSo(string fields, string code)
    {
        var models = new ModelCatalog([new CatalogEntry(new MockProvider(), "mock-1"), new CatalogEntry(new MockProvider("bare"), null)], "mock");

        var result = await new AiGenerateExecutor(models, TimeProvider.System).NotedAsync(Executions.Of("ai_generate", "prompt: Hi\n" + fields), default);

        Assert.Equal(code, result.Error!.Type);
        Assert.False(result.Error.Retryable);
    }

    [Fact]
    public async Task ExecuteAsync_StoredTemplate_SeesItsVariablesAndNothingElse()
    {
        var script = new ScriptedModel("ok");
        FindPromptTemplate find = (tenant, reference, _) => new(reference == new PromptTemplateReference("greet", 2) && tenant == "acme"
            ? new PromptTemplate("greet", 2, Template.FromText("Greet ${ variables.who }, ${ variables.n }"), Template.FromText("Speak ${ variables.tongue }"))
            : null);
        var fields = "template: { id: greet, version: 2 }\nvariables: { who: \"${ input.name }\", n: 2.5, tongue: French }";

        var result = await script.Executor(find).NotedAsync(Executions.Of("ai_generate", fields, """{"name":"${ run.id }"}"""), default);

        // What stands in the input is data: the expression in it is not evaluated.
        Assert.Equal("Greet ${ run.id }, 2.5", script.Requests[0].Messages[0].Text);
        Assert.Equal("Speak French", script.Requests[0].System);
        Assert.Equal("greet", result.Entries[0].Payload.Text("template"));
        Assert.Equal(2, result.Entries[0].Payload.GetProperty("template_version").GetInt32());
    }

    [Fact]
    public async Task ExecuteAsync_StoredTemplateReadsInput_Fails()
    {
        FindPromptTemplate find = (_, _, _) => new(new PromptTemplate("greet", 1, Template.FromText("${ input.name }")));

        var exception = await Assert.ThrowsAsync<Countersign.Expressions.ExpressionException>(() => new ScriptedModel("ok").Executor(find)
            .NotedAsync(Executions.Of("ai_generate", "template: { id: greet }", """{"name":"x"}"""), default));

        Assert.Contains("input", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ExecuteAsync_NoSuchTemplate_Fails(bool configured)
    {
        FindPromptTemplate? find = configured ? (_, _, _) => new((PromptTemplate?)null) : null;

        var exception = await Assert.ThrowsAsync<StepFailedException>(() => new ScriptedModel("ok").Executor(find)
            .NotedAsync(Executions.Of("ai_generate", "template: { id: greet, version: 9 }"), default));

        Assert.Equal(ModelErrorCodes.TemplateUnknown, exception.Error.Type);
        Assert.Contains("version 9", exception.Error.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stream: true\n", true)]
    [InlineData("", false)]
    public async Task ExecuteAsync_Stream_PartsComeOnlyWhereAskedFor(string stream, bool streamed)
    {
        List<(string Run, string Step, int Ask, string Delta)> parts = [];
        var executor = new AiGenerateExecutor(ModelCatalog.MockOnly, TimeProvider.System, null, (run, delta) =>
        {
            Assert.Equal(parts.Sum(part => part.Delta.Length), delta.Offset);
            parts.Add((run.Id, delta.Step.Key, delta.Ask, delta.Text));
        });

        var result = await executor.NotedAsync(Executions.Of("ai_generate", "prompt: Hi\n" + stream), default);

        Assert.Equal(streamed ? result.Output!.Value.GetString() : "", string.Concat(parts.Select(part => part.Delta)));
        Assert.All(parts, part => Assert.Equal((Executions.Run, "it:1:1", 1), (part.Run, part.Step, part.Ask)));
    }

    [Fact]
    public async Task ExecuteAsync_TimeIsUp_TheQuestionIsOnRecordWithAnEstimate()
    {
        var noted = new List<ExecutorEntry>();
        var execution = Executions.Of("ai_generate", "prompt: Twelve chars\nmock: { mode: timeout }") with { Note = noted.Add };
        using var time = new CancellationTokenSource();
        var executing = new AiGenerateExecutor(ModelCatalog.MockOnly, TimeProvider.System).ExecuteAsync(execution, time.Token).AsTask();
        await time.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => executing);

        var entry = Assert.Single(noted);
        Assert.Equal((EventTypes.AiFailed, ModelErrorCodes.CutOff, 3, "0"), (entry.Type, entry.Payload.Text("code"), entry.Payload.GetProperty("prompt_tokens").GetInt32(), entry.Payload.Text("cost_usd")));
    }

    [Theory]
    [InlineData(true, 5L, null, 5, 0, true)]
    [InlineData(true, 5L, 7L, 5, 7, false)]
    [InlineData(true, null, null, 3, 0, true)]
    [InlineData(false, null, null, null, null, false)]
    public async Task ExecuteAsync_Failure_PricedWhereItMayBeBilled(bool billed, long? prompt, long? output, int? pricedPrompt, int? pricedOutput, bool estimated)
    {
        var model = new ScriptedModel(new ModelException(ModelErrorCodes.Unreachable, "x") { MayBeBilled = billed, PromptTokens = prompt, OutputTokens = output });

        var facts = Assert.Single((await model.Executor().NotedAsync(Executions.Of("ai_generate", "prompt: Twelve chars"), default)).Entries).Payload;

        int? Number(string name) => facts.TryGetProperty(name, out var number) ? number.GetInt32() : null;
        Assert.Equal((pricedPrompt, pricedOutput), (Number("prompt_tokens"), Number("output_tokens")));
        Assert.Equal(estimated, facts.TryGetProperty("estimated", out var told) && told.GetBoolean());
    }

    [Fact]
    public async Task ExecuteAsync_MockViolatesThenGivesItsOutput_Repaired()
    {
        var fields = "prompt: Hi\nmock: { mode: schema_violation, output: { vendor: \"${ input.v }\", total: 1 } }\n" + Schema;

        var result = await new AiGenerateExecutor(ModelCatalog.MockOnly, TimeProvider.System).NotedAsync(Executions.Of("ai_generate", fields, """{"v":"Acme"}"""), default);

        Assert.Equal("Acme", result.Output!.Value.Text("vendor"));
        Assert.Equal(3, result.Entries.Length);
    }

    [Theory]
    [InlineData("Pay the invoice only if", ModelFinish.Length)]
    [InlineData("", ModelFinish.Other)]
    [InlineData(" \n", ModelFinish.Stop)]
    [InlineData("\u200b\u3164\ufeff", ModelFinish.Stop)]
    [InlineData("<think>Let me see", ModelFinish.Stop)]
    [InlineData("<think>hm</think>\u200b", ModelFinish.Stop)]
    [InlineData("Pay the invoice", ModelFinish.Unfinished)]
    public async Task ExecuteAsync_TextThatIsNoWholeAnswer_FailsAndIsOnRecord(string text, ModelFinish finish)
    {
        var model = new ScriptedModel(new ModelResponse { Text = text, Provider = "scripted", Model = "s-1", PromptTokens = 1, OutputTokens = 2, Finish = finish });

        var result = await model.Executor().NotedAsync(Executions.Of("ai_generate", "prompt: Hi"), default);

        Assert.Equal((ModelErrorCodes.Incomplete, false), (result.Error!.Type, result.Error.Retryable));
        Assert.False(Assert.Single(Responses(result)).GetProperty("valid").GetBoolean());
        Assert.Single(model.Requests);
    }

    [Fact]
    public async Task ExecuteAsync_NumberThatWasCut_IsIncomplete()
    {
        var model = new ScriptedModel(new ModelResponse { Text = "12", Provider = "scripted", Model = "s-1", PromptTokens = 1, OutputTokens = 2, Finish = ModelFinish.Length });

        var result = await model.Executor().NotedAsync(Executions.Of("ai_generate", "prompt: Hi\nrepair: 0\nschema: { type: integer }"), default);

        Assert.Equal(ModelErrorCodes.Incomplete, result.Error!.Type);
    }

    private static IEnumerable<JsonElement> Responses(ExecutorResult result) =>
        result.Entries.Where(entry => entry.Type == EventTypes.AiResponse).Select(entry => entry.Payload);

    /// <summary>Answers or fails as told, the last of it for ever.</summary>
    private sealed class ScriptedModel(params object[] script) : IModelProvider
    {
        public string Name => "scripted";

        public List<ModelRequest> Requests { get; } = [];

        public AiGenerateExecutor Executor(FindPromptTemplate? templates = null) =>
            new(new ModelCatalog([new CatalogEntry(this, "s-1")], Name), TimeProvider.System, templates);

        public ValueTask<ModelResponse> AskAsync(ModelRequest request, CancellationToken cancellationToken)
        {
            Requests.Add(request);
            return script[Math.Min(Requests.Count, script.Length) - 1] switch
            {
                ModelException exception => throw exception,
                ModelResponse response => new(response),
                var text => new(new ModelResponse { Text = (string)text, Provider = Name, Model = "s-1", PromptTokens = 1, OutputTokens = 2 }),
            };
        }
    }
}
