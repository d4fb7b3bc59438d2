namespace Countersign.Checkpoints;

/// <summary>Bytes are no checkpoint that can be believed, or a key is not one that can be used.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>Says what is wrong.</summary>
    /// <param name="code">One of the constants of <see cref="CheckpointErrorCodes"/>.</param>
    /// <param name="rule">What does not hold.</param>
    /// <param name="cause">The cause.</param>
    public CheckpointException(string code, string rule, Exception? cause = null)
        : base($"{code}: {rule}", cause) => Code = code;

    /// <summary>Stable code: one of the constants of <see cref="CheckpointErrorCodes"/>.</summary>
    public string Code { get; }
}

/// <summary>The place of checkpoints, or the signing key, cannot be reached; the call may be repeated as it is.</summary>
/// <param name="message">What was said.</param>
/// <param name="innerException">The cause.</param>
public sealed class CheckpointsUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
