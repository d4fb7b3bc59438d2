namespace Countersign.Canonical;

/// <summary>A text that has no canonical form here, or has one only at the price of its meaning.</summary>
public sealed class CanonicalJsonException : Exception
{
    internal CanonicalJsonException(string code, string rule, long offset, Exception? cause = null)
        : base(offset < 0 ? $"{code}: {rule}" : $"{code} at byte {offset}: {rule}", cause)
    {
        Code = code;
        Rule = rule;
        Offset = offset;
    }

    internal CanonicalJsonException(CanonicalJsonException error, string pointer)
        : base(error.Message, error) => (Code, Rule, Offset, Pointer) = (error.Code, error.Rule, error.Offset, pointer);

    /// <summary>Stable code: one of the constants of <see cref="CanonicalJsonErrorCodes"/>.</summary>
    public string Code { get; }

    /// <summary>The rule that is broken.</summary>
    public string Rule { get; }

    /// <summary>The JSON pointer (RFC 6901) of the value that breaks it, as far as it is known; empty for the whole.</summary>
    public string Pointer { get; } = "";

    /// <summary>Where in the UTF-8 text, in bytes from 0; −1 when it is not known.</summary>
    public long Offset { get; }
}
