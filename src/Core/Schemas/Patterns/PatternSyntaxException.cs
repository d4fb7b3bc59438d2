namespace Countersign.Schemas.Patterns;

/// <summary>A text is not a regular expression of ECMA-262.</summary>
internal sealed class PatternSyntaxException(int position, string message) : Exception(message)
{
    /// <summary>Where, in UTF-16 units from the start.</summary>
    public int Position { get; } = position;
}
