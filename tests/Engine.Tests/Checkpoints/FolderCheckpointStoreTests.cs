using Countersign.Checkpoints;
using Countersign.Conformance.Checkpoints;
using Countersign.Engine.Checkpoints;

namespace Countersign.Engine.Tests.Checkpoints;

public sealed class FolderCheckpointStoreTests : CheckpointStoreConformance
{
    private readonly TempFolder folder = new();

    [Fact]
    public async Task Create_File_IsReadOnlyAndNothingIsLeftOver()
    {
        await CreateAsync(300, "note", "state");
        var files = Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories);
        Assert.Equal(["9223372036854775507-300.checkpoint", "9223372036854775507-300.state"], files.Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in files)
            {
                Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(file) & (UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite));
            }
        }
    }

    [Fact]
    public async Task Read_WhatACrashLeftHalfWritten_IsNotSeen()
    {
        await CreateAsync(300, "note", "state");
        var own = Path.Combine(folder.Path, CheckpointName.Folder(Acme));
        await File.WriteAllTextAsync(Path.Combine(own, CheckpointName.Note(400) + ".0123.new"), "no");
        await File.WriteAllTextAsync(Path.Combine(own, "README"), "what this is");
        Assert.Equal(300, (await Store.ReadNewestAsync(Acme))!.Size);
        Assert.Single(await AllAsync());
        Assert.Null(await CreateAsync(400, "whole", "state"));
    }

    [Fact]
    public async Task Read_HugeFile_IsReadUpToTheLimitOfANote()
    {
        await CreateAsync(1, "note", "state");
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, CheckpointName.Folder(Acme), CheckpointName.Note(2)), new byte[10_000_000]);
        Assert.Equal(SignedNote.MaxLength + 1, (await Store.ReadNewestAsync(Acme))!.Note.Length);
    }

    [Fact]
    public async Task Create_WhereAFileIsInTheWay_IsUnavailable()
    {
        await File.WriteAllTextAsync(folder["file"], "");
        await Assert.ThrowsAsync<CheckpointsUnavailableException>(async () =>
            await new FolderCheckpointStore(folder["file"]).CreateAsync(Acme, new StoredCheckpoint(1, new byte[1]), new byte[1]));
    }

    protected override Task<ICheckpointStore> OpenAsync() => Task.FromResult<ICheckpointStore>(new FolderCheckpointStore(folder.Path));

    protected override Task CleanAsync()
    {
        folder.Dispose();
        return Task.CompletedTask;
    }
}
