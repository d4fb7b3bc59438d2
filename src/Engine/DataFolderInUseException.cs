using System.Globalization;

namespace Countersign.Engine;

/// <summary>Another host has the data folder; two of them would each believe to be the only one that writes.</summary>
/// <param name="folder">The folder.</param>
/// <param name="owner">Who has it; null where that could not be read.</param>
/// <param name="innerException">What the system said.</param>
public sealed class DataFolderInUseException(string folder, DataFolderOwner? owner, Exception? innerException = null)
    : IOException($"{ErrorCode}: the data folder '{folder}' is in use by {Describe(owner)}.", innerException)
{
    /// <summary>The code of this error, <c>host.folder-in-use</c>; see docs/errors.</summary>
    public const string ErrorCode = "host.folder-in-use";

    /// <summary>The code of this error, <c>host.folder-in-use</c>.</summary>
    public string Code { get; } = ErrorCode;

    /// <summary>The folder.</summary>
    public string Folder { get; } = folder;

    /// <summary>Who has it; null where that could not be read.</summary>
    public DataFolderOwner? Owner { get; } = owner;

    private static string Describe(DataFolderOwner? owner) => owner is null
        ? "another process"
        : string.Create(CultureInfo.InvariantCulture, $"process {owner.ProcessId} on {owner.Host}, since {owner.Started:u}");
}
