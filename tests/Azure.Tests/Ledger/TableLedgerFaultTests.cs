using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Countersign.Azure.Artifacts;
using Countersign.Azure.Ledger;
using Countersign.Ledger;
using Countersign.Tests.Tools;

namespace Countersign.Azure.Tests.Ledger;

/// <summary>What a network does to commits: requests that never arrive, answers that never come back, and writers in other processes.</summary>
[Collection(AzuriteCollection.Name)]
[NeedsAzurite]
public sealed class TableLedgerFaultTests(Azurite azurite)
{
    private const string Tenant = "acme";

    private readonly string prefix = "t" + Guid.NewGuid().ToString("N")[..16];
    private readonly Faults faults = new();

    [Fact]
    public async Task CommitAsync_ManyProcessesAndLostAnswers_NothingLostNothingTwice()
    {
        const int Rounds = 12;
        faults.LoseAnswerOf = n => n % 7 == 3;
        faults.LoseRequestOf = n => n % 11 == 5;
        var ledgers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => OpenAsync()));
        var repeated = await Task.WhenAll(Enumerable.Range(0, 12).Select(async w =>
        {
            var (ledger, said) = (ledgers[w % ledgers.Length], 0);
            for (var i = 0; i < Rounds; i++)
            {
                var before = await ledger.ReadRowAsync(Tenant, $"row|{w}");
                var write = before is null
                    ? RowWrite.Insert($"row|{w}", Bytes("1"))
                    : RowWrite.Replace(before.Key, Bytes($"{int.Parse(Text(before.Value), null) + 1}"), before.Version);
                var receipt = await ledger.CommitAsync(Tenant, new LedgerCommit { Rows = [write], Entries = [Entry($"{w}/{i}/a"), Entry($"{w}/{i}/b")] });
                said += receipt.Repeated ? 1 : 0;
            }

            return said;
        }));

        var ledgerNow = ledgers[0];
        var verifier = new ChainVerifier(ChainStart.Genesis(Tenant));
        var ids = new List<string>();
        foreach (var stored in await ledgerNow.ReadEntriesAsync(Tenant, 1, 1000))
        {
            verifier.Add(stored);
            ids.Add(EntryCodec.Decode(stored.Bytes.Span).EventId);
        }

        Assert.True(verifier.Finish().Intact);
        Assert.Equal(12 * Rounds * 2, ids.Count);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(0, repeated.Sum());
        Assert.All(await ledgerNow.ScanRowsAsync(Tenant, "row|", null, 100), row => Assert.Equal($"{Rounds}", Text(row.Value)));

        // Commits that wait together share a transaction: no fewer than one for each round of each ledger, of which 8 are lost.
        Assert.True(faults.Lost >= 8, $"{faults.Lost} faults were injected.");
    }

    [Fact]
    public async Task CommitAsync_RowsOnlyAndTheAnswerIsLost_IsNoConflict()
    {
        var ledger = await OpenAsync();
        await ledger.CommitAsync(Tenant, new LedgerCommit { Rows = [RowWrite.Insert("row", Bytes("1"))] });
        var before = await ledger.ReadRowAsync(Tenant, "row");
        faults.LoseAnswerOf = n => n == 1;
        faults.Reset();

        await ledger.CommitAsync(Tenant, new LedgerCommit { Rows = [RowWrite.Replace("row", Bytes("2"), before!.Version)] });

        Assert.Equal(1, faults.Lost);
        Assert.Equal("2", Text((await ledger.ReadRowAsync(Tenant, "row"))!.Value));
    }

    [Fact]
    public async Task CommitAsync_CallWhoseAnswerIsLost_GivesItsVersion()
    {
        var ledger = await OpenAsync();
        faults.LoseAnswerOf = n => n == 1;
        var receipt = await ledger.CommitAsync(Tenant, new LedgerCommit { Call = new CallRecord("run", "k", 1, "n", null) });

        Assert.Equal(1, faults.Lost);
        Assert.Equal((await ledger.ReadCallAsync(Tenant, "run", "k"))!.Version, receipt.CallVersion);
    }

    [Fact]
    public async Task CommitAsync_OneOfManyConflicts_TheOthersSucceed()
    {
        var ledger = await OpenAsync();
        await ledger.CommitAsync(Tenant, new LedgerCommit { Rows = [RowWrite.Insert("row|3", Bytes("taken"))] });
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
        {
            try
            {
                await ledger.CommitAsync(Tenant, new LedgerCommit { Rows = [RowWrite.Insert($"row|{i}", Bytes("new"))], Entries = [Entry($"{i}")] });
                return true;
            }
            catch (LedgerConflictException)
            {
                return false;
            }
        }));

        Assert.Equal(Enumerable.Range(0, 10).Select(i => i != 3), outcomes);
        Assert.Equal(9, (await ledger.ReadHeadAsync(Tenant)).Sequence);
        Assert.InRange(faults.Sent, 2, 8);
    }

    [Fact]
    public async Task CommitAsync_RowsToDeleteThatAreGone_CostOneMoreTry()
    {
        var ledger = await OpenAsync();
        await ledger.CommitAsync(Tenant, new LedgerCommit { Rows = [RowWrite.Put("here", Bytes("1"))] });
        faults.Reset();
        await ledger.CommitAsync(Tenant, new LedgerCommit
        {
            Rows = [RowWrite.DeleteIfPresent("gone|1"), RowWrite.DeleteIfPresent("here"), RowWrite.DeleteIfPresent("gone|2")],
            Entries = [Entry("a")],
        });

        Assert.Equal(2, faults.Sent);
        Assert.Null(await ledger.ReadRowAsync(Tenant, "here"));
    }

    [Fact]
    public async Task CommitAsync_ServiceOutOfReach_IsUnavailableAndSucceedsLater()
    {
        var ledger = await OpenAsync(attempts: 2);
        faults.LoseRequestOf = _ => true;
        var commit = new LedgerCommit { Entries = [Entry("a")] };
        await Assert.ThrowsAsync<LedgerUnavailableException>(async () => await ledger.CommitAsync(Tenant, commit));
        faults.LoseRequestOf = _ => false;

        Assert.False((await ledger.CommitAsync(Tenant, commit)).Repeated);
    }

    [Fact]
    public async Task CommitAsync_PayloadOverThirtyTwoKibibytes_GoesApartAndComesBack()
    {
        var ledger = await OpenAsync();
        var payload = Bytes("\"" + new string('p', 100_000) + "\"");
        var answer = Bytes("\"" + new string('a', 100_000) + "\"");
        await ledger.CommitAsync(Tenant, new LedgerCommit
        {
            Entries = [Entry("a") with { Payload = payload }],
            Call = new CallRecord("run", "k", 1, "n", answer),
        });

        Assert.True((await ledger.ReadEntriesAsync(Tenant, 1, 1))[0].Payload.Span.SequenceEqual(payload.Span));
        Assert.True((await ledger.ReadCallAsync(Tenant, "run", "k"))!.Answer!.Value.Span.SequenceEqual(answer.Span));
        var blobs = new BlobContainerClient(azurite.ConnectionString, prefix + "-payloads").GetBlobs().ToList();
        Assert.Equal(2, blobs.Count);
    }

    private async Task<TableLedger> OpenAsync(int attempts = 8)
    {
        var blobs = new BlobServiceClient(azurite.ConnectionString);
        var payloads = await BlobArtifactStore.OpenAsync(blobs.GetBlobContainerClient(prefix + "-payloads"), new byte[32]);
        return await TableLedger.OpenAsync(
            options =>
            {
                options.AddPolicy(faults, HttpPipelinePosition.PerRetry);
                return new TableServiceClient(azurite.ConnectionString, options);
            },
            payloads,
            new TableLedgerOptions { Prefix = prefix, Attempts = attempts });
    }

    private static EntryDraft Entry(string id) => new()
    {
        EventId = id,
        Type = EventTypes.StepCompleted,
        Run = "run",
        Payload = Bytes("{}"),
    };

    private static ReadOnlyMemory<byte> Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);

    /// <summary>Loses transactions on their way, or their answers.</summary>
    private sealed class Faults : HttpPipelinePolicy
    {
        private int sent;
        private int lost;

        public Func<int, bool> LoseRequestOf { get; set; } = _ => false;

        public Func<int, bool> LoseAnswerOf { get; set; } = _ => false;

        public int Sent => sent;

        public int Lost => lost;

        public void Reset() => sent = lost = 0;

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            if (!message.Request.Uri.ToUri().AbsolutePath.EndsWith("$batch", StringComparison.Ordinal))
            {
                await ProcessNextAsync(message, pipeline);
                return;
            }

            var number = Interlocked.Increment(ref sent);
            if (LoseRequestOf(number))
            {
                Interlocked.Increment(ref lost);
                throw new IOException("The request was lost.");
            }

            await ProcessNextAsync(message, pipeline);
            if (LoseAnswerOf(number))
            {
                Interlocked.Increment(ref lost);
                throw new IOException("The answer was lost.");
            }
        }
    }
}
