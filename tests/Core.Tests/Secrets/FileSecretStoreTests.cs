using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Countersign.Egress;
using Countersign.Secrets;

namespace Countersign.Core.Tests.Secrets;

public sealed class FileSecretStoreTests : IDisposable
{
    private static readonly ImmutableArray<Origin> Pay = [Origin.TryParse("https://pay.example")!];

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "countersign-" + Guid.NewGuid().ToString("N"));
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(FileSecretStore.KeyLength);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task SetAsync_ThenAnotherStore_FindsListsAndDeletes()
    {
        using (var first = Open())
        {
            await first.SetAsync("acme", "payments-key", "hunter2-é", Pay);
            await first.SetAsync("acme", "another", "value", Pay);
            await first.SetAsync("acme", "another", "value 2", Pay);
        }

        using var second = Open();
        Assert.Equal("hunter2-é", (await second.FindAsync("acme", "payments-key"))!.Reveal());
        Assert.Equal("value 2", (await second.FindAsync("acme", "another"))!.Reveal());
        Assert.Equal("another, payments-key", string.Join(", ", (await second.ListAsync("acme")).Select(secret => secret.Name)));

        await second.DeleteAsync("acme", "another");
        await second.DeleteAsync("acme", "never-there");

        Assert.Null(await second.FindAsync("acme", "another"));
        Assert.Equal("payments-key", Assert.Single(await second.ListAsync("acme")).Name);
    }

    [Fact]
    public async Task FindAsync_OtherTenant_FindsNothing()
    {
        using var store = Open();
        await store.SetAsync("acme", "key", "value", Pay);

        Assert.Null(await store.FindAsync("acme2", "key"));
        Assert.Empty(await store.ListAsync("../acme"));
    }

    [Fact]
    public async Task SetAsync_File_HoldsNeitherNamesNorValues()
    {
        using var store = Open();
        await store.SetAsync("acme", "payments-key", "canary-value", Pay);

        var file = Assert.Single(Directory.GetFiles(_folder));
        var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file));
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
        Assert.DoesNotContain("payments", text, StringComparison.Ordinal);
        Assert.DoesNotContain("acme", Path.GetFileName(file), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task FindAsync_AnyByteChanged_Refused()
    {
        using var store = Open();
        await store.SetAsync("acme", "key", "value", Pay);
        var file = Assert.Single(Directory.GetFiles(_folder));
        var bytes = await File.ReadAllBytesAsync(file);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            await File.WriteAllBytesAsync(file, bytes);
            Assert.Equal("secret.store-damaged", (await Assert.ThrowsAsync<SecretStoreException>(() => store.FindAsync("acme", "key").AsTask())).Code);
            bytes[i] ^= 1;
        }

        await File.WriteAllBytesAsync(file, bytes[..10]);
        await Assert.ThrowsAsync<SecretStoreException>(() => store.FindAsync("acme", "key").AsTask());
    }

    [Fact]
    public async Task FindAsync_FileOfAnotherTenantOrKey_Refused()
    {
        using var store = Open();
        await store.SetAsync("acme", "key", "value", Pay);
        var stolen = Assert.Single(Directory.GetFiles(_folder));
        await store.SetAsync("evil", "key", "other", Pay);
        File.Copy(stolen, Directory.GetFiles(_folder).Single(file => file != stolen), overwrite: true);

        await Assert.ThrowsAsync<SecretStoreException>(() => store.FindAsync("evil", "key").AsTask());

        using var other = new FileSecretStore(_folder, new byte[FileSecretStore.KeyLength], TimeProvider.System);
        await Assert.ThrowsAsync<SecretStoreException>(() => other.FindAsync("acme", "key").AsTask());
    }

    [Fact]
    public async Task SetAsync_ManyAtOnce_NoneIsLost()
    {
        using var store = Open();

        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => store.SetAsync("acme", $"key-{i:00}", $"value-{i}", Pay).AsTask())));

        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"key-{i:00}"), (await store.ListAsync("acme")).Select(secret => secret.Name));
    }

    [Fact]
    public async Task FileOfAnOlderBuild_IsReadAndItsSecretsAreBoundToNothingUntilTheyAre()
    {
        using var store = Open();
        await store.SetAsync("acme", "new", "value", Pay);
        await File.WriteAllBytesAsync(Assert.Single(Directory.GetFiles(_folder)), OldFile("acme", """{"old":"hunter2","older":"hunter1"}"""));

        Assert.Equal(["old", "older"], (await store.ListAsync("acme")).Select(secret => secret.Name));
        Assert.Empty((await store.FindAsync("acme", "old"))!.Origins);

        await store.BindAsync("acme", "old", Pay);

        Assert.Equal("hunter2", (await store.FindAsync("acme", "old"))!.Reveal());
        Assert.Equal("https://pay.example", Assert.Single((await store.FindAsync("acme", "old"))!.Origins).ToString());
        Assert.Equal("hunter1", (await store.FindAsync("acme", "older"))!.Reveal());
        Assert.Empty((await store.FindAsync("acme", "older"))!.Origins);
    }

    [Fact]
    public async Task SetAsync_NewSecretWithoutOrigins_RefusedAndAnOldOneKeepsIts()
    {
        using var store = Open();

        Assert.Equal(SecretCodes.OriginsRequired, (await Assert.ThrowsAsync<SecretStoreException>(() => store.SetAsync("acme", "key", "value", []).AsTask())).Code);
        Assert.Equal(SecretCodes.NotFound, (await Assert.ThrowsAsync<SecretStoreException>(() => store.BindAsync("acme", "key", Pay).AsTask())).Code);
        await store.SetAsync("acme", "key", "value", Pay);
        await store.SetAsync("acme", "key", "value 2", []);

        Assert.Equal("https://pay.example", Assert.Single((await store.FindAsync("acme", "key"))!.Origins).ToString());
    }

    [Theory]
    [InlineData("", "value", "secret.name")]
    [InlineData("-a", "value", "secret.name")]
    [InlineData("A", "value", "secret.name")]
    [InlineData("a/b", "value", "secret.name")]
    [InlineData("a", "abc", "secret.value-length")]
    public async Task SetAsync_BadNameOrValue_RefusedAndNothingWritten(string name, string value, string code)
    {
        using var store = Open();

        var exception = await Assert.ThrowsAsync<SecretStoreException>(() => store.SetAsync("acme", name, value, Pay).AsTask());

        Assert.Equal(code, exception.Code);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    // One byte for the format, a nonce, a tag, and the names and values.
    private byte[] OldFile(string tenant, string json)
    {
        var plain = Encoding.UTF8.GetBytes(json);
        var file = new byte[29 + plain.Length];
        file[0] = 1;
        using var cipher = new AesGcm(_key, 16);
        cipher.Encrypt(file.AsSpan(1, 12), plain, file.AsSpan(29), file.AsSpan(13, 16), Encoding.UTF8.GetBytes("countersign-secrets-1\0" + tenant));
        return file;
    }

    private FileSecretStore Open() => new(_folder, _key, TimeProvider.System);
}
