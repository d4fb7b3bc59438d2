using Countersign.Language;

namespace Countersign.Core.Tests.Language;

/// <summary>Ways through the graph, and what can have run on them.</summary>
public sealed class GraphCheckTests
{
    [Theory]
    [InlineData("{ id: a, type: api_call, url: 'https://e.example', next: a }", ProblemCodes.UnboundedCycle)]
    [InlineData("{ id: a, type: api_call, url: 'https://e.example', next: a, max_visits: 3 }", null)]
    [InlineData("{ id: a, type: api_call, url: 'https://e.example', catch: [{ type: '*', goto: a }] }", ProblemCodes.UnboundedCycle)]
    [InlineData("{ id: a, type: wait, for: 1h, next: a }", null)]
    [InlineData("{ id: a, type: wait, for: 1s, next: a }", null)]
    [InlineData("{ id: a, type: wait, for: 0s, next: a }", ProblemCodes.UnboundedCycle)]
    [InlineData("{ id: a, type: wait, for: 999ms, next: a }", ProblemCodes.UnboundedCycle)]
    [InlineData("{ id: a, type: wait, for: \"${ '0s' }\", next: a }", ProblemCodes.UnboundedCycle)]
    [InlineData("{ id: a, type: wait, for: \"${ input.pause }\", next: a }", null)]
    [InlineData("{ id: a, type: wait, for: 0s, next: a, max_visits: 3 }", null)]
    [InlineData("{ id: a, type: wait, until: '2020-01-01T00:00:00Z', next: a }", ProblemCodes.UnboundedCycle)]
    [InlineData("{ id: a, type: wait, until: '${ input.moment }', next: a }", null)]
    [InlineData("{ id: a, type: approval, approvers: { role: admin }, on_reject: a }", null)]
    [InlineData("{ id: a, type: switch, cases: [{ when: 'true', goto: b }], default: c }\n  - { id: b, type: set, values: {}, next: a }\n  - { id: c, type: fail, error: broken }", ProblemCodes.UnboundedCycle)]
    [InlineData("{ id: a, type: conditional, when: 'true', then: b }\n  - { id: b, type: parallel, branches: [{ name: x, start: y, steps: [{ id: y, type: wait, for: 1m, next: y }] }], next: a }", ProblemCodes.UnboundedCycle)]
    public void Cycle_WithoutWaitOrBound_IsRefused(string steps, string? code) => AssertOnly(code, steps);

