using System.Text;
using Countersign.Checkpoints;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Core.Tests.Ledger.Verification;
using Countersign.Ledger;
using Countersign.Merkle;

namespace Countersign.Core.Tests.Checkpoints;

public sealed class SealerTests
{
    private const string Tenant = "acme";
    private static readonly List<StoredEntry> Whole = SampleLog.Of(Tenant, 300);

    private readonly MemoryLog log = new();
    private readonly MemoryStore store = new();
    private readonly TestSigner signer = new();
    private Sealer sealer;

    public SealerTests()
    {
        log.Logs[Tenant] = [];
        sealer = Restart();
    }

    [Fact]
    public async Task Seal_EmptyLog_IsCurrentAndWritesNothing()
    {
        Assert.Equal(SealResult.Current, (await SealAsync()).Result);
        Assert.Empty(store.Notes);
    }

    [Fact]
    public async Task Seal_GrowingLog_SignsTheRootOfEachSize()
    {
        foreach (var size in (int[])[1, 2, 7, 64, 65, 300])
        {
            Grow(size);
            var outcome = await SealAsync();
            Assert.Equal(SealResult.Sealed, outcome.Result);
            Assert.Equal(new Checkpoint("countersign/acme", size, RootOf(Whole, size)), outcome.Newest);
            Assert.Equal(outcome.Newest, SignedCheckpoint.Open(store.Notes[size].Note.Span, "countersign/acme", [signer.Key]));
            Assert.Equal(SealResult.Current, (await SealAsync()).Result);
        }

        Assert.Equal(6, store.Notes.Count);
        Assert.Equal(SealResult.Current, (await sealer.RecheckAsync(Tenant)).Result);
    }

