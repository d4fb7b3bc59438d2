using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Countersign.Ledger;
using Countersign.Merkle;

namespace Countersign.Checkpoints;

/// <summary>
/// Signs what a log has become. It reads the entries itself, recomputes chain and root from where it was, signs only what goes on
/// from the newest checkpoint, and writes only where nothing is. It shares nothing with the writer but the bytes of entries, and
/// needs no right to write a log. One call at a time; two sealers of one log do each other no harm.
/// </summary>
public sealed class Sealer
{
    private const int PageSize = 1000;

    private readonly Dictionary<string, (Checkpoint Newest, SealState State)> _known = new(StringComparer.Ordinal);
    private readonly ILogSource _log;
    private readonly ICheckpointStore _store;
    private readonly ICheckpointSigner _signer;
    private readonly string _name;
    private readonly ImmutableArray<CheckpointKey> _trusted;

    /// <summary>A sealer that knows nothing yet: for each tenant it begins with the newest checkpoint that is kept.</summary>
    /// <exception cref="ArgumentException">The name cannot stand in an origin.</exception>
    public Sealer(ILogSource log, ICheckpointStore store, ICheckpointSigner signer, SealerOptions? options = null)
    {
        options ??= new SealerOptions();
        _ = CheckpointOrigin.For(options.Name, "-");
        (_log, _store, _signer, _name) = (log, store, signer, options.Name);
        _trusted = [signer.Key, .. options.FormerKeys];
    }

