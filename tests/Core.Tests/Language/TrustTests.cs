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
    [InlineData("ann", false)]
    [InlineData("${ steps.a.output.u }", true)]
    [InlineData("${ context.runtime.manager }", true)]
    [InlineData("${ context.runtime }", true)]
    public void Approvers_FromWhatAStepMade_AreRefused(string user, bool refused)
        => AssertRefused(refused, Ask + $"{{ id: b, type: approval, approvers: {{ users: [\"{user}\"] }} }}");

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

    private static DefinitionResult Read(string steps)
        => DefinitionReader.Read("language: \"1.0\"\nname: demo\nversion: 1.0.0\nprofile: { base: 'https://e.example', manager: x }\nstart: a\nsteps:\n  - " + steps);
}
