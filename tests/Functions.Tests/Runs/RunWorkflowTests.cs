using System.Text.Json;
using Countersign.Artifacts;
using Countersign.Azure;
using Countersign.Composition;
using Countersign.Functions.Hosting;
using Countersign.Functions.Runs;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Moq;

namespace Countersign.Functions.Tests.Runs;

public sealed class RunWorkflowTests
{
    private static readonly Definition Two = DefinitionReader.Read("""
        language: "1.0"
        name: two
        version: 1.0.0
        start: a
        steps:
          - { id: a, type: emit, event: custom.a, next: b }
          - { id: b, type: emit, event: custom.b }
        """).Definition!;

    private readonly FakeContext context = new();

    [Fact]
    public async Task RunAsync_ClaimedBySomebodyElse_EndsWithoutATrace()
    {
        context.Answer = (_, _) => Task.FromResult(new CallOutput());
        Assert.Equal(new RunOutcome("other"), await RunAsync());

        var claim = Assert.Single(context.Calls);
        Assert.Equal("ClaimRun", claim.Name);

        // What the instance is called and nothing that is drawn: a turn that is taken again at another time must claim as the one before it.
        Assert.Equal($"{context.Input.Tenant}:{context.Input.Run}", claim.Input.Request!.Value.GetProperty("Nonce").GetString());
    }

    [Fact]
    public async Task RunAsync_TwoSteps_CostAnActivityEachBesideClaimAndEnd()
    {
        context.Answer = Answering();
        Assert.Equal(new RunOutcome("completed"), await RunAsync());

        Assert.Equal(["ClaimRun", "RunStep", "RunStep", "EndRun"], context.Calls.Select(call => call.Name));
    }

    [Fact]
    public async Task RunAsync_AnswerOfAnotherCall_ParksTheRunWithExpectedAndFound()
    {
        var answering = Answering();
        context.Answer = (name, input) => name == "RunStep" ? Task.FromResult(context.Done("ghost:1:1")) : answering(name, input);
        var ended = await Assert.ThrowsAsync<RunNotCompletedException>(() => RunAsync());
        Assert.Equal(("parked", "run.replay-mismatch"), (ended.Status, ended.Code));

        var park = context.Calls[^1];
        Assert.Equal("ParkRun", park.Name);
        Assert.Equal("ghost:1:1", park.Input.Request!.Value.GetProperty("Expected").GetString());
        Assert.Equal("a:1:1", park.Input.Request.Value.GetProperty("Found").GetString());
    }

    [Fact]
    public async Task RunAsync_DefinitionIsNotTheOneOfTheHash_ParksTheRun()
    {
        var answering = Answering(JsonElement.Parse("""{"language":"1.0"}"""));
        context.Answer = answering;
        await Assert.ThrowsAsync<RunNotCompletedException>(() => RunAsync());

        Assert.Equal("ParkRun", context.Calls[^1].Name);
        Assert.Equal("definition-changed", context.Calls[^1].Input.Request!.Value.GetProperty("Fault").GetString());
    }

    [Theory]
    [InlineData("InvalidOperationException", null, "InvalidOperationException")]
    [InlineData(null, "403 AuthorizationFailure", "ledger.refused, 403 AuthorizationFailure")]
    public async Task RunAsync_ActivityIsNotToBeRepeated_ParksTheRunWithWhatItMet(string? fault, string? refused, string code)
    {
        var answering = Answering();
        context.Answer = (name, input) => name == "RunStep" ? Task.FromResult(new CallOutput { Fault = fault, Refused = refused }) : answering(name, input);
        var ended = await Assert.ThrowsAsync<RunNotCompletedException>(() => RunAsync());

        Assert.Equal(("parked", code), (ended.Status, ended.Code));
        var park = context.Calls[^1].Input.Request!.Value;
        Assert.Equal(fault, park.TryGetProperty("Fault", out var kept) ? kept.GetString() : null);
        Assert.Equal(refused, park.TryGetProperty("Refused", out var what) ? what.GetString() : null);
    }

    [Fact]
    public async Task RunAsync_LongHistory_ContinuesAsNewWithItsStateAndTheEventsThatWait()
    {
        context.Answer = Answering();
        Assert.Null(await RunAsync(continueAsNewAfter: 1));
        var (input, keepsEvents) = context.Continued!.Value;
        Assert.Equal(["ClaimRun", "RunStep"], context.Calls.Select(call => call.Name));
        Assert.True(keepsEvents);

        // What the next generation gets went through JSON.
        var next = new FakeContext { Input = JsonSerializer.Deserialize<RunInput>(JsonSerializer.Serialize(input))!, Answer = context.Answer };
        await RunAsync(continueAsNewAfter: 100, next);
        Assert.Equal(["RunStep", "EndRun"], next.Calls.Select(call => call.Name));
        Assert.Equal("b", next.Calls[0].Input.Request!.Value.GetProperty("stepId").GetString());
    }

    [Theory]
    [InlineData("acme", "acme:0195a3c27b1e7c44b6a1d0e5f2a39c01")]
    [InlineData("a/b", null)]
    [InlineData("a b#?\\", null)]
    [InlineData("@acme", null)]
    [InlineData("a-very-long-tenant-name-a-very-long-tenant-name-a-very-long-tenant-name-a-very-long-tenant-name", null)]
    public void Instance_AnyTenant_IsAnIdThatDurableTakes(string tenant, string? expected)
    {
        var id = Names.Instance(new RunIdentity(tenant, "0195a3c27b1e7c44b6a1d0e5f2a39c01"));
        Assert.Matches("^[^/\\\\#?@\\s][^/\\\\#?\\s]{0,99}$", id);
        Assert.True(expected is null || expected == id);
        Assert.NotEqual(id, Names.Instance(new RunIdentity(tenant + "x", "0195a3c27b1e7c44b6a1d0e5f2a39c01")));
    }

    [Fact]
    public void Event_KeysThatDifferInCaseOnly_HaveDifferentNames() =>
        Assert.NotEqual(Names.Event("Ask:1:1"), Names.Event("ask:1:1"), StringComparer.OrdinalIgnoreCase);

    private Func<string, CallInput, Task<CallOutput>> Answering(JsonElement? definition = null) => (name, input) => Task.FromResult(name switch
    {
        "ClaimRun" => new CallOutput { Claim = new ClaimedRun(Start(), definition ?? JsonElement.Parse(Two.Canonical.Span)) },
        "EndRun" => context.Done("$end:1:1"),
        "ParkRun" => new CallOutput(),
        _ => context.Done(input.Request!.Value.GetProperty("stepId").GetString() + ":1:1"),
    });

    private JsonElement Start()
    {
        var nothing = new RunValue { Inline = JsonElement.Parse("{}"), Hash = new string('0', 64), Length = 2 };
        return JsonSerializer.SerializeToElement(
            new RunStart { Pin = new RunPin(Two.Hash, "root", "correlation", "alice"), Input = nothing, Profile = nothing, Started = context.Now },
            OrchestrationJson.Default.RunStart);
    }

    private Task<RunOutcome?> RunAsync(int continueAsNewAfter = 100, FakeContext? on = null)
    {
        var core = new CoreServices(new CoreParts { Ledger = Mock.Of<ILedger>(), Artifacts = Mock.Of<IArtifactStore>(), Executors = [] });
        var settings = new HostSettings { Stores = new AzureStoresOptions { ArtifactKey = "" }, ContinueAsNewAfter = continueAsNewAfter };
        return new RunWorkflow(core, settings).RunAsync((on ?? context).Object);
    }
}
