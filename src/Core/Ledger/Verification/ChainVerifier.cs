using System.Text;
using Countersign.Merkle;

namespace Countersign.Ledger;

/// <summary>
/// Recomputes a log from its raw bytes and says what is wrong with it. It takes nothing from the writer but the format:
/// every hash is computed anew, and every field is read from the hashed bytes. After a fault it goes on with what it
/// found, so that one wrong entry is not reported as a thousand. Memory does not grow with the log. Not safe for
/// concurrent use. What its verdict means, and what it cannot see, is in docs/log-format.md.
/// </summary>
public sealed class ChainVerifier
{
    /// <summary>The most faults that are listed: 100. All are counted.</summary>
    public const int MaxFaults = 100;

    private readonly byte[] _tenant;
    private readonly ChainEnd? _end;
    private readonly CompactRange? _tree;
    private readonly FaultList _faults = new();
    private long _entries;
    private readonly List<long> _erasedEntries = [];
    private long _erased;
    private long _first;
    private long _last;
    private long _next;
    private Hash256 _head;

    /// <summary>Begins a verification.</summary>
    /// <param name="start">What must be true of the first entry.</param>
    /// <param name="end">
    /// An entry that is known from elsewhere, usually the last: the log must reach it, and it must have that hash. A log
    /// that goes on beyond it has grown, which is no fault.
    /// </param>
    /// <param name="tree">
    /// The tree over everything before the start; it is appended to and gives the report's root. None by default.
    /// </param>
    /// <exception cref="ArgumentException">The tree is not of the size that the start says.</exception>
    public ChainVerifier(ChainStart start, ChainEnd? end = null, CompactRange? tree = null)
    {
        if (tree is not null && tree.Size != start.Sequence - 1)
        {
            throw new ArgumentException($"Before entry {start.Sequence} a tree has {start.Sequence - 1} leaves, not {tree.Size}.", nameof(tree));
        }

        _tenant = Encoding.UTF8.GetBytes(start.Tenant);
        _end = end;
        _tree = tree;
        _next = start.Sequence;
        _head = start.PreviousHash;
    }

    /// <summary>Verifies a whole sequence of entries.</summary>
    /// <param name="entries">The entries, in the order in which they are stored.</param>
    /// <param name="start">What must be true of the first entry.</param>
    /// <param name="end">An entry that is known from elsewhere; see the constructor.</param>
    /// <param name="tree">See the constructor.</param>
    public static VerifyReport Verify(
        IEnumerable<StoredEntry> entries, ChainStart start, ChainEnd? end = null, CompactRange? tree = null)
    {
        var verifier = new ChainVerifier(start, end, tree);
        foreach (var entry in entries)
        {
            verifier.Add(entry);
        }

        return verifier.Finish();
    }

    /// <summary>Looks at the next entry.</summary>
    public void Add(in StoredEntry stored)
    {
        var position = _entries++;
        EntryView entry;
        try
        {
            entry = EntryCodec.Read(stored.Bytes.Span);
        }
        catch (EntryFormatException error)
        {
            _faults.Add(VerifyFaultCodes.Malformed, position, _next, error.Message);
            return;
        }

        _first = _first == 0 ? entry.Sequence : _first;
        if (!entry.Tenant.SequenceEqual(_tenant))
        {
            _faults.Add(
                VerifyFaultCodes.ForeignTenant, position, entry.Sequence, $"the entry belongs to tenant {Encoding.UTF8.GetString(entry.Tenant)}");
            return;
        }

        Place(entry, stored.Hash(), position);
        Payload(entry, stored, position);
    }

    /// <summary>Ends the verification; nothing may be added after it.</summary>
    public VerifyReport Finish()
    {
        if (_end is not null && _next <= _end.Sequence)
        {
            _faults.Add(
                VerifyFaultCodes.Truncated, _entries, _next, $"the log ends at {_next - 1}, and is known to go on to {_end.Sequence}");
        }

        return new VerifyReport
        {
            Entries = _entries,
            Erased = _erased,
            ErasedEntries = [.. _erasedEntries],
            FirstSequence = _first,
            LastSequence = _last,
            Head = _head,
            Root = _faults.Count == 0 ? _tree?.Root() : null,
            FaultCount = _faults.Count,
            Faults = _faults.Listed,
        };
    }

    private void Place(in EntryView entry, Hash256 hash, long position)
    {
        if (entry.Sequence < _next)
        {
            _faults.Earlier(position, entry.Sequence, _next);
            return;
        }

        if (entry.Sequence > _next)
        {
            _faults.Gap(position, _next, entry.Sequence);
        }
        else if (entry.PreviousHash != _head)
        {
            _faults.Add(
                VerifyFaultCodes.HashMismatch, position, entry.Sequence,
                $"the entry follows on {entry.PreviousHash}, and the one before it is {_head}");
        }

        if (entry.Sequence == _end?.Sequence && hash != _end.Hash)
        {
            _faults.Add(
                VerifyFaultCodes.HeadMismatch, position, entry.Sequence, $"the entry is {hash}, and is known to be {_end.Hash}");
        }

        _next = entry.Sequence == long.MaxValue ? long.MaxValue : entry.Sequence + 1;
        _last = entry.Sequence;
        _head = hash;
        _tree?.Append(MerkleHash.Leaf(hash));
    }

    private void Payload(in EntryView entry, in StoredEntry stored, long position)
    {
        if (stored.IsErased)
        {
            _erased++;
            if (_erasedEntries.Count < MaxFaults)
            {
                _erasedEntries.Add(entry.Sequence);
            }

            return;
        }

        if (stored.Salt.Length != PayloadHash.SaltLength
            || PayloadHash.Of(stored.Salt.Span, stored.Payload.Span) != entry.PayloadHash)
        {
            _faults.Add(
                VerifyFaultCodes.PayloadMismatch, position, entry.Sequence, "salt and payload do not give the payload hash in the entry");
        }
    }
}
