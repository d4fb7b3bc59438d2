namespace Countersign.Merkle;

/// <summary>Stored bytes are not the state of a <see cref="CompactRange"/>.</summary>
public sealed class MerkleStateException : Exception
{
    internal MerkleStateException(string rule)
        : base($"{ErrorCode}: {rule}")
    {
    }

    /// <summary>The stable code, with a page in docs/errors.</summary>
    public const string ErrorCode = "merkle.state";

    /// <summary>See <see cref="ErrorCode"/>.</summary>
    public string Code { get; } = ErrorCode;
}
