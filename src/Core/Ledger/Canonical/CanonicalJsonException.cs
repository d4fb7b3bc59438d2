namespace Countersign.Canonical;

/// <summary>A text that has no canonical form here, or has one only at the price of its meaning.</summary>
public sealed class CanonicalJsonException : Exception
{
    internal CanonicalJsonException(string code, string rule, long offset, Exception? cause = null)
        : base(offset < 0 ? $"{code}: {rule}" : $"{code} at byte {offset}: {rule}", cause)
    {
        Code = code;
        Offset = offset;
    }

    /// <summary>Stable code: one of the constants of <see cref="CanonicalJsonErrorCodes"/>.</summary>
    public string Code { get; }

    /// <summary>Where in the UTF-8 text, in bytes from 0; −1 when it is not known.</summary>
    public long Offset { get; }
}
