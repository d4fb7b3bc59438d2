using System.Text.Json;
using Countersign.Access;
using Countersign.Host.Terminal;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Workflows;
using Microsoft.Extensions.Logging.Abstractions;
using Vote = Countersign.Host.Terminal.Vote;

namespace Countersign.Host.Tests;

public sealed class LiveRunTests : IDisposable
{
    private const string Two = """
        language: "1.0"
        name: two
        version: 1.0.0
        start: ok
        steps: [ { id: ok, type: approval, approvers: { users: [ann, ben] }, quorum: 2, show: { n: 1 } } ]
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("countersign-live-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task Follow_QuorumOfTwo_TakesOneVoteOfThePersonAtTheTerminal(bool isOnePerson, int votes)
    {
        await using var host = await LocalHost.OpenAsync(new LocalHostOptions { Data = folder }, NullLoggerFactory.Instance);
        var requester = new Principal("acme", "eve", [Role.Engineer]);
        await host.Core.Workflows.SaveAsync(requester, DefinitionReader.ReadValid(System.Text.Encoding.UTF8.GetBytes(Two)), SaveRequest.Plain());
        var started = await host.Api.Starts.StartAsync(requester, new StartRequest { Workflow = "two", Input = JsonElement.Parse("{}") });
        var run = new RunIdentity("acme", started.Run.Id);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        var follow = new LiveRun(host, new Yes(isOnePerson)).FollowAsync(run, 0, patience.Token);
        if (isOnePerson)
        {
            Assert.Contains("another person", (await Assert.ThrowsAsync<NobodyToAskException>(() => follow)).Message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(RunStatus.Completed, (await follow).Status);
        }

        var voted = (await host.Core.Parts.Ledger.ReadRunEntriesAsync("acme", run.Id, 0, 100))
            .Where(stored => EntryCodec.Decode(stored.Bytes.Span).Type == EventTypes.ApprovalVoted)
            .Select(stored => JsonElement.Parse(stored.Payload.Span).GetProperty("via").GetString())
            .ToArray();
        Assert.Equal(Enumerable.Repeat("cli", votes), voted);
    }

    private sealed class Yes(bool isOnePerson) : IAnswer
    {
        public bool IsOnePerson => isOnePerson;

        public (Vote Vote, string? Reason) Decide(AskedApproval asked) => (Vote.Approved, null);

        public JsonElement Fill(AskedForm asked) => JsonElement.Parse("{}");
    }
}
