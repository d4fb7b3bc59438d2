using Countersign.Canonical;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Ledger;

namespace Countersign.Core.Tests.Ledger.Canonical;

public sealed class ContentHashTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64 * 1024)]
    [InlineData(200_001)]
    public async Task OfAsync_Stream_IsHashedAndCopied(int length)
    {
        var content = new Seeded(1).Bytes(length);
        using var source = new DribblingStream(content);
        using var destination = new MemoryStream();

        var hash = await ContentHash.OfAsync(source, destination);

        Assert.Equal(new ContentHash(Hash256.Of(content), length), hash);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)), hash.Hex);
        Assert.Equal(content, destination.ToArray());
        Assert.True(source.LongestRead <= 64 * 1024);
    }

    [Fact]
    public async Task OfAsync_NoDestination_OnlyHashes()
    {
        using var source = new MemoryStream([1, 2, 3]);

        Assert.Equal(new ContentHash(Hash256.Of([1, 2, 3]), 3), await ContentHash.OfAsync(source, null));
    }

    [Fact]
    public async Task OfAsync_LongerThanAllowed_IsRefusedBeforeItIsWritten()
    {
        using var source = new MemoryStream(new byte[11]);
        using var destination = new MemoryStream();

        var error = await Assert.ThrowsAsync<ContentTooLongException>(() => ContentHash.OfAsync(source, destination, 10));

        Assert.Equal(("content.too-long", 10L, 0L), (error.Code, error.Limit, destination.Length));
    }

    [Fact]
    public async Task OfAsync_ExactlyAsLongAsAllowed_Passes()
    {
        using var source = new MemoryStream(new byte[10]);

        Assert.Equal(10, (await ContentHash.OfAsync(source, null, 10)).Length);
    }

    [Fact]
    public async Task OfAsync_Canceled_Ends()
    {
        using var source = new MemoryStream(new byte[10]);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => ContentHash.OfAsync(source, null, cancellation: new CancellationToken(true)));
    }

    // Gives a few bytes at a time, as sockets do, and remembers how much was asked for at most.
    private sealed class DribblingStream(byte[] content) : MemoryStream(content)
    {
        public int LongestRead { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            LongestRead = Math.Max(LongestRead, buffer.Length);
            return base.ReadAsync(buffer[..Math.Min(buffer.Length, 5000)], cancellationToken);
        }
    }
}
