using System.Runtime.CompilerServices;
using Countersign.Checkpoints;
using Countersign.Engine.Artifacts;

namespace Countersign.Engine.Checkpoints;

/// <summary>
/// Checkpoints as files that are made once, whole or not there, and never opened for writing again (<see cref="CheckpointName"/>).
/// That nobody else changes them is for the folder's place and rights to see to. Safe for concurrent use, also by several processes.
/// </summary>
/// <param name="folder">The folder; made, with its first checkpoint, where there is none.</param>
public sealed class FolderCheckpointStore(string folder) : ICheckpointStore
{
    private const UnixFileMode EverybodyReads = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly string _folder = Path.GetFullPath(folder);

    /// <inheritdoc/>
    public async ValueTask<StoredCheckpoint?> ReadNewestAsync(string tenant, CancellationToken cancellationToken = default) =>
        Sizes(tenant) is { Count: > 0 } sizes ? await ReadAsync(tenant, sizes.Max, cancellationToken) : null;

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredCheckpoint> ReadAllAsync(string tenant, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var size in Sizes(tenant))
        {
            yield return await ReadAsync(tenant, size, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadStateAsync(string tenant, long size, CancellationToken cancellationToken = default)
    {
        try
        {
            return await File.ReadAllBytesAsync(Path.Combine(FolderOf(tenant), CheckpointName.State(size)), cancellationToken);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (IsStorage(error))
        {
            throw Unavailable(error);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<StoredCheckpoint?> CreateAsync(
        string tenant, StoredCheckpoint checkpoint, ReadOnlyMemory<byte> state, CancellationToken cancellationToken = default)
    {
        var own = FolderOf(tenant);
        try
        {
            Directory.CreateDirectory(Path.Combine(own, "state"));
            await CreateAsync(Path.Combine(own, CheckpointName.State(checkpoint.Size)), state, cancellationToken);
            var made = await CreateAsync(Path.Combine(own, CheckpointName.Note(checkpoint.Size)), checkpoint.Note, cancellationToken);
            DurableFiles.FlushFolder(_folder);
            return made ? null : await ReadAsync(tenant, checkpoint.Size, cancellationToken);
        }
        catch (Exception error) when (IsStorage(error))
        {
            throw Unavailable(error);
        }
    }

    // Written aside and given its name only when it is durable, by a call that fails where the name is taken.
    private static async Task<bool> CreateAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var aside = $"{path}.{Guid.NewGuid():N}.new";
        try
        {
            await using (var stream = new FileStream(aside, DurableFiles.CreateNew(EverybodyReads)))
            {
                await stream.WriteAsync(bytes, cancellationToken);
                stream.Flush(flushToDisk: true);
            }

            File.Move(aside, path, overwrite: false);
            DurableFiles.FlushFolder(Path.GetDirectoryName(path)!);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
        finally
        {
            File.Delete(aside);
        }
    }

    private SortedSet<long> Sizes(string tenant)
    {
        try
        {
            var own = FolderOf(tenant);
            return Directory.Exists(own)
                ? [.. Directory.EnumerateFiles(own).Select(file => CheckpointName.SizeOf(Path.GetFileName(file))).OfType<long>()]
                : [];
        }
        catch (Exception error) when (IsStorage(error))
        {
            throw Unavailable(error);
        }
    }

    private async Task<StoredCheckpoint> ReadAsync(string tenant, long size, CancellationToken cancellationToken)
    {
        try
        {
            var file = Path.Combine(FolderOf(tenant), CheckpointName.Note(size));

            // One byte more than a note may have is enough to see that it is none.
            await using var stream = File.OpenRead(file);
            var bytes = new byte[(int)Math.Min(stream.Length, SignedNote.MaxLength + 1)];
            await stream.ReadExactlyAsync(bytes, cancellationToken);
            return new StoredCheckpoint(size, bytes);
        }
        catch (Exception error) when (IsStorage(error))
        {
            throw Unavailable(error);
        }
    }

    private string FolderOf(string tenant) => Path.Combine(_folder, CheckpointName.Folder(tenant));

    private static bool IsStorage(Exception error) => error is IOException or UnauthorizedAccessException;

    private static CheckpointsUnavailableException Unavailable(Exception error) => new($"The checkpoints cannot be reached: {error.Message}", error);
}
