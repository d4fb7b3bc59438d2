namespace Countersign.Ledger;

/// <summary>A part of a text that must not be written.</summary>
/// <param name="Start">Its first character.</param>
/// <param name="End">The character after its last.</param>
/// <param name="Kind">What stands in <c>[redacted:kind]</c> instead.</param>
internal readonly record struct Finding(int Start, int End, string Kind);
