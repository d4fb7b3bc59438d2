using System.Text.Json;
using Countersign.Access;
using Countersign.Orchestration;
using Countersign.People;

namespace Countersign.Conformance.Engines;

public abstract partial class EngineConformance
{
    // What a model or an API says reaches the audience through a called workflow's input; the static check cannot see it.
    private const string Asking = """
        language: "1.0"
        name: $child
        version: 1.0.0
        start: approve
        steps:
          - id: approve
            type: approval
            approvers: { users: ["${ input.who }"], within: { users: [ben], roles: [approver] } }
            show: {}
            expires: 1h
        """;

    [Theory]
    [InlineData("mallory", false)]
    [InlineData("viv", false)]
    [InlineData("ben", true)]
    [InlineData("bob", true)]
    public async Task Audience_ChosenByWhatAnApiSaid_IsWithinTheDeclaredSetOrNothingIsOpened(string who, bool opens)
    {
        var child = "audience-" + Guid.NewGuid().ToString("N")[..12];
        var keys = new ApiKeys(Under.Core.Parts.Ledger, TimeProvider.System);
        await keys.CreateAsync(Principal.System(Tenant), "bob", [Role.Approver]);
        await keys.CreateAsync(Principal.System(Tenant), "viv", [Role.Viewer]);
        Remote.On("/who", 200, JsonSerializer.Serialize(new { who }));
        await SaveAsync(Alice, Asking.Replace("$child", child, StringComparison.Ordinal));
        var run = await StartAsync($$"""
            language: "1.0"
            name: {{child}}-parent
            version: 1.0.0
            start: ask
            steps:
              - { id: ask, type: api_call, url: $remote/who, next: call }
              - { id: call, type: call_workflow, workflow: {{child}}, input: { who: "${ steps.ask.output.who }" } }
            """);

        if (!opens)
        {
            var failed = await EndedAsync(run, RunStatus.Failed);
            Assert.Contains("step.audience-invalid", $"{failed.Error!.Type} {failed.Error.Detail}", StringComparison.Ordinal);
            Assert.Empty((await new Inbox(Under.Core.Parts.Ledger).ListAsync(Bob with { User = who, Roles = [Role.Admin] }, null, 100)).Waits);
            return;
        }

        var wait = await UntilAsync(
            async () => (await new Inbox(Under.Core.Parts.Ledger).ListAsync(Bob with { User = who }, null, 100)).Waits is [var first, ..] ? first : null, found => found is not null);
        Assert.Equal(who, Assert.Single(wait!.Audience!.Users));
        await DecideAsync(wait, Bob with { User = who });
        await EndedAsync(run);
    }

    [Fact]
    public async Task Profile_ClosedKey_IsNotOverriddenByACallingWorkflow()
    {
        var child = "profile-" + Guid.NewGuid().ToString("N")[..12];
        await SaveAsync(Alice, $$"""
            language: "1.0"
            name: {{child}}
            version: 1.0.0
            profile: { pay: "https://pay.invalid", shop: { value: "https://shop.invalid", override: growth } }
            start: a
            steps: [{ id: a, type: set, values: { x: 1 } }]
            """);
        foreach (var (key, told) in ((string, string)[])[("pay", "opens it to no role"), ("shop", "the role growth only")])
        {
            var run = await StartAsync($$"""
                language: "1.0"
                name: {{child}}-{{key}}
                version: 1.0.0
                start: call
                steps: [{ id: call, type: call_workflow, workflow: {{child}}, profile: { {{key}}: "${ input.to }" } }]
                """, """{"to":"http://127.0.0.1:1"}""");

            var failed = await EndedAsync(run, RunStatus.Failed);

            Assert.Equal("run.profile-closed", failed.Error!.Type);
            Assert.Contains(told, failed.Error.Detail, StringComparison.Ordinal);
        }
    }
}
