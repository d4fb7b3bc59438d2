namespace Countersign.Engine;

/// <summary>A path cannot be used as a data folder: it is a file, its place does not exist or may not be written.</summary>
/// <param name="folder">The path as it was given.</param>
/// <param name="cause">What the operating system said.</param>
public sealed class DataFolderUnusableException(string folder, Exception cause)
    : IOException($"'{folder}' cannot be used as a data folder: {Describe(folder, cause)}", cause)
{
    private static string Describe(string folder, Exception cause) =>
        File.Exists(folder) ? "it is a file."
        : cause is UnauthorizedAccessException ? "permission denied."
        : cause is ArgumentException or NotSupportedException ? "it is not the name of a folder."
        : $"it cannot be created or written ({cause.Message}).";
}
