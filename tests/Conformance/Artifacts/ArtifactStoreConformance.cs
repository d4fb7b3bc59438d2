using System.Security.Cryptography;
using System.Text;
using Countersign.Artifacts;

namespace Countersign.Conformance.Artifacts;

/// <summary>
/// What <see cref="IArtifactStore"/> promises, one test for each sentence. A store joins by deriving from this class and
/// saying how it is opened, and how somebody with access to the storage would damage it.
/// </summary>
public abstract class ArtifactStoreConformance : IAsyncLifetime
{
    private IArtifactStore? _store;

    /// <summary>The store under test.</summary>
    protected IArtifactStore Store => _store!;

    /// <summary>A tenant that no other test uses.</summary>
    protected string Acme { get; } = "acme-" + Guid.NewGuid().ToString("N");

    /// <summary>Another tenant that no other test uses.</summary>
    protected string Globex { get; } = "globex-" + Guid.NewGuid().ToString("N");

    /// <summary>Opens this test's own store, empty the first time; called again, it opens the same store again.</summary>
    protected abstract Task<IArtifactStore> OpenAsync();

    /// <summary>Changes the stored bytes, past the store.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="hash">Whose bytes.</param>
    /// <param name="change">Gets what is stored, answers what shall be.</param>
    protected abstract Task DamageAsync(string tenant, string hash, Func<byte[], byte[]> change);

    /// <summary>Removes the store.</summary>
    protected virtual Task CleanAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task InitializeAsync() => _store = await OpenAsync();

    /// <inheritdoc/>
    public Task DisposeAsync() => CleanAsync();

