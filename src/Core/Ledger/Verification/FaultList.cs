namespace Countersign.Ledger;

/// <summary>
/// Collects faults, and tells what is missing from what only comes too late: a gap whose entries all turn up later was a
/// reordering.
/// </summary>
internal sealed class FaultList
{
    // Beyond this the late comers of one gap are not kept apart, so that a hostile log cannot make us remember it.
    private const int MaxTracked = 65_536;

    private readonly List<VerifyFault> _listed = [];
    private readonly List<Missing> _missing = [];

    public long Count { get; private set; }

    public IReadOnlyList<VerifyFault> Listed => [.. _listed];

    public void Add(string code, long position, long sequence, string message)
    {
        Count++;
        if (_listed.Count < ChainVerifier.MaxFaults)
        {
            _listed.Add(new VerifyFault(code, position, sequence, message));
        }
    }

    public void Gap(long position, long expected, long found)
    {
        if (_listed.Count < ChainVerifier.MaxFaults)
        {
            _missing.Add(new Missing(_listed.Count, expected, found - 1));
        }

        var what = found - expected == 1 ? $"entry {expected} is" : $"entries {expected} to {found - 1} are";
        Add(VerifyFaultCodes.SequenceGap, position, expected, $"{what} missing before entry {found}");
    }

    /// <summary>An entry whose place has been passed: it was missed before, or it comes twice.</summary>
    public void Earlier(long position, long sequence, long expected)
    {
        var gap = _missing.Find(m => m.From <= sequence && sequence <= m.To);
        if (gap is null || (gap.Found.Count < MaxTracked && !gap.Found.Add(sequence)))
        {
            Add(VerifyFaultCodes.Duplicate, position, sequence, $"entry {sequence} comes again where {expected} was expected");
            return;
        }

        Add(VerifyFaultCodes.Reordered, position, sequence, $"entry {sequence} comes where {expected} was expected");
        if (gap.Found.Count == gap.To - gap.From + 1)
        {
            var fault = _listed[gap.Fault];
            _listed[gap.Fault] = fault with { Code = VerifyFaultCodes.Reordered, Message = $"entry {gap.From} comes later than its place" };
        }
    }

    private sealed record Missing(int Fault, long From, long To)
    {
        public HashSet<long> Found { get; } = [];
    }
}
