namespace Countersign.Ledger;

/// <summary>Where and when an entry enters a log.</summary>
/// <param name="Tenant">The tenant whose log it is. 1 to 128 bytes of UTF-8.</param>
/// <param name="Sequence">Position, from 1.</param>
/// <param name="PreviousHash">Hash of the entry before; 32 zero bytes for the first.</param>
/// <param name="Time">Microseconds since 1970-01-01T00:00:00Z.</param>
public readonly record struct EntryPosition(string Tenant, long Sequence, Hash256 PreviousHash, long Time)
{
    /// <summary>The position after this one, once the entry here is known to have <paramref name="hash"/>.</summary>
    /// <param name="hash">Hash of the entry at this position.</param>
    /// <param name="time">Time of the next entry, microseconds.</param>
    public EntryPosition Next(Hash256 hash, long time) => new(Tenant, Sequence + 1, hash, time);
}
