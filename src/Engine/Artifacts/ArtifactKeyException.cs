namespace Countersign.Engine.Artifacts;

/// <summary>The key of the artifacts is gone or damaged: without it no artifact can be read.</summary>
/// <param name="file">The key's file.</param>
/// <param name="what">What is wrong with it.</param>
public sealed class ArtifactKeyException(string file, string what)
    : Exception($"{ErrorCode}: the key file '{file}' {what}. Bring it back from a backup.")
{
    /// <summary>The code of this error, <c>artifact.key</c>; see docs/errors.</summary>
    public const string ErrorCode = "artifact.key";

    /// <summary>The code of this error, <c>artifact.key</c>.</summary>
    public string Code { get; } = ErrorCode;

    /// <summary>The key's file.</summary>
    public string File { get; } = file;
}
