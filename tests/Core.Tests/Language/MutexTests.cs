using Countersign.Language;
using Countersign.Orchestration;
using Countersign.Steps;

namespace Countersign.Core.Tests.Language;

public sealed class MutexTests
{
    private const string Head = "language: \"1.0\"\nname: demo\nversion: 1.0.0\nstart: a\nsteps:\n";

    [Fact]
    public void Read_ShortAndLongForm_MeanTheSame()
    {
        var name = Read("  - { id: a, type: api_call, url: 'https://e.example', mutex: erp }\n");
        var terms = Read("  - { id: a, type: api_call, url: 'https://e.example', mutex: { name: erp, wait: 60m } }\n");

        Assert.Equal(name.Hash, terms.Hash);
        Assert.Equal(TimeSpan.FromHours(1), name.FindStep("a")!.Mutex!.Wait);
        Assert.Contains("mutex: erp", DefinitionWriter.ToYaml(terms), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LongForm_KeepsItsTerms()
    {
        var step = Read("  - { id: a, type: api_call, url: 'https://e.example', mutex: { name: 'erp-${ input.region }', wait: 10m } }\n").FindStep("a")!;

        Assert.Equal(TimeSpan.FromMinutes(10), step.Mutex!.Wait);
        Assert.False(step.Mutex.Name.IsConstant);
    }

    [Fact]
    public void Read_CalledWorkflow_TakesNoLockAndCompensatesNoLockedStep()
    {
        var read = DefinitionReader.Read("""
            language: "1.0"
            name: calls
            version: 1.0.0
            start: a
            steps:
              - { id: a, type: call_workflow, workflow: b, mutex: erp, next: c }
              - { id: c, type: api_call, url: "https://e.example", mutex: erp, compensate: { type: call_workflow, workflow: b } }
            """);
        Assert.Equal(
            [("definition.not-for-kind", "/steps/0/mutex"), ("definition.not-for-kind", "/steps/1/compensate")],
            read.Problems.Select(problem => (problem.Code, problem.Pointer)));
    }

    [Theory]
    [InlineData("mutex: 7", "/steps/0/mutex", "definition.wrong-type")]
    [InlineData("mutex: [erp]", "/steps/0/mutex", "definition.wrong-type")]
    [InlineData("mutex: ''", "/steps/0/mutex", "definition.bad-value")]
    [InlineData("mutex: '  '", "/steps/0/mutex", "definition.bad-value")]
    [InlineData("mutex: \"a\\tb\"", "/steps/0/mutex", "definition.bad-value")]
    [InlineData("mutex: {}", "/steps/0/mutex", "definition.missing-field")]
    [InlineData("mutex: { name: 7 }", "/steps/0/mutex/name", "definition.wrong-type")]
    [InlineData("mutex: { name: '' }", "/steps/0/mutex/name", "definition.bad-value")]
    [InlineData("mutex: { name: erp, hold: 1m }", "/steps/0/mutex/hold", "definition.unknown-field")]
    [InlineData("mutex: { name: erp, wait: 10 }", "/steps/0/mutex/wait", "definition.bad-duration")]
    [InlineData("mutex: { name: erp, wait: 999ms }", "/steps/0/mutex/wait", "definition.out-of-range")]
    [InlineData("mutex: { name: erp, wait: 367d }", "/steps/0/mutex/wait", "definition.out-of-range")]
    [InlineData("mutex: '${ steps.b.output }'", "/steps/0/mutex", "definition.unknown-reference")]
    [InlineData("mutex: '${ 1 + }'", "/steps/0/mutex", "definition.expression-syntax")]
    [InlineData("mutex: \"${ secret('k') }\"", "/steps/0/mutex", "definition.secret-not-allowed")]
    [InlineData("compensate: { type: emit, event: custom.undone, mutex: erp }", "/steps/0/compensate/mutex", "definition.not-for-kind")]
    public void Read_BadMutex_SaysWhere(string field, string pointer, string code)
    {
        var problem = Assert.Single(DefinitionReader.Read($"{Head}  - {{ id: a, type: api_call, url: 'https://e.example', {field} }}\n").Problems);
        Assert.Equal((code, pointer), (problem.Code, problem.Pointer));
    }

    [Fact]
    public void Read_NameOf201Characters_IsRefused()
    {
        var name = new string('x', 201);
        Assert.Single(DefinitionReader.Read($"{Head}  - {{ id: a, type: api_call, url: 'https://e.example', mutex: {name} }}\n").Problems);
        Read($"  - {{ id: a, type: api_call, url: 'https://e.example', mutex: {name[1..]} }}\n");
    }

    [Theory]
    [InlineData("type: emit, event: custom.x")]
    [InlineData("type: set, values: { b: 1 }")]
    [InlineData("type: approval, approvers: { role: approver }")]
    [InlineData("type: wait, for: 1m")]
    public void Read_KindThatTouchesNothingOutside_HasNone(string step)
    {
        var problem = Assert.Single(DefinitionReader.Read($"{Head}  - {{ id: a, {step}, mutex: erp }}\n").Problems);
        Assert.Equal(("definition.not-for-kind", "/steps/0/mutex"), (problem.Code, problem.Pointer));
    }

    [Fact]
    public void MutexOf_Compensation_IsThatOfItsStep()
    {
        var definition = Read("  - { id: a, type: api_call, url: 'https://e.example', mutex: erp, compensate: { type: emit, event: custom.undone } }\n");
        Assert.Same(definition.FindStep("a")!.Mutex, definition.MutexOf(definition.FindStep("a.compensate")!));
    }

    [Theory]
    [InlineData("timeout: 10s", 10)]
    [InlineData("description: 'the default, a minute'", 60)]
    [InlineData("timeout: 10s, retry: { attempts: 3, backoff: exponential, initial: 4s, max: 5s }", 10 + 4 + 10 + 5 + 10)]
    public void HoldOf_Step_IsWhatItsOwnLimitsAllowAndGrace(string limits, int seconds)
    {
        var definition = Read($"  - {{ id: a, type: api_call, url: 'https://e.example', mutex: erp, {limits} }}\n");
        Assert.Equal(TimeSpan.FromSeconds(seconds) + LockWait.Grace, LockWait.HoldOf(definition, definition.FindStep("a")!));
    }

    [Fact]
    public void HoldOf_LongestLimits_IsATime()
    {
        var definition = Read("  - { id: a, type: api_call, url: 'https://e.example', mutex: erp, timeout: 366d, retry: { attempts: 100, initial: 1h, max: 24h } }\n");
        Assert.True(DateTimeOffset.UnixEpoch.AddYears(60) + LockWait.HoldOf(definition, definition.FindStep("a")!) < DateTimeOffset.MaxValue);
    }

    private static Definition Read(string steps)
    {
        var result = DefinitionReader.Read(Head + steps);
        Assert.True(result.Definition is not null, string.Join('\n', result.Problems));
        return result.Definition;
    }
}
