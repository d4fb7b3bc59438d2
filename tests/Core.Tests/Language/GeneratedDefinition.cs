using System.Text.Json;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Language;
using Countersign.Steps;

namespace Countersign.Core.Tests.Language;

/// <summary>Makes valid definitions of every kind of step out of a seed, through the builder.</summary>
internal sealed class GeneratedDefinition
{
    private static readonly string[] Texts =
    [
        "plain", "two words", "true", "no", "1.0", "0x1F", "", " ", "- dash", "a: b", "a #b", "'quoted'", "\"double\"", "back\\slash",
        "line\nline", "line\n\nline\n", " leading\nline", "trailing \nline", "tab\tin", "é😀", "\u0085\u2028\uFEFF", "$${ not }", "@x", "*x", "&x", "!x", "%x", "`x`", "|", ">", "? x", "{ x }", "[x]", "null", "~", "2030-01-01", "<<", "=", "x\r\ny", "---",
    ];

    private Seeded random;
    private int ids;

    private GeneratedDefinition(ulong seed) => random = new Seeded(seed);

    public static Definition Make(ulong seed) => new GeneratedDefinition(seed).Build();

    private Definition Build()
    {
        WorkflowBuilder workflow = new("generated", $"{random.Next(3)}.{random.Next(12)}.{random.Next(3)}");
        if (Chance(2))
        {
            workflow.Description(Text());
        }

        if (Chance(2))
        {
            workflow.Input("""{"type":"object","properties":{"rows":{"type":"array"},"text":{"type":"string"}}}""");
        }

        if (Chance(2))
        {
            workflow.Static(JsonSerializer.Serialize(new Dictionary<string, object> { ["limit"] = random.Next(1000) / 8.0, [Text() + "k"] = new object[] { Text(), random.Next(9), Array.Empty<int>() } }));
        }

        if (Chance(2))
        {
            workflow.Profile("""{"base":"https://e.example"}""");
        }

        if (Chance(2))
        {
            workflow.Defaults(Chance(2) ? Retry() : null, Chance(2) ? Length() : null);
        }

        Fill(workflow, 0);
        if (Chance(2))
        {
            workflow.Yielding(Chance(2) ? "${ input }" : "${ { 'a': input, 'b': run.id } }");
        }

        return workflow.Build();
    }

    private void Fill(BlockBuilder block, int depth)
    {
        int count = 1 + random.Next(4);
        for (int i = 0; i < count; i++)
        {
            Step step = Common(MakeStep(depth, i + 1 < count));
            block.Add(step);
            if (step is FailStep)
            {
                break;
            }
        }
    }

    private Step MakeStep(int depth, bool more)
    {
        string id = "s" + ids++;
        return random.Next(depth > 2 ? 9 : 11) switch
        {
            0 => new SetStep { Id = id, Values = Json(new Dictionary<string, object> { ["a"] = Value(), ["b b"] = new object[] { Value(), new Dictionary<string, string>() } }) },
            1 => new FormStep { Id = id, Title = Value(), Fields = [.. Enumerable.Range(0, 1 + random.Next(4)).Select(Field)], Assignees = Chance(2) ? People() : null, Expires = TimeSpan.FromDays(9), Remind = Chance(2) ? TimeSpan.FromDays(1 + random.Next(5)) : null, Escalate = Chance(3) ? new Escalation(TimeSpan.FromHours(30), People()) : null },
            2 => Ai(id),
            3 when more && Chance(3) => new SwitchStep { Id = id, Cases = [new SwitchCase { When = Template.FromExpression("input.rows == []"), Goto = "s" + ids }], Default = Chance(2) ? "s" + ids : null },
            3 => new ConditionalStep { Id = id, When = Template.FromExpression(Chance(2) ? "input.rows == [ 'a' ]" : "has(input.text) && run.id != ''"), Then = more ? "s" + ids : id, MaxVisits = 3 },
            4 => new ApiCallStep { Id = id, Method = Chance(2) ? "POST" : "PUT", Url = Chance(2) ? "https://e.example/${ run.id }" : "${ context.profile.base }/x", Headers = Chance(2) ? Json(new { A = "Bearer ${ secret('k') }" }) : null, Body = Chance(2) ? Json(new object[] { Value(), 1.5, true }) : null, Idempotent = Chance(2), Expect = Chance(2) ? [new StatusMatch(200, 299), new StatusMatch(404, 404)] : [], Compensate = Chance(2) ? new EmitStep { Event = "custom.undo.x", Data = Value() } : null, Retry = Chance(2) ? Retry() : null, Timeout = Chance(2) ? Length() : null },
            5 => new ApprovalStep { Id = id, Approvers = People(), Quorum = 1 + random.Next(3), Show = Chance(2) ? Json(new { T = Value() }) : null, OnTimeout = Chance(2) ? TimeoutAction.Reject : TimeoutAction.Fail, ReasonRequired = Chance(2), AllowRequester = Chance(3) },
            6 => new CallWorkflowStep { Id = id, Workflow = "child", Version = Chance(2) && VersionRange.TryParse(Chance(2) ? "1.x" : "1.2.3", out VersionRange? range) ? range : null, Input = Chance(2) ? Value() : null, Profile = Chance(2) ? "${ context.profile }" : null },
            7 => Chance(2) ? new WaitStep { Id = id, For = Duration.Format(Length()) } : new WaitStep { Id = id, Event = new WaitEvent { Name = "paid", Timeout = Length() + TimeSpan.FromSeconds(1), OnTimeout = TimeoutAction.Fail } },
            8 => Chance(3) ? new FailStep { Id = id, Error = "no.stock", Title = Text(), Detail = Value() } : new EmitStep { Id = id, Event = "custom.done", Data = Chance(2) ? Value() : null },
            9 => new ForEachStep { Id = id, Items = Chance(2) ? Template.FromExpression("input.rows") : Json(new object[] { "${ input.text }", 2 }), Concurrency = 1 + random.Next(100), MaxItems = Chance(2) ? 7 : ForEachStep.DefaultMaxItems, OnFailure = Chance(2) ? FailureMode.WaitAll : FailureMode.FailFast, Body = Inner(depth, "${ [item, index] }") },
            _ => new ParallelStep { Id = id, OnFailure = Chance(2) ? FailureMode.WaitAll : FailureMode.FailFast, Branches = [.. Enumerable.Range(0, 1 + random.Next(3)).Select(i => new ParallelBranch { Name = "b" + i, Body = Inner(depth, null) })] },
        };
    }