    [Theory]
    // through both ways
    [InlineData("{ id: a, type: conditional, when: 'true', then: b, else: c }\n  - { id: b, type: ai_generate, prompt: x, next: d }\n  - { id: c, type: ai_generate, prompt: x, next: d }\n  - { id: d, type: emit, event: custom.e, data: '${ steps.b.output }' }", ProblemCodes.ReferenceMayNotHaveRun)]
    [InlineData("{ id: a, type: conditional, when: 'true', then: b, else: c }\n  - { id: b, type: ai_generate, prompt: x, next: d }\n  - { id: c, type: ai_generate, prompt: x, next: d }\n  - { id: d, type: emit, event: custom.e, data: '${ has(steps.b) ? steps.b.output : steps.c.output }' }", ProblemCodes.ReferenceMayNotHaveRun)]
    [InlineData("{ id: a, type: conditional, when: 'true', then: b, else: c }\n  - { id: b, type: ai_generate, prompt: x, next: d }\n  - { id: c, type: ai_generate, prompt: x, next: d }\n  - { id: d, type: emit, event: custom.e, data: '${ steps.a.output }' }", null)]
    // a failed step has no output
    [InlineData("{ id: a, type: ai_generate, prompt: x, catch: [{ type: '*', goto: b }] }\n  - { id: b, type: emit, event: custom.e, data: '${ steps.a.output }' }", ProblemCodes.ReferenceNeverRan)]
    [InlineData("{ id: a, type: ai_generate, prompt: x, next: b, catch: [{ type: '*', goto: b }] }\n  - { id: b, type: emit, event: custom.e, data: '${ steps.a.output }' }", ProblemCodes.ReferenceMayNotHaveRun)]
    // a form or an approval that ran out has no output
    [InlineData("{ id: a, type: form, fields: [{ key: k, type: string }], on_timeout: b }\n  - { id: b, type: emit, event: custom.e, data: '${ steps.a.output }' }", ProblemCodes.ReferenceNeverRan, true)]
    [InlineData("{ id: a, type: approval, approvers: { role: admin }, on_timeout: b, next: b }\n  - { id: b, type: emit, event: custom.e, data: '${ steps.a.output.decision }' }", ProblemCodes.ReferenceMayNotHaveRun)]
    [InlineData("{ id: a, type: approval, approvers: { role: admin }, on_timeout: reject, on_reject: b }\n  - { id: b, type: emit, event: custom.e, data: '${ steps.a.output.votes }' }", ProblemCodes.ReferenceMayNotHaveRun)]
    [InlineData("{ id: a, type: approval, approvers: { role: admin }, on_timeout: reject, on_reject: b }\n  - { id: b, type: emit, event: custom.e, data: '${ has(steps.a) ? steps.a.output.votes : [] }' }", null)]
    [InlineData("{ id: a, type: approval, approvers: { role: admin }, on_reject: b }\n  - { id: b, type: emit, event: custom.e, data: '${ steps.a.output.votes }' }", null)]
    // round a loop it has run before, perhaps
    [InlineData("{ id: a, type: emit, event: custom.e, data: '${ steps.b.output }', next: b, max_visits: 2 }\n  - { id: b, type: ai_generate, prompt: x, next: a }", ProblemCodes.ReferenceMayNotHaveRun)]
    // nested blocks see what is around them
    [InlineData("{ id: a, type: ai_generate, prompt: x, next: f }\n  - { id: f, type: foreach, items: 'input', start: g, steps: [{ id: g, type: emit, event: custom.e, data: '${ [steps.a.output, item, index] }' }] }", null)]
    [InlineData("{ id: a, type: foreach, items: 'input', start: g, steps: [{ id: g, type: emit, event: custom.e, data: '${ steps.a.output }' }] }", ProblemCodes.ReferenceNeverRan)]
    // branches do not see each other
    [InlineData("{ id: a, type: parallel, branches: [{ name: l, start: x, steps: [{ id: x, type: ai_generate, prompt: p }] }, { name: r, start: y, steps: [{ id: y, type: emit, event: custom.e, data: '${ steps.x.output }' }] }] }", ProblemCodes.ReferenceOutOfScope)]
    [InlineData("{ id: a, type: parallel, branches: [{ name: l, start: x, output: '${ steps.x.output }', steps: [{ id: x, type: ai_generate, prompt: p }] }], next: b }\n  - { id: b, type: emit, event: custom.e, data: '${ steps.a.output.l }' }", null)]
    [InlineData("{ id: a, type: parallel, branches: [{ name: l, start: x, steps: [{ id: x, type: ai_generate, prompt: p }] }], next: b }\n  - { id: b, type: emit, event: custom.e, data: '${ steps.a.output.m }' }", ProblemCodes.ExpressionType)]
    // a compensation sees its own step
    [InlineData("{ id: a, type: api_call, url: 'https://e.example', compensate: { type: emit, event: custom.undo, data: '${ steps.a.output }' } }", null)]
    [InlineData("{ id: a, type: api_call, url: 'https://e.example', next: b, compensate: { type: emit, event: custom.undo, data: '${ steps.b.output }' } }\n  - { id: b, type: ai_generate, prompt: p }", ProblemCodes.ReferenceMayNotHaveRun)]
    public void Reference_ToStep_MustBeAbleToHaveRun(string steps, string? code, bool onlyFirst = false) => AssertOnly(code, steps, onlyFirst);

    [Theory]
    [InlineData("${ steps.a.output }", null)]
    [InlineData("${ steps.b.output }", ProblemCodes.ReferenceMayNotHaveRun)]
    [InlineData("${ has(steps.b) ? steps.b.output : '' }", null)]
    [InlineData("${ steps.c.output }", ProblemCodes.UnknownReference)]
    [InlineData("${ item }", ProblemCodes.ExpressionType)]
    public void Output_OfDefinition_SeesWhatMayHaveRunAtTheEnd(string output, string? code)
        => AssertOnly(code, "{ id: a, type: conditional, when: 'true', then: b }\n  - { id: b, type: ai_generate, prompt: x }\noutput: \"" + output + "\"");

