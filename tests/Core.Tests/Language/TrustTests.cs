using Countersign.Language;

namespace Countersign.Core.Tests.Language;

/// <summary>What a model said decides neither where a call goes nor who decides, and secrets go only where executors resolve them.</summary>
public sealed class TrustTests
{
    private const string Ask = "{ id: a, type: ai_generate, prompt: x, schema: { type: object, properties: { u: { type: string }, us: { type: array, items: { type: string } } } }, next: b }\n  - ";

    [Theory]
    [InlineData("https://${ steps.a.output.u }/x", true)]
    [InlineData("${ steps.a.output.u }", true)]
    [InlineData("${ steps.a.output.u }/x", true)]
    [InlineData("https://e.example${ steps.a.output.u }/x", true)]
    [InlineData("https://e.example:${ steps.a.output.u }", true)]
    [InlineData("https:/${ steps.a.output.u }/x", true)]
    [InlineData("${ steps[input.which].output.u }/x", true)]
    [InlineData("https://e.example/${ steps.a.output.u }", false)]
    [InlineData("https://e.example?q=${ steps.a.output.u }", false)]
    [InlineData("${ context.profile.base }/${ steps.a.output.u }", false)]
    [InlineData("https://${ input.host }.e.example/", false)]
    public void Url_WithModelOutputInOrigin_IsRefused(string url, bool refused)
        => AssertRefused(refused, Ask + $"{{ id: b, type: api_call, url: \"{url}\" }}");

    [Fact]
    public void Url_WithModelOutputHandedOn_IsRefused()
    {
        AssertRefused(true, Ask + "{ id: b, type: set, values: { host: '${ steps.a.output.u }' }, next: c }\n  - { id: c, type: api_call, url: '${ context.runtime.host }/x' }");
        AssertRefused(false, Ask + "{ id: b, type: set, values: { host: '${ input.host }' }, next: c }\n  - { id: c, type: api_call, url: '${ context.runtime.host }/x' }");
        AssertRefused(true, Ask + "{ id: b, type: foreach, items: steps.a.output.us, start: c, steps: [{ id: c, type: api_call, url: '${ item }' }] }");
        AssertRefused(false, Ask + "{ id: b, type: foreach, items: input.us, start: c, steps: [{ id: c, type: api_call, url: '${ item }' }] }");
        AssertRefused(true, "{ id: a, type: foreach, items: input, start: c, steps: [{ id: c, type: ai_generate, prompt: x }], next: d }\n  - { id: d, type: api_call, url: '${ steps.a.output[0] }' }");
    }

    [Theory]
    [InlineData("${ input.manager }", false)]
    [InlineData("${ context.profile.manager }", false)]
    [InlineData("${ steps.a.output.u }", true)]
    [InlineData("${ context.runtime.manager }", true)]
    [InlineData("${ context.runtime }", true)]
    public void Approvers_FromWhatAStepMade_AreRefused(string user, bool refused)
        => AssertRefused(refused, Ask + $"{{ id: b, type: approval, approvers: {{ users: [\"{user}\"], within: {{ users: [ann] }} }} }}");

    [Theory]
    [InlineData("users: [\"${ input.manager }\"]", ProblemCodes.AudienceUnbounded)]
    [InlineData("users: [\"${ context.profile.manager }\"]", ProblemCodes.AudienceUnbounded)]
    [InlineData("users: [\"a-${ input.manager }\"]", ProblemCodes.AudienceUnbounded)]
    [InlineData("users: [\"${ input.manager }\"], within: { roles: [approver] }", null)]
    [InlineData("users: [\"${ context.static.manager }\"]", null)]
    [InlineData("users: [\"${ input.manager }\"], within: {}", ProblemCodes.FieldCombination)]
    [InlineData("users: [ann], within: { users: [ann] }", ProblemCodes.FieldCombination)]
    [InlineData("users: [ann, ben]", null)]
    [InlineData("users: [ann, ben@e.example]", ProblemCodes.BadValue)]
    [InlineData("users: [\"${ input.manager }\"], within: { users: [ben@e.example] }", ProblemCodes.BadValue)]
    [InlineData("users: [\"${ input.manager }\"], within: { roles: [boss] }", ProblemCodes.BadValue)]
    [InlineData("users: [\"ann smith\"]", ProblemCodes.BadValue)]
    [InlineData("users: [\"\\u0430nn\"]", ProblemCodes.BadValue)]
    public void Audience_Computed_NeedsItsBoundsWhereverItStands(string audience, string? code)
    {
        foreach (var step in (string[])["approvers: { $ }", "approvers: { role: approver }, escalate: { after: 1h, to: { $ } }"])
        {
            Assert.Equal(code is null ? [] : [code], ErrorsOf($"{{ id: a, type: approval, {step.Replace("$", audience, StringComparison.Ordinal)} }}"));
        }

        Assert.Equal(code is null ? [] : [code], ErrorsOf($"{{ id: a, type: form, fields: [{{ key: x, type: string, label: X }}], assignees: {{ {audience} }} }}"));
    }

