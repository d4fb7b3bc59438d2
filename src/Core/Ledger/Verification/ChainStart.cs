namespace Countersign.Ledger;

/// <summary>Where a verification begins: what must be true of the first entry that comes.</summary>
/// <param name="Tenant">The tenant whose log it must be.</param>
/// <param name="Sequence">The first entry's position, from 1.</param>
/// <param name="PreviousHash">Hash of the entry before it.</param>
public sealed record ChainStart(string Tenant, long Sequence, Hash256 PreviousHash)
{
    /// <summary>The beginning of a tenant's log.</summary>
    public static ChainStart Genesis(string tenant) => new(tenant, 1, Hash256.Zero);
}