    [Theory]
    [InlineData("cel.bind(s, steps, s.nope.output)", ProblemCodes.UnknownReference, ProblemSeverity.Error)]
    [InlineData("steps", ProblemCodes.UnknownReference, ProblemSeverity.Error)]
    [InlineData("[steps][0].nope.output", ProblemCodes.UnknownReference, ProblemSeverity.Error)]
    [InlineData("steps.map(k, steps[k])", ProblemCodes.UnknownReference, ProblemSeverity.Error)]
    [InlineData("steps[input.k].output", ProblemCodes.UnknownReference, ProblemSeverity.Warning)]
    [InlineData("[1].map(steps, steps)", null, ProblemSeverity.Error)]
    [InlineData("cel.bind(s, steps.a.output, s)", null, ProblemSeverity.Error)]
    [InlineData("steps['a'].output", null, ProblemSeverity.Error)]
    public void Reference_ToAllSteps_IsNotLetThrough(string expression, string? code, ProblemSeverity severity)
    {
        Problem? worst = Read("{ id: a, type: ai_generate, prompt: x, next: b }\n  - { id: b, type: emit, event: custom.e, data: \"${ " + expression + " }\" }").Problems.MinBy(problem => problem.Severity);
        Assert.Equal((code, severity), (worst?.Code, worst?.Severity ?? severity));
    }

    [Theory]
    [InlineData("workflow: demo", ProblemCodes.SelfCall)]
    [InlineData("workflow: demo, version: 1.0.0", ProblemCodes.SelfCall)]
    [InlineData("workflow: demo, version: 1.x", ProblemCodes.SelfCall)]
    [InlineData("workflow: demo, version: 1.0.x, max_visits: 2", ProblemCodes.SelfCall)]
    [InlineData("workflow: demo, version: 2.x", null)]
    [InlineData("workflow: demo, version: 0.9.0", null)]
    [InlineData("workflow: other", null)]
    public void Call_OfItself_IsRefused(string call, string? code)
    {
        AssertOnly(code, "{ id: a, type: call_workflow, " + call + " }");
        AssertOnly(code, "{ id: a, type: foreach, items: input, start: b, steps: [{ id: b, type: call_workflow, " + call + " }] }");
    }

    [Fact]
    public void Branches_OfTheSameName_AreRefused()
        => AssertOnly(ProblemCodes.DuplicateId, "{ id: a, type: parallel, branches: [{ name: x, start: y, steps: [{ id: y, type: wait, for: 1m }] }, { name: x, start: z, steps: [{ id: z, type: wait, for: 1m }] }] }");

    [Fact]
    public void UnreadableStep_HidesNothingAndInventsNothing()
    {
        DefinitionResult result = Read("{ id: a, type: conditional, wen: 'true', then: b }\n  - { id: b, type: wait, for: 1m, next: c }\n  - { id: c, type: wait, for: 1x }");
        Assert.Equal(
            [ProblemCodes.MissingField, ProblemCodes.UnknownField, ProblemCodes.BadDuration],
            result.Problems.Select(problem => problem.Code));
    }

    [Fact]
    public void UnreadableStep_IsStillATarget()
        => Assert.Equal([ProblemCodes.UnknownKind], Read("{ id: a, type: wait, for: 1m, next: b }\n  - { id: b, type: wiat, for: 1m }").Problems.Select(problem => problem.Code));

    /// <summary>A document as dense as its size allows, written against its flow; it must be a matter of one reading, not of minutes.</summary>
    [Fact]
    public void Read_OfDenseGraph_IsRead()
    {
        const int Count = 900;
        System.Text.StringBuilder text = new("language: \"1.0\"\nname: demo\nversion: 1.0.0\nstart: s0\nsteps:\n");
        for (int i = Count - 1; i >= 0; i--)
        {
            string cases = string.Join(", ", Enumerable.Range(1, 7).Select(step => $"{{ when: a, goto: s{((i * step) + 1) % Count} }}"));
            text.Append($"- {{ id: s{i}, type: switch, max_visits: 2, cases: [{cases}], default: s{(i + 1) % Count} }}\n");
        }

        DefinitionResult result = DefinitionReader.Read(text.ToString().Replace("when: a", "when: input", StringComparison.Ordinal));
        Assert.Empty(result.Problems);
        Assert.Equal(Count, result.Definition!.Body.Steps.Length);
    }

    private static void AssertOnly(string? code, string steps, bool onlyFirst = false)
    {
        IEnumerable<string> found = Read(steps).Problems.Select(problem => problem.Code).Distinct();
        Assert.Equal(code is null ? [] : [code], onlyFirst ? found.Take(1) : found);
    }

    private static DefinitionResult Read(string steps)
        => DefinitionReader.Read("language: \"1.0\"\nname: demo\nversion: 1.0.0\nstart: a\nsteps:\n  - " + steps);
}
