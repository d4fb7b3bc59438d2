namespace Countersign.Checkpoints;

/// <summary>What can be wrong with a checkpoint, or with a log that it is held against; each has a page in docs/errors.</summary>
public static class CheckpointErrorCodes
{
    /// <summary>The bytes are not a signed note (C2SP signed-note).</summary>
    public const string NoteMalformed = "checkpoint.note-malformed";

    /// <summary>The note's text is not a checkpoint (C2SP tlog-checkpoint).</summary>
    public const string BodyMalformed = "checkpoint.body-malformed";

    /// <summary>The checkpoint is of another log.</summary>
    public const string ForeignOrigin = "checkpoint.foreign-origin";

    /// <summary>None of the signatures is by a key that is trusted.</summary>
    public const string Unsigned = "checkpoint.unsigned";

    /// <summary>A signature that names a trusted key was not made by it over this text.</summary>
    public const string BadSignature = "checkpoint.bad-signature";

    /// <summary>The checkpoint is kept under the name of another size.</summary>
    public const string Misplaced = "checkpoint.misplaced";

    /// <summary>Two signed checkpoints of one size have different roots.</summary>
    public const string Fork = "checkpoint.fork";

    /// <summary>The log's first entries are not those that were signed.</summary>
    public const string RootMismatch = "checkpoint.root-mismatch";

    /// <summary>The log ends before the end that was signed.</summary>
    public const string LogShorter = "checkpoint.log-shorter";

    /// <summary>A checkpoint that was written is no longer there.</summary>
    public const string Missing = "checkpoint.missing";

    /// <summary>A key is not an ECDSA key on P-256, or its file may be read by others.</summary>
    public const string KeyInvalid = "checkpoint.key-invalid";
}
