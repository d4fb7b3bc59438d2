using System.Text;
using System.Text.Json.Nodes;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Ledger;

namespace Countersign.Core.Tests.Ledger.Verification;

public sealed class LogExportTests
{
    private static readonly List<StoredEntry> Log = SampleLog.Of("acme", 1000);

    [Fact]
    public async Task ReadAsync_WrittenExport_IsTheLog()
    {
        var log = Log.Select((e, i) => i % 10 == 0 ? e.Erase() : e).ToList();
        var (header, entries) = await Read(await Write(log));

        Assert.Equal(Header(Log), header);
        Assert.Equal(log.Select(Text), entries.Select(Text));
    }

    [Fact]
    public async Task VerifyAsync_WrittenExport_IsIntact()
    {
        using var stream = new MemoryStream(await Write(Log));
        var export = await LogExport.OpenAsync(stream);

        var report = await export.VerifyAsync(new ChainVerifier(export.Header.Start, export.Header.End));

        Assert.True(report.Intact);
        Assert.Equal(1000, report.Entries);
    }

    [Fact]
    public async Task WriteAsync_TwoEntries_IsTheDocumentedForm()
    {
        var text = Encoding.UTF8.GetString(await Write([Log[0], Log[1].Erase()], Header(Log)));

        var lines = text.Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Equal(
            "{\"format\":\"countersign-log/1\",\"tenant\":\"acme\",\"from\":1,\"to\":1000,\"previousHash\":\"" + new string('0', 64)
            + $"\",\"head\":\"{Log[^1].Hash()}\"}}",
            lines[0]);
        Assert.Equal(
            $"{{\"entry\":\"{Base64(Log[0].Bytes)}\",\"salt\":\"{Base64(Log[0].Salt)}\",\"payload\":\"{Base64(Log[0].Payload)}\"}}", lines[1]);
        Assert.Equal($"{{\"entry\":\"{Base64(Log[1].Bytes)}\"}}", lines[2]);
        Assert.Equal("", lines[3]);
    }

    [Fact]
    public async Task ReadAsync_AnyChunking_IsTheSame()
    {
        var bytes = await Write(Log);
        foreach (var chunk in new[] { 1, 7, 1000, 65_536 })
        {
            using var stream = new ChunkedStream(bytes, chunk);
            var (_, entries) = await Read(stream);
            Assert.Equal(Log.Select(Text), entries.Select(Text));
        }
    }

    [Fact]
    public async Task ReadAsync_LastLineFeedMissing_IsTheSame() => Assert.Equal(1000, (await Read((await Write(Log))[..^1])).Entries.Count);

    [Theory]
    [InlineData("\n")]
    [InlineData("\n\n\r\n")]
    public async Task ReadAsync_BlankLinesAtTheEnd_AreTheSame(string end) =>
        Assert.Equal(1000, (await Read([.. await Write(Log), .. Encoding.UTF8.GetBytes(end)])).Entries.Count);

