namespace Countersign.Language;

/// <summary>Where something stands in the document it was read from.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column in UTF-16 units, from 1.</param>
/// <param name="Pointer">JSON Pointer (RFC 6901) from the document's root; empty for the root itself.</param>
public readonly record struct SourceLocation(int Line, int Column, string Pointer)
{
    /// <summary>The start of a document.</summary>
    public static readonly SourceLocation Root = new(1, 1, "");
}