    private AiGenerateStep Ai(string id)
    {
        AiGenerateStep step = new()
        {
            Id = id,
            Prompt = Chance(2) ? Value() : null,
            System = Chance(3) ? Value() : null,
            Schema = Chance(2) ? JsonSerializer.SerializeToElement(new { type = "object", required = new[] { "a" } }) : null,
            Model = Chance(2) ? "mini" : null,
            Temperature = Chance(2) ? random.Next(20) / 10.0 : null,
            Seed = Chance(2) ? random.Next(1 << 30) - 1000 : null,
            Repair = random.Next(6),
            Stream = Chance(2),
            Budget = Chance(2) ? new AiBudget { Usd = 0.05, Tokens = Chance(2) ? 100 : null, OnExhausted = BudgetExhausted.Degrade, DegradeTo = "mini" } : null,
            Mock = Chance(2) ? new AiMock { Mode = AiMockMode.SchemaViolation, Output = Chance(2) ? Json(new { a = 1 }) : null } : null,
        };
        return step.Prompt is not null ? step : step with { PromptTemplate = new PromptTemplateReference("t", Chance(2) ? 2 : null), Variables = Json(new { a = "${ input }" }) };
    }

    private Block Inner(int depth, Template? output)
    {
        BlockBuilder block = new();
        Fill(block, depth + 1);
        if (output is not null && Chance(2))
        {
            block.Output(output);
        }

        return block.ToBlock();
    }

    private Step Common(Step step)
    {
        step = Chance(4) ? step with { Description = Text() } : step;
        step = step is AiGenerateStep or ApiCallStep && Chance(2) ? step with { Mutex = Lock() } : step;
        return Chance(4) ? step with { MaxVisits = 1 + random.Next(10_000) } : step;
    }

    private StepMutex Lock() => new()
    {
        Name = Chance(2) ? "erp" : "erp-${ run.id }",
        Wait = Chance(2) ? StepMutex.DefaultWait : TimeSpan.FromSeconds(1) + Length(),
    };

    private FormField Field(int index) => (random.Next(4)) switch
    {
        0 => new FormField { Key = "f" + index, Type = FormFieldType.Choice, Options = ["a", "no", "1"], Default = JsonSerializer.SerializeToElement("no") },
        1 => new FormField { Key = "f" + index, Type = FormFieldType.Integer, Min = -1, Max = 1e6, Required = Chance(2) },
        2 => new FormField { Key = "f" + index, Type = FormFieldType.String, Pattern = "[a-z]+\\d{2}", Label = Text() },
        _ => new FormField { Key = "f" + index, Type = FormFieldType.Boolean, Default = JsonSerializer.SerializeToElement(true) },
    };

    private Audience People() => Chance(2)
        ? new() { Role = "approver", Users = ["ann", "${ input.text }"], Within = new AudienceBounds { Users = Chance(2) ? ["ann", "ben"] : [], Roles = ["approver"] } }
        : new() { Role = "approver" };

    private RetryPolicy Retry() => new() { Attempts = 1 + random.Next(100), Backoff = (Backoff)random.Next(3), Initial = TimeSpan.FromMilliseconds(random.Next(5000)), Max = TimeSpan.FromMinutes(1 + random.Next(90)), Jitter = random.Next(10) / 10.0 };

    private TimeSpan Length() => TimeSpan.FromMilliseconds(1 + (random.Next() % 1_000_000_000));

    private string Value() => Chance(3) ? "${ input.text }" : Chance(3) ? Text().Replace("${", "$${", StringComparison.Ordinal) + " ${ run.id } }" : Text();

    private string Text() => Texts[random.Next(Texts.Length)] + (Chance(4) ? Texts[random.Next(Texts.Length)] : "");

    private bool Chance(int oneIn) => random.Next(oneIn) == 0;

    private static Template Json(object value) => Template.FromJson(JsonSerializer.SerializeToElement(value));
}