    [Fact]
    public async Task GetAsync_NeverPut_IsNull() => Assert.Null(await Store.GetAsync(Acme, Hash("nothing")));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(10 * 1024 * 1024)]
    public async Task PutAsync_AnySize_ComesBack(int length)
    {
        var content = Enumerable.Range(0, length).Select(i => (byte)(i * 31)).ToArray();
        await Store.PutAsync(Acme, Hash(content), content);
        _store = await OpenAsync();

        var read = await Store.GetAsync(Acme, Hash(content));
        Assert.NotNull(read);
        Assert.True(read.Value.Span.SequenceEqual(content));
    }

    [Fact]
    public async Task PutAsync_SameContentAgain_ChangesNothing()
    {
        await PutAsync(Acme, "content");
        var before = await StoredAsync(Acme, Hash("content"));
        await PutAsync(Acme, "content");

        Assert.Equal(before, await StoredAsync(Acme, Hash("content")));
        Assert.Equal("content", await GetAsync(Acme, "content"));
    }

    [Fact]
    public async Task PutAsync_ManyAtOnce_AllComeBack()
    {
        await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() => PutAsync(i % 2 == 0 ? Acme : Globex, $"content {i / 4}"))));

        for (var i = 0; i < 16; i++)
        {
            Assert.Equal($"content {i}", await GetAsync(Acme, $"content {i}"));
            Assert.Equal($"content {i}", await GetAsync(Globex, $"content {i}"));
        }
    }

    [Fact]
    public async Task GetAsync_AnotherTenant_IsNull()
    {
        await PutAsync(Acme, "content");
        Assert.Null(await Store.GetAsync(Globex, Hash("content")));
    }

    [Fact]
    public async Task PutAsync_TwoTenantsSameContent_IsStoredApart()
    {
        await PutAsync(Acme, "content");
        await PutAsync(Globex, "content");

        Assert.NotEqual(await StoredAsync(Acme, Hash("content")), await StoredAsync(Globex, Hash("content")));
        await Store.DeleteAsync(Acme, Hash("content"));
        Assert.Null(await GetAsync(Acme, "content"));
        Assert.Equal("content", await GetAsync(Globex, "content"));
    }

    [Fact]
    public async Task DeleteAsync_NothingThere_IsNoError() => await Store.DeleteAsync(Acme, Hash("nothing"));

    [Fact]
    public async Task DeleteAsync_ThenPut_IsThereAgain()
    {
        await PutAsync(Acme, "content");
        await Store.DeleteAsync(Acme, Hash("content"));
        await PutAsync(Acme, "content");

        Assert.Equal("content", await GetAsync(Acme, "content"));
    }

    [Fact]
    public async Task Stored_Content_IsEncrypted()
    {
        var secret = "the quick brown fox jumps over the lazy dog";
        await PutAsync(Acme, secret);
        var stored = await StoredAsync(Acme, Hash(secret));

        Assert.DoesNotContain("quick brown", Encoding.Latin1.GetString(stored), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAsync_AnyByteChanged_IsCorrupt()
    {
        await PutAsync(Acme, "content");
        var length = (await StoredAsync(Acme, Hash("content"))).Length;
        for (var i = 0; i < length; i++)
        {
            await FlipAsync(i);
            var corrupt = await Assert.ThrowsAsync<ArtifactCorruptException>(() => Store.GetAsync(Acme, Hash("content")));
            Assert.Equal(Hash("content"), corrupt.Hash);
            await FlipAsync(i);
        }

        Assert.Equal("content", await GetAsync(Acme, "content"));

        Task FlipAsync(int index) => DamageAsync(Acme, Hash("content"), bytes =>
        {
            bytes[index] ^= 0x10;
            return bytes;
        });
    }

    [Fact]
    public async Task GetAsync_CutAnywhere_IsCorrupt()
    {
        await PutAsync(Acme, "content");
        var whole = await StoredAsync(Acme, Hash("content"));
        for (var length = 0; length < whole.Length; length++)
        {
            await DamageAsync(Acme, Hash("content"), _ => whole[..length]);
            await Assert.ThrowsAsync<ArtifactCorruptException>(() => Store.GetAsync(Acme, Hash("content")));
        }
    }

    [Fact]
    public async Task GetAsync_AnotherArtifactsBytes_IsCorrupt()
    {
        await PutAsync(Acme, "one");
        await PutAsync(Acme, "two");
        var one = await StoredAsync(Acme, Hash("one"));
        await DamageAsync(Acme, Hash("two"), _ => one);

        await Assert.ThrowsAsync<ArtifactCorruptException>(() => Store.GetAsync(Acme, Hash("two")));
    }

    [Fact]
    public async Task GetAsync_AnotherTenantsBytes_IsCorrupt()
    {
        await PutAsync(Acme, "content");
        await PutAsync(Globex, "content");
        var foreign = await StoredAsync(Globex, Hash("content"));
        await DamageAsync(Acme, Hash("content"), _ => foreign);

        await Assert.ThrowsAsync<ArtifactCorruptException>(() => Store.GetAsync(Acme, Hash("content")));
    }

    [Fact]
    public async Task GetAsync_ContentOfAnotherHash_IsCorrupt()
    {
        var wrong = Hash("right");
        await Store.PutAsync(Acme, wrong, Encoding.UTF8.GetBytes("wrong"));

        await Assert.ThrowsAsync<ArtifactCorruptException>(() => Store.GetAsync(Acme, wrong));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../../../etc/passwd")]
    [InlineData("ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789")]
    [InlineData("g000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("00")]
    public async Task AnyCall_HashThatIsNone_IsRefused(string hash)
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.PutAsync(Acme, hash, new byte[1]));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.GetAsync(Acme, hash));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.DeleteAsync(Acme, hash));
    }

    [Theory]
    [InlineData("../../outside")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("CON")]
    [InlineData("ünï 日本")]
    public async Task PutAsync_OddTenant_IsATenantLikeOthers(string tenant)
    {
        await PutAsync(tenant, "content");
        Assert.Equal("content", await GetAsync(tenant, "content"));
        await Store.DeleteAsync(tenant, Hash("content"));
        Assert.Null(await GetAsync(tenant, "content"));
    }

    /// <summary>SHA-256 of a text.</summary>
    protected static string Hash(string content) => Hash(Encoding.UTF8.GetBytes(content));

    /// <summary>SHA-256 of bytes.</summary>
    protected static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private Task PutAsync(string tenant, string content) => Store.PutAsync(tenant, Hash(content), Encoding.UTF8.GetBytes(content));

    private async Task<string?> GetAsync(string tenant, string content) =>
        await Store.GetAsync(tenant, Hash(content)) is { } read ? Encoding.UTF8.GetString(read.Span) : null;

    private async Task<byte[]> StoredAsync(string tenant, string hash)
    {
        var stored = Array.Empty<byte>();
        await DamageAsync(tenant, hash, bytes =>
        {
            stored = [.. bytes];
            return bytes;
        });
        return stored;
    }
}
