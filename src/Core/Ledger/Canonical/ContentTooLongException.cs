namespace Countersign.Canonical;

/// <summary>A stream holds more bytes than its reader accepts.</summary>
public sealed class ContentTooLongException : Exception
{
    internal ContentTooLongException(long limit)
        : base($"{ErrorCode}: the content is longer than {limit} bytes") => Limit = limit;

    /// <summary>The stable code, with a page in docs/errors.</summary>
    public const string ErrorCode = "content.too-long";

    /// <summary>See <see cref="ErrorCode"/>.</summary>
    public string Code { get; } = ErrorCode;

    /// <summary>The most bytes that were acceptable.</summary>
    public long Limit { get; }
}
