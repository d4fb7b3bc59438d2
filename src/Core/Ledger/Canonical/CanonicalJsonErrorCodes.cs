namespace Countersign.Canonical;

/// <summary>Codes of <see cref="CanonicalJsonException"/>; each has a page in docs/errors.</summary>
public static class CanonicalJsonErrorCodes
{
    /// <summary>An object holds the same key twice, escapes resolved.</summary>
    public const string DuplicateKey = "json.duplicate-key";

    /// <summary>An escape names half of a surrogate pair.</summary>
    public const string LoneSurrogate = "json.lone-surrogate";

    /// <summary>A number is too large for a double, or an integer would be rounded.</summary>
    public const string NumberRange = "json.number-range";

    /// <summary>Objects and arrays are nested more than 64 deep.</summary>
    public const string Depth = "json.depth";

    /// <summary>The text is not JSON (RFC 8259), or not UTF-8.</summary>
    public const string Syntax = "json.syntax";
}
