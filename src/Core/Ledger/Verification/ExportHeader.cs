namespace Countersign.Ledger;

/// <summary>The first line of an export: which part of which log follows, as the exporter claims.</summary>
/// <param name="Tenant">The tenant whose log it is.</param>
/// <param name="From">The first entry's position, from 1.</param>
/// <param name="To">The last entry's position; one less than <paramref name="From"/> when none follow.</param>
/// <param name="PreviousHash">Hash of the entry before the first.</param>
/// <param name="Head">Hash of the last entry; equal to <paramref name="PreviousHash"/> when none follow.</param>
public sealed record ExportHeader(string Tenant, long From, long To, Hash256 PreviousHash, Hash256 Head)
{
    /// <summary>The name of the form, the header's first field.</summary>
    public const string Format = "countersign-log/1";

    /// <summary>What the header claims about the beginning. Whoever knows better, from a checkpoint, uses that instead.</summary>
    public ChainStart Start => new(Tenant, From, PreviousHash);

    /// <summary>What the header claims about the end.</summary>
    public ChainEnd End => new(To, Head);
}
