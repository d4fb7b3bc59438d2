using Countersign.Checkpoints;
using Countersign.Ledger;

namespace Countersign.Conformance.Checkpoints;

/// <summary>
/// What <see cref="ILogSource"/> promises, held against the ledger that wrote the log, while that ledger is open: a sealer reads
/// beside its writer.
/// </summary>
public abstract class LogSourceConformance : IAsyncLifetime
{
    /// <summary>The ledger that writes.</summary>
    protected ILedger Ledger { get; private set; } = null!;

    /// <summary>The source under test.</summary>
    protected ILogSource Source { get; private set; } = null!;

    /// <summary>A tenant that no other test uses, with characters that a key cannot carry.</summary>
    protected string Acme { get; } = "acme/#?" + Guid.NewGuid().ToString("N");

    /// <summary>Opens a ledger of this test's own, and a source that reads it.</summary>
    protected abstract Task<(ILedger Ledger, ILogSource Source)> OpenAsync();

    /// <summary>Removes both.</summary>
    protected virtual Task CleanAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task InitializeAsync() => (Ledger, Source) = await OpenAsync();

    /// <inheritdoc/>
    public Task DisposeAsync() => CleanAsync();

    [Fact]
    public async Task Read_UnknownTenant_IsAnEmptyLog()
    {
        Assert.Equal(default, await Source.ReadHeadAsync(Acme));
        Assert.Empty(await Source.ReadEntriesAsync(Acme, 1, 1000));
        Assert.DoesNotContain(Acme, await Source.ReadTenantsAsync());
    }

    [Fact]
    public async Task Read_WhatTheLedgerWrote_IsTheSameBytesWithoutPayload()
    {
        await WriteAsync(45);
        Assert.Equal(await Ledger.ReadHeadAsync(Acme), await Source.ReadHeadAsync(Acme));
        Assert.Contains(Acme, await Source.ReadTenantsAsync());
        var written = await Ledger.ReadEntriesAsync(Acme, 1, 1000);
        var read = await Source.ReadEntriesAsync(Acme, 1, 1000);
        Assert.Equal(written.Select(entry => entry.Hash()), read.Select(entry => entry.Hash()));
        Assert.All(read, entry => Assert.True(entry.IsErased && entry.Salt.IsEmpty));
        Assert.Equal(written.Skip(9).Take(20).Select(entry => entry.Hash()), (await Source.ReadEntriesAsync(Acme, 10, 20)).Select(entry => entry.Hash()));
        Assert.Empty(await Source.ReadEntriesAsync(Acme, 46, 10));
    }

    [Fact]
    public async Task Seal_WhileTheLedgerWrites_EachCheckpointHolds()
    {
        await WriteAsync(1);
        var store = new Places();
        using var signer = FileSigner.Create(Path.Combine(store.Folder, "key.pem"));
        var sealer = new Sealer(Source, store, signer);
        var writer = Task.Run(async () =>
        {
            for (var i = 2; i < 60; i++)
            {
                await WriteAsync(1, i);
            }
        });
        do
        {
            Assert.NotEqual(SealResult.Refused, (await sealer.SealAsync(Acme)).Result);
        }
        while (!writer.IsCompleted);
        await writer;
        await sealer.SealAsync(Acme);
        Assert.Equal((await Ledger.ReadHeadAsync(Acme)).Sequence, (await store.ReadNewestAsync(Acme))!.Size);
        Assert.Empty((await sealer.RecheckAsync(Acme)).Faults);
        Directory.Delete(store.Folder, recursive: true);
    }

    /// <summary>Writes entries.</summary>
    protected async Task WriteAsync(int count, int from = 1)
    {
        for (var i = from; i < from + count; i++)
        {
            var entry = new EntryDraft
            {
                EventId = EventId.InRun("run", "p", 1, 1, 1, EventTypes.StepCompleted, $"{i}"),
                Type = EventTypes.StepCompleted,
                Run = "run",
                Payload = "{}"u8.ToArray(),
            };
            await Ledger.CommitAsync(Acme, new LedgerCommit { Entries = [entry] });
        }
    }

    /// <summary>Checkpoints in memory: the place is not what is tested here.</summary>
    private sealed class Places : ICheckpointStore
    {
        private readonly SortedDictionary<long, (StoredCheckpoint Checkpoint, ReadOnlyMemory<byte> State)> kept = [];

        public string Folder { get; } = Directory.CreateTempSubdirectory("countersign-seal-").FullName;

        public ValueTask<StoredCheckpoint?> ReadNewestAsync(string tenant, CancellationToken cancellationToken = default) =>
            new(kept.Count == 0 ? null : kept[kept.Keys.Max()].Checkpoint);

        public IAsyncEnumerable<StoredCheckpoint> ReadAllAsync(string tenant, CancellationToken cancellationToken = default) =>
            kept.Values.Select(one => one.Checkpoint).ToList().ToAsyncEnumerable();

        public ValueTask<ReadOnlyMemory<byte>?> ReadStateAsync(string tenant, long size, CancellationToken cancellationToken = default) =>
            new(kept.TryGetValue(size, out var one) ? one.State : default(ReadOnlyMemory<byte>?));

        public ValueTask<StoredCheckpoint?> CreateAsync(
            string tenant, StoredCheckpoint checkpoint, ReadOnlyMemory<byte> state, CancellationToken cancellationToken = default) =>
            new(kept.TryAdd(checkpoint.Size, (checkpoint, state)) ? null : kept[checkpoint.Size].Checkpoint);
    }
}