    [Fact]
    public async Task Seal_LaterRounds_ReadOnlyWhatIsNew()
    {
        await SealAtAsync(290);
        log.EntriesRead = 0;
        await SealAtAsync(300);
        Assert.Equal(11, log.EntriesRead);
        sealer = Restart();
        log.EntriesRead = 0;
        Assert.Equal(SealResult.Current, (await SealAsync()).Result);
        Assert.Equal(1, log.EntriesRead);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Seal_WithoutItsState_RebuildsItFromTheLog(bool damaged)
    {
        await SealAtAsync(200);
        store.States[200] = damaged ? [.. store.States[200][..^1], (byte)(store.States[200][^1] ^ 1)] : [];
        sealer = Restart();
        Assert.Equal(RootOf(Whole, 300), (await SealAtAsync(300)).Newest!.Root);
    }

    [Fact]
    public async Task Seal_WithoutStateAndOtherEntries_IsRefused()
    {
        await SealAtAsync(200);
        store.States.Clear();
        sealer = Restart();
        log.Logs[Tenant][10] = SampleLog.Edit(Whole[10], entry => entry with { Actor = "u-8" });
        await RefusedAsync(CheckpointErrorCodes.RootMismatch);
    }

    [Fact]
    public async Task Seal_ShorterLog_IsRefused()
    {
        await SealAtAsync(200);
        log.Logs[Tenant].RemoveRange(150, 50);
        await RefusedAsync(CheckpointErrorCodes.LogShorter);
        log.Logs[Tenant].Clear();
        await RefusedAsync(CheckpointErrorCodes.LogShorter);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(220)]
    public async Task Seal_RewrittenEnd_IsRefused(int length)
    {
        await SealAtAsync(200);
        log.Logs[Tenant] = Rewritten(150, length);
        await RefusedAsync(CheckpointErrorCodes.RootMismatch);
        sealer = Restart();
        await RefusedAsync(CheckpointErrorCodes.RootMismatch);
    }

    [Fact]
    public async Task Seal_BrokenChainInWhatIsNew_IsRefused()
    {
        await SealAtAsync(200);
        Grow(300);
        log.Logs[Tenant][250] = SampleLog.Edit(Whole[250], entry => entry with { Actor = "u-8" });
        await RefusedAsync(VerifyFaultCodes.HashMismatch);
        log.Logs[Tenant][250] = Whole[250];
        Assert.Equal(SealResult.Sealed, (await SealAsync()).Result);
    }

    [Fact]
    public async Task Seal_HeadThatIsNotTheLastEntry_IsRefused()
    {
        log.Logs[Tenant] = [.. Whole[..9], SampleLog.Of("globex", 10)[9]];
        await RefusedAsync(VerifyFaultCodes.ForeignTenant);
    }

    [Fact]
    public async Task Seal_OldEntryChanged_IsFoundByRecheck()
    {
        await SealAtAsync(200);
        log.Logs[Tenant][100] = SampleLog.Edit(Whole[100], entry => entry with { Actor = "u-8" });
        var outcome = await sealer.RecheckAsync(Tenant);
        Assert.Equal(SealResult.Refused, outcome.Result);
        Assert.Contains(outcome.Faults, fault => fault is { Code: CheckpointErrorCodes.RootMismatch, Size: 200 });
        Assert.Contains(outcome.Faults, fault => fault is { Code: VerifyFaultCodes.HashMismatch, Size: 102 });
    }

    [Fact]
    public async Task Seal_CheckpointGone_IsRefused()
    {
        await SealAtAsync(100);
        await SealAtAsync(200);
        store.Notes.Remove(200);
        await RefusedAsync(CheckpointErrorCodes.Missing);
        store.Notes.Clear();
        await RefusedAsync(CheckpointErrorCodes.Missing);
    }

    [Fact]
    public async Task Seal_CheckpointOfSomebodyElse_IsRefused()
    {
        store.Notes[1] = new StoredCheckpoint(1, await SignedCheckpoint.SignAsync(new Checkpoint("countersign/acme", 1, RootOf(Whole, 1)), new TestSigner()));
        Grow(10);
        await RefusedAsync(CheckpointErrorCodes.Unsigned);
        store.Notes[1] = new StoredCheckpoint(1, await SignedCheckpoint.SignAsync(new Checkpoint("countersign/globex", 1, RootOf(Whole, 1)), signer));
        await RefusedAsync(CheckpointErrorCodes.ForeignOrigin);
        store.Notes[1] = new StoredCheckpoint(1, Encoding.UTF8.GetBytes("rubbish"));
        await RefusedAsync(CheckpointErrorCodes.NoteMalformed);
        store.Notes[1] = new StoredCheckpoint(1, await SignedCheckpoint.SignAsync(new Checkpoint("countersign/acme", 2, RootOf(Whole, 2)), signer));
        await RefusedAsync(CheckpointErrorCodes.Misplaced);
    }

    [Fact]
    public async Task Seal_TwoSealersOfOneLog_AgreeAndGoOn()
    {
        var other = Restart();
        foreach (var size in (int[])[50, 100, 200, 300])
        {
            Grow(size);
            var (first, second) = size % 100 == 0 ? (sealer, other) : (other, sealer);
            Assert.Equal(SealResult.Sealed, (await first.SealAsync(Tenant)).Result);
            Assert.Equal(SealResult.Current, (await second.SealAsync(Tenant)).Result);
        }
    }

    [Fact]
    public async Task Seal_AnotherRootSignedForTheSameSize_IsAFork()
    {
        await SealAtAsync(100);
        Grow(200);
        var fork = await SignedCheckpoint.SignAsync(new Checkpoint("countersign/acme", 200, Hash256.Of("x"u8)), signer);
        var late = new LateStore(store, new StoredCheckpoint(200, fork));
        var outcome = await new Sealer(log, late, signer).SealAsync(Tenant);
        Assert.Equal((SealResult.Refused, CheckpointErrorCodes.Fork), (outcome.Result, outcome.Faults.Single().Code));
    }

    [Fact]
    public async Task Seal_NewKey_GoesOnWhereTheFormerIsTrusted()
    {
        await SealAtAsync(100);
        Grow(200);
        var next = new TestSigner();
        Assert.Equal(CheckpointErrorCodes.Unsigned, (await new Sealer(log, store, next).SealAsync(Tenant)).Faults.Single().Code);
        var outcome = await new Sealer(log, store, next, new SealerOptions { FormerKeys = [signer.Key] }).SealAsync(Tenant);
        Assert.Equal(SealResult.Sealed, outcome.Result);
    }

    [Fact]
    public async Task Seal_SignerThatFails_KeepsNothing()
    {
        Grow(10);
        signer.Change = _ => new byte[64];
        await RefusedAsync(CheckpointErrorCodes.BadSignature);
        signer.Change = halves => halves;
        Assert.Equal(SealResult.Sealed, (await SealAsync()).Result);
    }

    [Fact]
    public async Task SealAll_OneTenantRefused_SealsTheOthers()
    {
        log.Logs[Tenant] = [.. Whole[..9], Whole[10]];
        log.Logs["globex"] = SampleLog.Of("globex", 5);
        var results = new List<(string, SealResult)>();
        await foreach (var outcome in sealer.SealAllAsync())
        {
            results.Add((outcome.Tenant, outcome.Result));
        }

        Assert.Equal([(Tenant, SealResult.Refused), ("globex", SealResult.Sealed)], results);
    }

    [Fact]
    public async Task SealAll_TenantWhoseNameIsGone_IsRefused()
    {
        await SealAtAsync(100);
        log.Hidden = Tenant;
        var outcomes = new List<SealOutcome>();
        await foreach (var outcome in sealer.SealAllAsync())
        {
            outcomes.Add(outcome);
        }

        Assert.Equal(CheckpointErrorCodes.LogShorter, Assert.Single(outcomes).Faults.Single().Code);
    }

    internal static Hash256 RootOf(List<StoredEntry> log, int size)
    {
        var tree = new MerkleTree();
        foreach (var entry in log.Take(size))
        {
            tree.Append(MerkleHash.Leaf(entry.Hash()));
        }

        return tree.Root();
    }

    private static List<StoredEntry> Rewritten(int from, int length)
    {
        var random = new Seeded(77);
        var log = Whole.Take(from).ToList();
        while (log.Count < length)
        {
            log.Add(SampleLog.Entry(Tenant, log.Count + 1, log.Count == 0 ? Hash256.Zero : log[^1].Hash(), ref random));
        }

        return log;
    }

    private Sealer Restart() => new(log, store, signer);

    private void Grow(int size) => log.Logs[Tenant] = Whole[..size];

    private async Task<SealOutcome> SealAtAsync(int size)
    {
        Grow(size);
        var outcome = await SealAsync();
        Assert.Equal(SealResult.Sealed, outcome.Result);
        return outcome;
    }

    private Task<SealOutcome> SealAsync() => sealer.SealAsync(Tenant);

    private async Task RefusedAsync(string code)
    {
        var before = store.Notes.Count;
        var outcome = await SealAsync();
        Assert.Equal(SealResult.Refused, outcome.Result);
        Assert.Equal(code, outcome.Faults[0].Code);
        Assert.Equal(before, store.Notes.Count);
    }

    /// <summary>Another sealer is quicker, after this one has looked.</summary>
    private sealed class LateStore(MemoryStore inner, StoredCheckpoint first) : ICheckpointStore
    {
        public ValueTask<StoredCheckpoint?> ReadNewestAsync(string tenant, CancellationToken cancellationToken = default) => inner.ReadNewestAsync(tenant, cancellationToken);

        public IAsyncEnumerable<StoredCheckpoint> ReadAllAsync(string tenant, CancellationToken cancellationToken = default) => inner.ReadAllAsync(tenant, cancellationToken);

        public ValueTask<ReadOnlyMemory<byte>?> ReadStateAsync(string tenant, long size, CancellationToken cancellationToken = default) =>
            inner.ReadStateAsync(tenant, size, cancellationToken);

        public async ValueTask<StoredCheckpoint?> CreateAsync(
            string tenant, StoredCheckpoint checkpoint, ReadOnlyMemory<byte> state, CancellationToken cancellationToken = default)
        {
            await inner.CreateAsync(tenant, first, state, cancellationToken);
            return await inner.CreateAsync(tenant, checkpoint, state, cancellationToken);
        }
    }
}