    [Fact]
    public void Audience_OfADefinitionThatWasSavedBefore_IsRead()
    {
        var text = Head + "{ id: a, type: approval, approvers: { users: [\"${ input.manager }\"] } }";

        Assert.NotNull(DefinitionReader.ReadStored(System.Text.Encoding.UTF8.GetBytes(text)).Definition);
    }

    [Theory]
    [InlineData("{ override: yes-please }")]
    [InlineData("{ value: 1, override: boss }")]
    [InlineData("{ value: 1, override: [] }")]
    public void Profile_OpenedToNoRole_IsAnErrorAndInAStoredDefinitionAPlainValue(string entry)
    {
        var text = $"language: \"1.0\"\nname: demo\nversion: 1.0.0\nprofile: {{ key: {entry} }}\nstart: a\nsteps:\n  - {{ id: a, type: wait, for: 1m }}";

        Assert.Null(DefinitionReader.Read(text).Definition);
        var stored = DefinitionReader.ReadStored(System.Text.Encoding.UTF8.GetBytes(text)).Definition!;
        Assert.Empty(stored.ProfileRoles);
        Assert.True(stored.Profile.GetProperty("key").TryGetProperty("override", out _));
    }

    [Theory]
    [InlineData("{ id: a, type: ai_generate, prompt: \"${ secret('k') }\" }", true)]
    [InlineData("{ id: a, type: emit, event: custom.e, data: \"${ secret('k') }\" }", true)]
    [InlineData("{ id: a, type: approval, approvers: { role: admin }, show: { k: \"${ secret('k') }\" } }", true)]
    [InlineData("{ id: a, type: set, values: { k: \"x ${ secret('k') }\" } }", true)]
    [InlineData("{ id: a, type: conditional, when: \"secret('k') == ''\", then: b }\n  - { id: b, type: wait, for: 1m }", true)]
    [InlineData("{ id: a, type: api_call, url: \"https://e.example/${ secret('k') }\", query: { k: \"${ secret('k') }\" }, headers: { k: \"${ secret('k') }\" }, method: POST, body: \"${ secret('k') }\" }", false)]
    public void Secret_OutsideOfExecutors_IsRefused(string steps, bool refused)
    {
        IEnumerable<string> codes = Read(steps).Problems.Select(problem => problem.Code);
        Assert.Equal(refused ? [ProblemCodes.SecretNotAllowed] : [], codes);
    }

    private static void AssertRefused(bool refused, string steps)
        => Assert.Equal(refused ? [ProblemCodes.UntrustedChoice] : [], Read(steps).Problems.Where(problem => problem.Severity == ProblemSeverity.Error).Select(problem => problem.Code).Distinct());

    private static IEnumerable<string> ErrorsOf(string steps)
        => Read(steps).Problems.Where(problem => problem.Severity == ProblemSeverity.Error).Select(problem => problem.Code).Distinct();

    private const string Head = "language: \"1.0\"\nname: demo\nversion: 1.0.0\nstatic: { manager: x }\nprofile: { base: 'https://e.example', manager: x }\nstart: a\nsteps:\n  - ";

    private static DefinitionResult Read(string steps) => DefinitionReader.Read(Head + steps);
}
