using System.Security.Cryptography;
using Countersign.Artifacts;
using Countersign.Conformance.Artifacts;
using Countersign.Engine.Artifacts;
using Countersign.Ledger;

namespace Countersign.Engine.Tests.Artifacts;

public sealed class FileArtifactStoreTests : ArtifactStoreConformance
{
    private readonly TempFolder _folder = new();

    private string Files => _folder["artifacts"];

    private string KeyFile => _folder["artifacts.key"];

    [Fact]
    public void Open_NewKey_IsForItsOwnerOnly()
    {
        Assert.Equal(32, File.ReadAllBytes(KeyFile).Length);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        }
    }

    [Fact]
    public async Task Open_KeyGoneOrDamagedWhileArtifactsAreThere_IsRefused()
    {
        await Store.PutAsync(Acme, Hash("a"), "a"u8.ToArray());
        File.WriteAllBytes(KeyFile, new byte[31]);
        Assert.Equal("artifact.key", Assert.Throws<ArtifactKeyException>(() => FileArtifactStore.Open(Files, KeyFile)).Code);
        File.Delete(KeyFile);

        Assert.Throws<ArtifactKeyException>(() => FileArtifactStore.Open(Files, KeyFile));
        Assert.False(File.Exists(KeyFile));
    }

    [Fact]
    public async Task GetAsync_AnotherKey_IsCorrupt()
    {
        await Store.PutAsync(Acme, Hash("a"), "a"u8.ToArray());
        File.WriteAllBytes(KeyFile, RandomNumberGenerator.GetBytes(32));

        await Assert.ThrowsAsync<ArtifactCorruptException>(() => FileArtifactStore.Open(Files, KeyFile).GetAsync(Acme, Hash("a")));
    }

    [Fact]
    public async Task PutAsync_OddTenants_StayInTheFolder()
    {
        foreach (var tenant in (string[])["../../outside", "/etc", "a\0b", new string('x', 300)])
        {
            await Store.PutAsync(tenant, Hash("a"), "a"u8.ToArray());
        }

        var folders = Directory.GetDirectories(Files).Select(Path.GetFileName).Where(name => name != "unfinished").ToList();
        Assert.Equal(4, folders.Count);
        Assert.All(folders, name => Assert.Matches("^[0-9a-f]{64}$", name!));
        Assert.Equal(["artifacts", "artifacts.key"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task PutAsync_ItIsThereAlready_WritesNothing()
    {
        await Store.PutAsync(Acme, Hash("a"), "a"u8.ToArray());
        var file = StoredFile(Acme, Hash("a"));
        var written = File.GetLastWriteTimeUtc(file);
        var bytes = File.ReadAllBytes(file);
        await Store.PutAsync(Acme, Hash("a"), "a"u8.ToArray());

        Assert.Equal(bytes, File.ReadAllBytes(file));
        Assert.Equal(written, File.GetLastWriteTimeUtc(file));
    }

    [Fact]
    public async Task PutAsync_CannotWrite_IsUnavailableAndLeavesNothing()
    {
        Directory.Delete(Path.Combine(Files, "unfinished"));
        File.WriteAllText(Path.Combine(Files, "unfinished"), "in the way");

        await Assert.ThrowsAsync<LedgerUnavailableException>(() => Store.PutAsync(Acme, Hash("a"), "a"u8.ToArray()));
        Assert.Null(await Store.GetAsync(Acme, Hash("a")));
    }

    [SmallDiskFact]
    public async Task PutAsync_DiskFull_IsUnavailableAndLeavesNoHalfFile()
    {
        using var disk = SmallDisk.Mount(_folder["disk"], mebibytes: 1);
        var store = FileArtifactStore.Open(disk.Path, KeyFile);
        await store.PutAsync(Acme, Hash("a"), "a"u8.ToArray());
        var large = new byte[2 * 1024 * 1024];

        await Assert.ThrowsAsync<LedgerUnavailableException>(() => store.PutAsync(Acme, Hash(large), large));

        Assert.Null(await store.GetAsync(Acme, Hash(large)));
        Assert.Single(Directory.GetFiles(disk.Path, "*", SearchOption.AllDirectories));
        await store.PutAsync(Acme, Hash("b"), "b"u8.ToArray());
        Assert.NotNull(await store.GetAsync(Acme, Hash("a")));
    }

    [Fact]
    public async Task Open_AfterACrash_RemovesWhatWasUnfinished()
    {
        var unfinished = Path.Combine(Files, "unfinished", "0123");
        File.WriteAllText(unfinished, "half");
        await OpenAsync();

        Assert.False(File.Exists(unfinished));
    }

    [Fact]
    public async Task PutAsync_Canceled_LeavesNothing()
    {
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Store.PutAsync(Acme, Hash("a"), "a"u8.ToArray(), canceled.Token));

        Assert.Empty(Directory.GetFiles(Files, "*", SearchOption.AllDirectories));
    }

    protected override Task<IArtifactStore> OpenAsync()
    {
        Directory.CreateDirectory(Files);
        return Task.FromResult<IArtifactStore>(FileArtifactStore.Open(Files, KeyFile));
    }

    protected override async Task DamageAsync(string tenant, string hash, Func<byte[], byte[]> change)
    {
        var file = StoredFile(tenant, hash);
        await File.WriteAllBytesAsync(file, change(await File.ReadAllBytesAsync(file)));
    }

    protected override Task CleanAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    private string StoredFile(string tenant, string hash) =>
        Path.Combine(Files, Hash(tenant), hash);
}