    [Theory]
    [InlineData(2, "0000000000000000000000000000000000000000000000000000000000000001", "0000000000000000000000000000000000000000000000000000000000000000", "")]
    [InlineData(0, "0000000000000000000000000000000000000000000000000000000000000000", "0000000000000000000000000000000000000000000000000000000000000001", "")]
    [InlineData(2, "0000000000000000000000000000000000000000000000000000000000000000", "0000000000000000000000000000000000000000000000000000000000000001", ",\"note\":1")]
    [InlineData(2, "0000000000000000000000000000000000000000000000000000000000000000", "0000000000000000000000000000000000000000000000000000000000000001", ",\"tenant\":\"b\"")]
    public async Task OpenAsync_HeaderThatContradictsItselfOrHasMore_IsRefused(int to, string previous, string head, string more)
    {
        var text = $"{{\"format\":\"countersign-log/1\",\"tenant\":\"a\",\"from\":1,\"to\":{to},\"previousHash\":\"{previous}\",\"head\":\"{head}\"{more}}}\n";
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));

        Assert.Equal(LogExportErrorCodes.Header, (await Assert.ThrowsAsync<LogExportException>(() => LogExport.OpenAsync(stream))).Code);
    }

    [Theory]
    [InlineData("format")]
    [InlineData("tenant")]
    [InlineData("from")]
    [InlineData("to")]
    [InlineData("previousHash")]
    [InlineData("head")]
    public async Task OpenAsync_HeaderWithoutAField_NamesTheField(string field)
    {
        var header = JsonNode.Parse(Encoding.UTF8.GetString(await Write(Log)).Split('\n')[0])!.AsObject();
        header.Remove(field);
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(header.ToJsonString() + "\n"));

        var refused = await Assert.ThrowsAsync<LogExportException>(() => LogExport.OpenAsync(stream));

        Assert.Contains($"the field '{field}' is missing", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VerifyAsync_PayloadsRemoved_NamesThem()
    {
        using var stream = new MemoryStream(await Write([.. Log.Select((entry, i) => i is 3 or 7 ? entry.Erase() : entry)]));
        var export = await LogExport.OpenAsync(stream);

        var report = await export.VerifyAsync(new ChainVerifier(export.Header.Start, export.Header.End));

        Assert.True(report.Intact);
        Assert.Equal(2, report.Erased);
        Assert.Equal([4, 8], report.ErasedEntries);
    }

    [Fact]
    public async Task ReadAsync_LargePayload_Passes()
    {
        var large = Log[0] with { Payload = new Seeded(1).Bytes(3_000_000) };

        var (_, entries) = await Read(await Write([large, Log[1]], Header(Log)));

        Assert.Equal([Text(large), Text(Log[1])], entries.Select(Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("[]\n")]
    [InlineData("{}\n")]
    [InlineData("{\"format\":\"countersign-log/2\",\"tenant\":\"a\",\"from\":1,\"to\":1,\"previousHash\":\"Z\",\"head\":\"Z\"}\n")]
    [InlineData("{\"format\":\"countersign-log/1\",\"tenant\":null,\"from\":1,\"to\":1,\"previousHash\":\"Z\",\"head\":\"Z\"}\n")]
    [InlineData("{\"format\":\"countersign-log/1\",\"tenant\":\"a\",\"from\":0,\"to\":1,\"previousHash\":\"Z\",\"head\":\"Z\"}\n")]
    [InlineData("{\"format\":\"countersign-log/1\",\"tenant\":\"a\",\"from\":3,\"to\":1,\"previousHash\":\"Z\",\"head\":\"Z\"}\n")]
    [InlineData("{\"format\":\"countersign-log/1\",\"tenant\":\"a\",\"from\":1.5,\"to\":1,\"previousHash\":\"Z\",\"head\":\"Z\"}\n")]
    [InlineData("{\"format\":\"countersign-log/1\",\"tenant\":\"a\",\"from\":1,\"to\":1,\"previousHash\":\"00\",\"head\":\"Z\"}\n")]
    [InlineData("{\"format\":\"countersign-log/1\",\"tenant\":\"a\",\"from\":1,\"to\":1,\"previousHash\":\"Z\",\"head\":null}\n")]
    public async Task OpenAsync_NoHeader_IsRefused(string text)
    {
        var zeros = text.Replace("\"Z\"", "\"" + new string('0', 64) + "\"", StringComparison.Ordinal);
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(zeros));

        var error = await Assert.ThrowsAsync<LogExportException>(() => LogExport.OpenAsync(stream));

        Assert.Equal((LogExportErrorCodes.Header, 1L), (error.Code, error.Line));
    }

    [Fact]
    public async Task ReadAsync_BlankLineBeforeAnEntry_IsRefusedWithItsNumber()
    {
        var lines = Encoding.UTF8.GetString(await Write([Log[0], Log[1]], Header(Log))).Split('\n');

        var error = await Assert.ThrowsAsync<LogExportException>(() => Read(Encoding.UTF8.GetBytes(string.Join('\n', lines[0], lines[1], "", lines[2]))));

        Assert.Equal((LogExportErrorCodes.MalformedLine, 3L), (error.Code, error.Line));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"salt\":\"AAAA\"}")]
    [InlineData("{\"entry\":\"\"}")]
    [InlineData("{\"entry\":null}")]
    [InlineData("{\"entry\":7}")]
    [InlineData("{\"entry\":\"A\"}")]
    [InlineData("{\"entry\":\"A*==\"}")]
    [InlineData("{\"entry\":\"AA\\u003d=\"}")]
    [InlineData("{\"entry\":\"AAAA\",\"entry\":\"AAAA\"}")]
    [InlineData("{\"entry\":\"AAAA\",\"other\":\"AAAA\"}")]
    [InlineData("{\"entry\":\"AAAA\"} {}")]
    [InlineData("{\"entry\":\"AAAA\"")]
    [InlineData("{\"entry\":\"AAAA\",}")]
    [InlineData("{\"entry\":\"AAAA\",\"salt\":{\"a\":1}}")]
    public async Task ReadAsync_LineThatIsNoEntry_IsRefusedWithItsNumber(string line)
    {
        var bytes = await Write([Log[0]], Header(Log));
        byte[] broken = [.. bytes, .. Encoding.UTF8.GetBytes(line), (byte)'\n'];

        var error = await Assert.ThrowsAsync<LogExportException>(() => Read(broken));

        Assert.Equal((LogExportErrorCodes.MalformedLine, 3L), (error.Code, error.Line));
    }

    [Fact]
    public async Task ReadAsync_EndlessLine_IsRefusedInBoundedMemory()
    {
        var bytes = await Write([], Header(Log));
        byte[] broken = [.. bytes, .. new byte[17 * 1024 * 1024]];

        var error = await Assert.ThrowsAsync<LogExportException>(() => Read(broken));

        Assert.Equal((LogExportErrorCodes.LineTooLong, 2L), (error.Code, error.Line));
    }

    [Fact]
    public async Task ReadAsync_AnyBytes_AreRefusedByCodeOrRead()
    {
        var bytes = await Write([.. Log.Take(2)], Header(Log));
        FuzzRun.Rounds(5_000, random =>
        {
            try
            {
                var (header, entries) = Read(FuzzRun.Mutate(bytes, ref random)).GetAwaiter().GetResult();
                ChainVerifier.Verify(entries, header.Start, header.End);
            }
            catch (LogExportException refused)
            {
                Assert.StartsWith("export.", refused.Code, StringComparison.Ordinal);
            }
        });
    }

    private static ExportHeader Header(List<StoredEntry> log) => new("acme", 1, log.Count, Hash256.Zero, log[^1].Hash());

    private static async Task<byte[]> Write(List<StoredEntry> log, ExportHeader? header = null)
    {
        using var stream = new MemoryStream();
        await LogExport.WriteAsync(stream, header ?? Header(log), log.ToAsyncEnumerable());
        return stream.ToArray();
    }

    private static async Task<(ExportHeader Header, List<StoredEntry> Entries)> Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return await Read(stream);
    }

    private static async Task<(ExportHeader Header, List<StoredEntry> Entries)> Read(Stream stream)
    {
        var export = await LogExport.OpenAsync(stream);
        return (export.Header, await export.ReadAsync().ToListAsync());
    }

    private static string Base64(ReadOnlyMemory<byte> bytes) => Convert.ToBase64String(bytes.Span);

    private static string Text(StoredEntry entry) => $"{Base64(entry.Bytes)} {Base64(entry.Salt)} {Base64(entry.Payload)}";

    private sealed class ChunkedStream(byte[] content, int chunk) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, chunk)], cancellationToken);
    }
}
