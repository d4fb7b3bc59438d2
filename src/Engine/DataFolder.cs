using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Engine.Artifacts;

namespace Countersign.Engine;

/// <summary>
/// The folder in which one host keeps everything: its journal, its artifacts and its keys. Whoever has it open owns it
/// until it is disposed or the process ends, however it ends.
/// </summary>
/// <remarks>
/// The operating system's lock on <c>host.lock</c> decides, so a dead owner holds nothing. <c>host.owner</c> only says
/// who it is: a locked file cannot be read by others on every system.
/// </remarks>
public sealed class DataFolder : IDisposable
{
    private const UnixFileMode OwnerReadsAndWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OfGroup = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;
    private const UnixFileMode OfOthers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private const UnixFileMode OwnerOnly = OwnerReadsAndWrites | UnixFileMode.UserExecute;

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream lockFile) => (Path, _lock) = (path, lockFile);

    /// <summary>The folder, as a full path.</summary>
    public string Path { get; }

    /// <summary>The journal's file; see <see cref="Sqlite.SqliteLedgerOptions.Path"/>.</summary>
    public string Journal => System.IO.Path.Combine(Path, "journal.db");

    /// <summary>The folder of artifacts; see <see cref="Artifacts.FileArtifactStore"/>.</summary>
    public string Artifacts => System.IO.Path.Combine(Path, "artifacts");

    /// <summary>The folder of keys, which only the owner of the process may enter.</summary>
    public string Keys => System.IO.Path.Combine(Path, "keys");

    private string Owner => System.IO.Path.Combine(Path, "host.owner");

    /// <summary>Takes a folder, creating it where there is none.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="time">When it was taken, for the one who is refused.</param>
    /// <exception cref="DataFolderInUseException">Another host has it.</exception>
    /// <exception cref="DataFolderUnusableException">It cannot be created or written.</exception>
    public static DataFolder Open(string path, TimeProvider time)
    {
        try
        {
            return Take(System.IO.Path.GetFullPath(path), time);
        }
        catch (Exception refused) when (refused is (IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException) and not DataFolderInUseException)
        {
            throw new DataFolderUnusableException(path, refused);
        }
    }

    private static DataFolder Take(string full, TimeProvider time)
    {
        CreateFolder(full);
        var folder = new DataFolder(full, Lock(full));
        try
        {
            folder.Protect();
            folder.SayWho(time);
            CreateFolder(folder.Artifacts);
            CreateFolder(folder.Keys);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Gives the folder back.</summary>
    public void Dispose() => _lock.Dispose();

    // SQLite gives the files beside the journal the mode of the journal, so that it is made here. Folders of older versions are protected as well.
    private void Protect()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var isNew = !File.Exists(Journal);
        using (new FileStream(Journal, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, UnixCreateMode = OwnerReadsAndWrites }))
        {
        }

        // Where an operator opened an older folder to a group, as for a sealer under a user of its own, that stays.
        var others = !isNew && (File.GetUnixFileMode(Path) & UnixFileMode.GroupRead) != 0 ? OfOthers : OfOthers | OfGroup;
        foreach (var path in Directory.EnumerateFiles(Path).Prepend(Path))
        {
            var mode = File.GetUnixFileMode(path);
            if ((mode & others) != 0)
            {
                File.SetUnixFileMode(path, mode & ~others);
            }
        }
    }

    private static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
    }

    private static FileStream Lock(string folder)
    {
        var path = System.IO.Path.Combine(folder, "host.lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException refused) when (File.Exists(path))
        {
            throw new DataFolderInUseException(folder, ReadOwner(folder), refused);
        }
    }

    private static DataFolderOwner? ReadOwner(string folder)
    {
        try
        {
            var bytes = File.ReadAllBytes(System.IO.Path.Combine(folder, "host.owner"));
            return JsonSerializer.Deserialize(bytes, DataFolderJson.Default.DataFolderOwner);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            // The refusal stands without a name.
            return null;
        }
    }

    // Written aside and renamed, so that whoever is refused meanwhile reads the one or the other.
    private void SayWho(TimeProvider time)
    {
        var owner = new DataFolderOwner(Environment.ProcessId, Environment.MachineName, time.GetUtcNow());
        var aside = Owner + ".new";
        File.Delete(aside);
        using (var file = new FileStream(aside, DurableFiles.CreateNew(OwnerReadsAndWrites)))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(owner, DataFolderJson.Default.DataFolderOwner));
        }

        File.Move(aside, Owner, overwrite: true);
    }
}

/// <summary>Who has a data folder.</summary>
/// <param name="ProcessId">The process.</param>
/// <param name="Host">The machine's name.</param>
/// <param name="Started">When it took the folder.</param>
public sealed record DataFolderOwner(int ProcessId, string Host, DateTimeOffset Started);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DataFolderOwner))]
internal sealed partial class DataFolderJson : JsonSerializerContext;
