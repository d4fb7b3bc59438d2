using System.Text;
using Countersign.Conformance;
using Countersign.Engine.Sqlite;
using Countersign.Ledger;

namespace Countersign.Engine.Tests.Sqlite;

public sealed class JournalCipherTests : IDisposable
{
    private const string Tenant = "acme";
    private const string Run = "0195a3c27b1e7c44b6a1d0e5f2a39c01";
    private const string Canary = "canary-of-a-run's-data";

    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly byte[] OtherKey = [.. Enumerable.Range(2, 32).Select(i => (byte)i)];

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Values_WithAKey_AreReadBackAndNotInTheFile()
    {
        await WriteAsync(Key);
        Assert.False(InFiles(Canary));

        await using var ledger = Open(Key);
        Assert.Equal(Canary, Text((await ledger.ReadRowAsync(Tenant, "a|1"))!.Value));
        Assert.Equal([Canary, Canary], (await ledger.ScanRowsAsync(Tenant, "a|", null, 10)).Select(row => Text(row.Value)));
        Assert.Equal(Canary, Text((await ledger.ReadCallAsync(Tenant, Run, "step:1"))!.Answer!.Value));
        Assert.Equal(Canary, Text(Assert.Single(await ledger.ReadRunCallsAsync(Tenant, Run)).Answer!.Value));
    }

    [Fact]
    public async Task Values_WrittenInClearBefore_AreReadAndEncryptedWhenWrittenAgain()
    {
        await WriteAsync(key: null);
        Assert.True(InFiles(Canary));

        await using var ledger = Open(Key);
        var row = (await ledger.ReadRowAsync(Tenant, "a|1"))!;
        Assert.Equal(Canary, Text(row.Value));
        Assert.Equal(Canary, Text((await ledger.ReadCallAsync(Tenant, Run, "step:1"))!.Answer!.Value));
        await ledger.CommitAsync(Tenant, new LedgerCommit { Rows = [RowWrite.Replace("a|1", Encoding.UTF8.GetBytes("written-again"), row.Version)] });
        Assert.Equal("written-again", Text((await ledger.ReadRowAsync(Tenant, "a|1"))!.Value));
        Assert.False(InFiles("written-again"));
    }

    [Fact]
    public async Task Open_WithAnotherKey_IsRefusedAndWithoutOneNothingEncryptedIsRead()
    {
        await WriteAsync(Key);

        Assert.Equal("journal.key", Assert.Throws<JournalKeyException>(() => Open(OtherKey)).Code);
        await using (var ledger = Open(null))
        {
            await Assert.ThrowsAsync<JournalKeyException>(async () => await ledger.ReadRowAsync(Tenant, "a|1"));
        }

        await using var again = Open(Key);
        Assert.Equal(Canary, Text((await again.ReadRowAsync(Tenant, "a|1"))!.Value));
    }

    [Fact]
    public void Read_OfAnotherPlaceOrChanged_IsRefused()
    {
        using var cipher = new JournalCipher(Key);
        var stored = cipher.Encrypt(Encoding.UTF8.GetBytes(Canary), "a|1", Run).ToArray();

        Assert.Equal(Canary, Encoding.UTF8.GetString(cipher.Read(stored, "a|1", Run)));
        Assert.Throws<JournalKeyException>(() => cipher.Read(stored, "a|2", Run));
        Assert.Throws<JournalKeyException>(() => cipher.Read(stored, "a|1"));
        for (var i = 4; i < stored.Length; i++)
        {
            stored[i] ^= 1;
            Assert.Throws<JournalKeyException>(() => cipher.Read(stored, "a|1", Run));
            stored[i] ^= 1;
        }
    }

    [Fact]
    public void Encrypt_TheSameTwice_DiffersAndAnotherOpeningReadsIt()
    {
        using var first = new JournalCipher(Key);
        using var second = new JournalCipher(Key);
        var value = Encoding.UTF8.GetBytes(Canary);
        var stored = new[] { first.Encrypt(value, "a"), first.Encrypt(value, "a"), second.Encrypt(value, "a") };

        Assert.Equal(3, stored.Select(bytes => Convert.ToHexString(bytes.Span)).Distinct().Count());
        Parallel.For(0, 200, i => Assert.Equal(value, (i % 2 == 0 ? first : second).Read(stored[i % 3].Span, "a")));
    }

    private async Task WriteAsync(byte[]? key)
    {
        await using var ledger = Open(key);
        var value = Encoding.UTF8.GetBytes(Canary);
        await ledger.CommitAsync(Tenant, new LedgerCommit
        {
            Rows = [RowWrite.Insert("a|1", value), RowWrite.Insert("a|2", value)],
            Call = new CallRecord(Run, "step:1", 1, "nonce", value),
        });
    }

    private SqliteLedger Open(byte[]? key) => SqliteLedger.Open(new SqliteLedgerOptions { Path = folder["journal.db"], Key = key });

    private bool InFiles(string text) =>
        Directory.EnumerateFiles(folder.Path, "journal.db*").Any(file => File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);

    private static string Text(ReadOnlyMemory<byte> value) => Encoding.UTF8.GetString(value.Span);
}
