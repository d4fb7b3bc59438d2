using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Countersign.Checkpoints;
using Countersign.Ledger;

namespace Countersign.Core.Tests.Checkpoints;

/// <summary>A key in memory.</summary>
internal sealed class TestSigner : ICheckpointSigner
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TestSigner() => Key = CheckpointKey.From(key);

    public CheckpointKey Key { get; }

    /// <summary>What is done to what it answers.</summary>
    public Func<byte[], byte[]> Change { get; set; } = halves => halves;

    public ValueTask<byte[]> SignAsync(Hash256 digest, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Change(key.SignHash(digest.ToArray())));
}

/// <summary>Logs in memory, whose reads are counted and whose entries can be tampered with.</summary>
internal sealed class MemoryLog : ILogSource
{
    public Dictionary<string, List<StoredEntry>> Logs { get; } = new(StringComparer.Ordinal);

    /// <summary>How many entries were read.</summary>
    public int EntriesRead { get; set; }

    /// <summary>A tenant that is as if it had never been.</summary>
    public string? Hidden { get; set; }

    public ValueTask<IReadOnlyList<string>> ReadTenantsAsync(CancellationToken cancellationToken = default) => new([.. Logs.Keys.Where(name => name != Hidden)]);

    public ValueTask<LogHead> ReadHeadAsync(string tenant, CancellationToken cancellationToken = default) =>
        new(tenant != Hidden && Logs[tenant] is [.., var last] log ? new LogHead(log.Count, last.Hash()) : default);

    public ValueTask<IReadOnlyList<StoredEntry>> ReadEntriesAsync(string tenant, long fromSequence, int limit, CancellationToken cancellationToken = default)
    {
        Assert.InRange(limit, 1, 1000);
        var page = Logs[tenant].Skip((int)fromSequence - 1).Take(limit).Select(entry => entry.Erase()).ToList();
        EntriesRead += page.Count;
        return new(page);
    }
}

/// <summary>A place of checkpoints in memory.</summary>
internal sealed class MemoryStore : ICheckpointStore
{
    public SortedDictionary<long, StoredCheckpoint> Notes { get; } = [];

    public Dictionary<long, byte[]> States { get; } = [];

    public ValueTask<StoredCheckpoint?> ReadNewestAsync(string tenant, CancellationToken cancellationToken = default) =>
        new(Notes.Count == 0 ? null : Notes[Notes.Keys.Max()]);

    public async IAsyncEnumerable<StoredCheckpoint> ReadAllAsync(string tenant, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var note in Notes.Values.ToImmutableArray())
        {
            yield return await ValueTask.FromResult(note);
        }
    }

    public ValueTask<ReadOnlyMemory<byte>?> ReadStateAsync(string tenant, long size, CancellationToken cancellationToken = default) =>
        new(States.TryGetValue(size, out var state) ? state.AsMemory() : default(ReadOnlyMemory<byte>?));

    public ValueTask<StoredCheckpoint?> CreateAsync(
        string tenant, StoredCheckpoint checkpoint, ReadOnlyMemory<byte> state, CancellationToken cancellationToken = default)
    {
        if (Notes.TryGetValue(checkpoint.Size, out var there))
        {
            return new(there);
        }

        States[checkpoint.Size] = state.ToArray();
        Notes[checkpoint.Size] = checkpoint;
        return new((StoredCheckpoint?)null);
    }
}
