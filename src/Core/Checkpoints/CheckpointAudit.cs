using System.Collections.Immutable;
using Countersign.Ledger;
using Countersign.Merkle;

namespace Countersign.Checkpoints;

/// <summary>What holding a log against its checkpoints found.</summary>
/// <param name="Chain">The chain, recomputed.</param>
/// <param name="Covered">The size of the greatest checkpoint that the log agrees with, as it does with all before; 0 for none.</param>
/// <param name="Faults">Where they disagree, at most <see cref="ChainVerifier.MaxFaults"/>.</param>
public sealed record AuditReport(VerifyReport Chain, long Covered, ImmutableArray<CheckpointFault> Faults);

/// <summary>
/// Recomputes a log from its first entry and compares its root at the size of each checkpoint. So everything is caught that
/// happened to an entry after a checkpoint covered it: a cut-off end, a rewritten end, another log, an older state. Memory grows
/// with the checkpoints, not with the log. Not safe for concurrent use.
/// </summary>
public sealed class CheckpointAudit
{
    private readonly ImmutableArray<Checkpoint> _checkpoints;
    private readonly CompactRange _tree;
    private readonly ChainVerifier _chain;
    private readonly ImmutableArray<CheckpointFault>.Builder _faults = ImmutableArray.CreateBuilder<CheckpointFault>();
    private int _next;
    private long _covered;

    /// <summary>Begins.</summary>
    /// <param name="tenant">The tenant whose log it must be.</param>
    /// <param name="checkpoints">The checkpoints, smallest first, each size once; see <see cref="CheckpointCollection"/>.</param>
    /// <param name="end">An entry that is known from elsewhere.</param>
    public CheckpointAudit(string tenant, ImmutableArray<Checkpoint> checkpoints, ChainEnd? end = null)
        : this(ChainStart.Genesis(tenant), new CompactRange(), checkpoints, end)
    {
    }

    /// <summary>Begins after entries that are known.</summary>
    internal CheckpointAudit(ChainStart start, CompactRange tree, ImmutableArray<Checkpoint> checkpoints, ChainEnd? end)
    {
        _checkpoints = checkpoints;
        _tree = tree;
        _chain = new ChainVerifier(start, end, tree);
        Compare();
    }

    /// <summary>Looks at the next entry.</summary>
    public void Add(in StoredEntry entry)
    {
        _chain.Add(entry);
        Compare();
    }

    /// <summary>Ends; nothing may be added after it.</summary>
    public AuditReport Finish()
    {
        var chain = _chain.Finish();
        for (; _next < _checkpoints.Length; _next++)
        {
            var signed = _checkpoints[_next];
            Fault(CheckpointErrorCodes.LogShorter, signed, $"the log has {_tree.Size} entries, and {signed.Size} were signed: its end was cut off, or this is an older state of it");
        }

        return new AuditReport(chain, _covered, _faults.ToImmutable());
    }

    private void Compare()
    {
        while (_next < _checkpoints.Length && _checkpoints[_next].Size <= _tree.Size)
        {
            var signed = _checkpoints[_next++];
            if (signed.Size == _tree.Size && _tree.Root() is var root && root != signed.Root)
            {
                Fault(CheckpointErrorCodes.RootMismatch, signed, $"the first {signed.Size} entries have the root {root}, and {signed.Root} was signed: entries were changed or removed after that");
            }
            else if (signed.Size == _tree.Size && _faults.Count == 0)
            {
                _covered = signed.Size;
            }
        }
    }

    private void Fault(string code, Checkpoint signed, string message)
    {
        if (_faults.Count < ChainVerifier.MaxFaults)
        {
            _faults.Add(new CheckpointFault(code, signed.Size, message));
        }
    }
}