    /// <summary>Seals the logs of all tenants, one after the other; what is wrong with one keeps no other from being sealed.</summary>
    /// <exception cref="LedgerUnavailableException">The logs cannot be read.</exception>
    /// <exception cref="CheckpointsUnavailableException">Place or key cannot be reached.</exception>
    public async IAsyncEnumerable<SealOutcome> SealAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // A tenant that was sealed before is looked at also where its name is gone: that is one way to lose a log.
        foreach (var tenant in (await _log.ReadTenantsAsync(cancellationToken)).Union(_known.Keys, StringComparer.Ordinal).ToList())
        {
            yield return await SealAsync(tenant, cancellationToken);
        }
    }

    /// <summary>Signs a checkpoint of a tenant's log if there is news and everything fits.</summary>
    /// <exception cref="LedgerUnavailableException">The log cannot be read.</exception>
    /// <exception cref="CheckpointsUnavailableException">Place or key cannot be reached.</exception>
    public async Task<SealOutcome> SealAsync(string tenant, CancellationToken cancellationToken = default)
    {
        var origin = CheckpointOrigin.For(_name, tenant);
        Checkpoint? newest = null;
        try
        {
            newest = await NewestAsync(tenant, origin, cancellationToken);
            var head = await _log.ReadHeadAsync(tenant, cancellationToken);
            if (newest is not null && head.Sequence < newest.Size)
            {
                return Refused(tenant, newest, CheckpointErrorCodes.LogShorter, newest.Size, $"the log has {head.Sequence} entries, and {newest.Size} were signed");
            }

            var from = newest is null ? SealState.Empty : await StateAsync(tenant, newest, cancellationToken);
            if (from is null || !await IsStillThereAsync(tenant, from, cancellationToken))
            {
                return Refused(tenant, newest, CheckpointErrorCodes.RootMismatch, newest!.Size, "the entries up to the newest checkpoint are not those that were signed");
            }

            return head.Sequence == from.Size
                ? new SealOutcome(tenant, SealResult.Current, newest, [])
                : await SealAsync(tenant, origin, newest, from, head, cancellationToken);
        }
        catch (CheckpointException error)
        {
            return Refused(tenant, newest, error.Code, newest?.Size ?? 0, error.Message);
        }
    }

    /// <summary>
    /// Holds a tenant's whole log against all its checkpoints, from the first entry. A round of sealing looks at what is new; this
    /// finds what was done to older entries. It reads everything: some 350,000 entries a second at best.
    /// </summary>
    /// <exception cref="LedgerUnavailableException">The log cannot be read.</exception>
    /// <exception cref="CheckpointsUnavailableException">The place cannot be reached.</exception>
    public async Task<SealOutcome> RecheckAsync(string tenant, CancellationToken cancellationToken = default)
    {
        var kept = await CheckpointCollection.ReadAsync([_store], tenant, CheckpointOrigin.For(_name, tenant), _trusted, cancellationToken);
        var head = await _log.ReadHeadAsync(tenant, cancellationToken);
        var audit = new CheckpointAudit(tenant, kept.Checkpoints, new ChainEnd(head.Sequence, head.Hash));
        await foreach (var entry in EntriesAsync(tenant, 1, head.Sequence, cancellationToken))
        {
            audit.Add(entry);
        }

        var report = audit.Finish();
        ImmutableArray<CheckpointFault> faults = [.. kept.Unbelieved, .. report.Faults, .. Faults(report.Chain)];
        return new SealOutcome(tenant, faults.IsEmpty ? SealResult.Current : SealResult.Refused, kept.Checkpoints.LastOrDefault(), faults);
    }

    private async Task<SealOutcome> SealAsync(
        string tenant, string origin, Checkpoint? newest, SealState from, LogHead head, CancellationToken cancellationToken)
    {
        var tree = from.Tree();
        var verifier = new ChainVerifier(new ChainStart(tenant, from.Size + 1, from.Head), new ChainEnd(head.Sequence, head.Hash), tree);
        await foreach (var entry in EntriesAsync(tenant, from.Size + 1, head.Sequence, cancellationToken))
        {
            verifier.Add(entry);
        }

        var report = verifier.Finish();
        if (!report.Intact)
        {
            return new SealOutcome(tenant, SealResult.Refused, newest, [.. Faults(report)]);
        }

        var checkpoint = new Checkpoint(origin, head.Sequence, tree.Root());
        var state = SealState.From(report.Head, tree);
        var note = await SignedCheckpoint.SignAsync(checkpoint, _signer, cancellationToken);
        if (await _store.CreateAsync(tenant, new StoredCheckpoint(checkpoint.Size, note), state.ToBytes(), cancellationToken) is { } other
            && CheckpointCollection.Open(other, origin, _trusted).Root != checkpoint.Root)
        {
            return Refused(tenant, newest, CheckpointErrorCodes.Fork, checkpoint.Size, $"another root was signed for {checkpoint.Size} entries");
        }

        _known[tenant] = (checkpoint, state);
        return new SealOutcome(tenant, SealResult.Sealed, checkpoint, []);
    }

    // The place is asked each time: another sealer may have gone on, and nothing that was written may ever be gone.
    private async Task<Checkpoint?> NewestAsync(string tenant, string origin, CancellationToken cancellationToken)
    {
        var stored = await _store.ReadNewestAsync(tenant, cancellationToken);
        var known = _known.TryGetValue(tenant, out var remembered) ? remembered.Newest : null;
        if (known is not null && (stored is null || stored.Size < known.Size))
        {
            throw new CheckpointException(CheckpointErrorCodes.Missing, $"the checkpoint of {known.Size} entries is no longer there");
        }

        return stored is null ? null : CheckpointCollection.Open(stored, origin, _trusted);
    }

    private async Task<SealState?> StateAsync(string tenant, Checkpoint newest, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(tenant, out var known) && known.Newest == newest)
        {
            return known.State;
        }

        var state = await _store.ReadStateAsync(tenant, newest.Size, cancellationToken) is { } bytes ? SealState.Read(bytes.Span, newest) : null;
        if ((state ?? await RebuildAsync(tenant, newest, cancellationToken)) is { } found)
        {
            _known[tenant] = (newest, found);
            return found;
        }

        return null;
    }

    // Where the note beside a checkpoint is lost, only the log itself can give the tree.
    private async Task<SealState?> RebuildAsync(string tenant, Checkpoint newest, CancellationToken cancellationToken)
    {
        var tree = new CompactRange();
        var verifier = new ChainVerifier(ChainStart.Genesis(tenant), null, tree);
        await foreach (var entry in EntriesAsync(tenant, 1, newest.Size, cancellationToken))
        {
            verifier.Add(entry);
        }

        var report = verifier.Finish();
        return report.Intact && tree.Size == newest.Size && tree.Root() == newest.Root ? SealState.From(report.Head, tree) : null;
    }

    private async Task<bool> IsStillThereAsync(string tenant, SealState state, CancellationToken cancellationToken) =>
        state.Size == 0
        || (await _log.ReadEntriesAsync(tenant, state.Size, 1, cancellationToken) is [var last] && last.Hash() == state.Head);

    private async IAsyncEnumerable<StoredEntry> EntriesAsync(
        string tenant, long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (from <= to)
        {
            var page = await _log.ReadEntriesAsync(tenant, from, (int)Math.Min(PageSize, to - from + 1), cancellationToken);
            foreach (var entry in page)
            {
                yield return entry;
            }

            if (page.Count == 0)
            {
                yield break;
            }

            from += page.Count;
        }
    }

    private static SealOutcome Refused(string tenant, Checkpoint? newest, string code, long size, string message) =>
        new(tenant, SealResult.Refused, newest, [new CheckpointFault(code, size, message)]);

    private static IEnumerable<CheckpointFault> Faults(VerifyReport report) =>
        report.Faults.Select(fault => new CheckpointFault(fault.Code, fault.Sequence, fault.Message));
}
