using Countersign.Artifacts;
using Countersign.Ledger;

namespace Countersign.Engine.Tests.Runs;

/// <summary>Fails every call twice before it lets it through; with lost acknowledgements, commits happen and only their answers get lost.</summary>
internal sealed class FlakyLedger(ILedger inner, bool lostAcknowledgement) : ILedger
{
    private int calls;

    public int Failures { get; private set; }

    public async ValueTask<CommitReceipt> CommitAsync(string tenant, LedgerCommit commit, CancellationToken cancellationToken = default)
    {
        if (Fails() && lostAcknowledgement)
        {
            await inner.CommitAsync(tenant, commit, cancellationToken);
        }

        return failing ? throw Away() : await inner.CommitAsync(tenant, commit, cancellationToken);
    }

    private bool failing;

    public ValueTask<Row?> ReadRowAsync(string tenant, string key, CancellationToken cancellationToken = default) =>
        Fails() ? throw Away() : inner.ReadRowAsync(tenant, key, cancellationToken);

    public ValueTask<IReadOnlyList<Row>> ScanRowsAsync(string tenant, string prefix, string? after, int limit, CancellationToken cancellationToken = default) =>
        Fails() ? throw Away() : inner.ScanRowsAsync(tenant, prefix, after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<DueRow>> ScanDueAsync(DateTimeOffset until, int limit, CancellationToken cancellationToken = default) =>
        Fails() ? throw Away() : inner.ScanDueAsync(until, limit, cancellationToken);

    public ValueTask<CallRecord?> ReadCallAsync(string tenant, string run, string callKey, CancellationToken cancellationToken = default) =>
        Fails() ? throw Away() : inner.ReadCallAsync(tenant, run, callKey, cancellationToken);

    public ValueTask<IReadOnlyList<CallRecord>> ReadRunCallsAsync(string tenant, string run, CancellationToken cancellationToken = default) =>
        Fails() ? throw Away() : inner.ReadRunCallsAsync(tenant, run, cancellationToken);

    public ValueTask<IReadOnlyList<StoredEntry>> ReadEntriesAsync(string tenant, long fromSequence, int limit, CancellationToken cancellationToken = default) =>
        Fails() ? throw Away() : inner.ReadEntriesAsync(tenant, fromSequence, limit, cancellationToken);

    public ValueTask<IReadOnlyList<StoredEntry>> ReadRunEntriesAsync(string tenant, string run, long afterSequence, int limit, CancellationToken cancellationToken = default) =>
        Fails() ? throw Away() : inner.ReadRunEntriesAsync(tenant, run, afterSequence, limit, cancellationToken);

    public ValueTask<LogHead> ReadHeadAsync(string tenant, CancellationToken cancellationToken = default) =>
        Fails() ? throw Away() : inner.ReadHeadAsync(tenant, cancellationToken);

    private static LedgerUnavailableException Away() => new("The store is away.");

    private bool Fails()
    {
        failing = calls++ % 3 < 2;
        Failures += failing ? 1 : 0;
        return failing;
    }
}

/// <summary>Fails every call twice before it lets it through.</summary>
internal sealed class FlakyArtifacts(IArtifactStore inner) : IArtifactStore
{
    private int calls;

    public int Failures { get; private set; }

    public Task PutAsync(string tenant, string hash, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        Fails() ? throw Away() : inner.PutAsync(tenant, hash, content, cancellationToken);

    public Task<ReadOnlyMemory<byte>?> GetAsync(string tenant, string hash, CancellationToken cancellationToken = default) =>
        Fails() ? throw Away() : inner.GetAsync(tenant, hash, cancellationToken);

    public Task DeleteAsync(string tenant, string hash, CancellationToken cancellationToken = default) =>
        Fails() ? throw Away() : inner.DeleteAsync(tenant, hash, cancellationToken);

    private static LedgerUnavailableException Away() => new("The artifacts are away.");

    private bool Fails()
    {
        var fails = calls++ % 3 < 2;
        Failures += fails ? 1 : 0;
        return fails;
    }
}
