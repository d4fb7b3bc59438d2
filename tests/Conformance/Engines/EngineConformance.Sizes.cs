using System.Text.Json;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;
using Countersign.Steps;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    // Each reads a value before a call of the interpreter's own follows: an output, a flush before branches, the output of a block, a join.
    private static readonly Dictionary<string, string> Readers = new(StringComparer.Ordinal)
    {
        ["set"] = """{ id: reader, type: set, values: { n: "${ input.text.size() }" }, next: fan }""",
        ["conditional"] = """{ id: reader, type: conditional, when: "input.text.size() > 0", then: fan, else: fan }""",
        ["switch"] = """{ id: reader, type: switch, cases: [ { when: "input.text == 'x'", goto: fan } ], default: fan }""",
        ["fail"] = """{ id: reader, type: fail, error: custom.bad, detail: "${ input.text }" }""",
        ["foreach"] = """{ id: reader, type: foreach, items: "${ input.text.size() > 0 ? [1.0, 2.0] : [] }", start: one, steps: [ { id: one, type: set, values: { n: "${ input.text.size() }" } } ], output: "${ input.text }", next: fan }""",
        ["parallel"] = """
            { id: reader, type: parallel, next: fan, branches: [
                { name: x, start: x, steps: [ { id: x, type: set, values: { n: "${ input.text.size() }" } } ], output: "${ input.text }" },
                { name: y, start: y, steps: [ { id: y, type: set, values: { n: "${ input.text.size() }" } } ], output: "${ input.text.size() }" } ] }
            """,
        ["emit"] = """{ id: reader, type: emit, event: custom.seen, data: { n: "${ input.text }" }, next: fan }""",
        ["api_call"] = """{ id: reader, type: api_call, method: POST, url: $remote/echo, body: { text: "${ input.text }" }, next: fan }""",
        ["ai_generate"] = """{ id: reader, type: ai_generate, prompt: "Say ${ input.text }", next: fan }""",
        ["wait"] = """{ id: reader, type: wait, for: "${ input.text.size() > 0 ? '100ms' : '2s' }", next: fan }""",
        ["approval"] = """{ id: reader, type: approval, approvers: { role: approver }, show: { text: "${ input.text }" }, expires: 1s, on_timeout: fan, next: fan }""",
        ["form"] = """{ id: reader, type: form, title: "${ input.text }", fields: [ { key: ok, type: boolean } ], expires: 1s, on_timeout: fan, next: fan }""",
        ["call_workflow"] = """{ id: reader, type: call_workflow, workflow: sizes-child, input: { text: "${ input.text }" }, next: fan }""",
    };

    /// <summary>The kinds of steps.</summary>
    public static TheoryData<string> StepKindNames => [.. StepKinds.All.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(StepKindNames))]
    public async Task Step_ReadsValueOnEitherSideOfEachSizeLimit_RunEnds(string kind)
    {
        Assert.True(Readers.TryGetValue(kind, out var reader), $"No step of kind {kind} reads a value here.");
        Remote.On("/echo", (_, _) => Task.FromResult((200, "{}")));
        await DefineAsync("""
            language: "1.0"
            name: sizes-child
            version: 1.0.0
            start: count
            steps: [ { id: count, type: set, values: { n: "${ input.text.size() }" } } ]
            output: "${ input.text.size() }"
            """);
        var definition = await DefineAsync($$"""
            language: "1.0"
            name: sizes-{{kind.Replace('_', '-')}}
            version: 1.0.0
            start: gate
            steps:
              - { id: gate, type: conditional, when: "input.text.size() > 0", then: reader, else: fan }
              - {{reader.Trim().ReplaceLineEndings(" ")}}
              - id: fan
                type: parallel
                branches:
                  - { name: a, start: a, steps: [ { id: a, type: set, values: { n: 1 } } ] }
                  - { name: b, start: b, steps: [ { id: b, type: set, values: { n: "${ input.text.size() }" } } ] }
                next: last
              - { id: last, type: set, values: { n: "${ input.text.size() }" } }
            output: "${ input.text.size() }"
            """);
        var runs = new List<(RunIdentity Run, int Length)>();
        foreach (var (text, length) in Texts())
        {
            runs.Add((await StartAsync(definition, $$"""{"text":{{JsonSerializer.Serialize(text)}}}"""), length));
        }

        foreach (var (run, length) in runs)
        {
            var row = await EndedAsync(run, kind == "fail" ? RunStatus.Failed : RunStatus.Completed);
            if (kind == "fail")
            {
                Assert.Equal(("custom.bad", true), (row.Error!.Type, row.Error.Detail!.Length is > 1_000 and <= 2_000));
            }
            else
            {
                Assert.Equal(length, (await OutputAsync(run)).GetInt32());
            }
        }

        await LogIsIntactAsync();
    }

    [Theory]
    [InlineData(100)]
    [InlineData(RunValue.InlineLimit + 100)]
    public async Task Log_EvaluatedHereOrByACall_SaysTheSame(int length)
    {
        var run = await StartAsync("""
            language: "1.0"
            name: same-log
            version: 1.0.0
            start: s
            steps:
              - { id: s, type: set, values: { n: "${ input.text.size() }" }, next: c }
              - { id: c, type: conditional, when: "input.text.size() > 0", then: w, else: w }
              - { id: w, type: switch, cases: [ { when: "input.text.size() > 0", goto: f } ], default: f }
              - { id: f, type: foreach, items: "${ input.text.size() > 0 ? [1.0] : [] }", start: i, steps: [ { id: i, type: set, values: { m: "${ input.text.size() }" } } ], next: bad }
              - { id: bad, type: fail, error: custom.bad, detail: "${ string(input.text.size()) }" }
            """, $$"""{"text":"{{new string('x', length)}}"}""");
        await EndedAsync(run, RunStatus.Failed);

        Assert.Equal(
            ["run.created", "run.started", "s step.completed", "c step.completed", "w step.completed", "f:1.0.i step.completed", "f step.completed", "bad step.failed", "run.failed"],
            (await EntriesAsync(run)).Select(entry => $"{entry.Step} {entry.Type}".Trim()));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(RunValue.InlineLimit + 100)]
    public async Task Fail_DetailCannotBeEvaluated_EndsInItsOwnError(int length)
    {
        var run = await StartAsync("""
            language: "1.0"
            name: bad-detail
            version: 1.0.0
            start: bad
            steps: [ { id: bad, type: fail, error: custom.bad, detail: "${ input.text + input.gone }" } ]
            """, $$"""{"text":"{{new string('x', length)}}"}""");

        Assert.Equal("custom.bad", (await EndedAsync(run, RunStatus.Failed)).Error!.Type);
    }

    [Fact]
    public async Task ForEach_ListOverTheInlineLimitOfSmallItems_Completes()
    {
        var lines = string.Join(',', Enumerable.Range(0, 400).Select(i => $$"""{"amount":{{i}},"name":"line number {{i}}"}"""));
        var run = await StartAsync("""
            language: "1.0"
            name: lines
            version: 1.0.0
            start: each
            steps:
              - { id: each, type: foreach, items: "${ input.lines }", start: net, steps: [ { id: net, type: set, values: { net: "${ item.amount * 0.8 }" } } ] }
            output: "${ steps.each.output.size() }"
            """, $$"""{"lines":[{{lines}}]}""");

        Assert.Equal(400, (await OutputAsync(run)).GetInt32());
    }

    // As an earlier version left it: the outcome of a step was in the log, and the call that came next was refused as a repeat.
    [Fact]
    public async Task Run_OutcomeIsInTheLogAlready_Completes()
    {
        var definition = await DefineAsync("""
            language: "1.0"
            name: stuck
            version: 1.0.0
            start: hold
            steps:
              - { id: hold, type: wait, event: { name: go, timeout: 1h }, next: count }
              - { id: count, type: set, values: { n: "${ input.text.size() }" } }
            output: "${ input.text.size() }"
            """);
        var run = await StartAsync(definition, $$"""{"text":"{{new string('x', RunValue.InlineLimit + 100)}}"}""");
        var wait = await WaitingAsync(run, "hold:1:1");
        await Under.Core.Parts.Ledger.CommitAsync(Tenant, new LedgerCommit
        {
            Entries =
            [
                new EntryDraft
                {
                    EventId = new StepRef("count", 1, 1).EventId(run.Id, 1, "outcome"),
                    Type = EventTypes.StepCompleted,
                    Actor = RunLog.Actor,
                    Run = run.Id,
                    Step = "count",
                    CorrelationId = run.Id,
                    TransactionId = run.Id,
                    Payload = "{}"u8.ToArray(),
                },
            ],
        });

        await new Submissions(Waits, Under.Core.Workflows, Under.Core.Values).ReceiveAsync(Alice, wait.Id, "go", JsonElement.Parse("null"));

        Assert.Equal(RunValue.InlineLimit + 100, (await OutputAsync(run)).GetInt32());
    }

    // On either side of 8 KiB, of 32 KiB and of 64 KiB; and characters that take more room in stored rows than in the value.
    private static IEnumerable<(string Text, int Length)> Texts()
    {
        const int Around = 300;
        foreach (var limit in (int[])[RunValue.InlineLimit, 32 * 1024, 64 * 1024])
        {
            yield return (new string('x', limit - Around), limit - Around);
            yield return (new string('x', limit + Around), limit + Around);
        }

        foreach (var character in (string[])["é", "語", "+", "\"", "\u0001", "😀"])
        {
            var length = (RunValue.InlineLimit - Around) / JsonSerializer.SerializeToUtf8Bytes(character, Relaxed).AsSpan()[1..^1].Length;
            yield return (string.Concat(Enumerable.Repeat(character, length)), length);
        }
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
