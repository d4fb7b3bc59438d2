using System.Globalization;
using System.Text;
using Countersign.Ledger;

namespace Countersign.Api.Tests;

public sealed class AuditTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Events_Filters_HoldWhatTheyName()
    {
        var run = (await server.StartAsync("hello", new { name = "audit" })).Text("id");
        var created = Assert.Single((await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&type=run.created")).Items());
        Assert.Equal(("eve", run), (created.Text("actor"), created.Text("run")));
        Assert.All((await server.Admin.GetJsonAsync("/v1/audit/events?type=workflow.*&limit=200")).Items(), entry => Assert.StartsWith("workflow.", entry.Text("type"), StringComparison.Ordinal));
        Assert.All((await server.Admin.GetJsonAsync("/v1/audit/events?actor=root&limit=200")).Items(), entry => Assert.Equal("root", entry.Text("actor")));
        var time = Uri.EscapeDataString(created.Text("time"));
        var since = (await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&since={time}&limit=200")).Items();
        Assert.Equal("run.created", since[0].Text("type"));
        Assert.Empty((await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&until={time}")).Items());
        Assert.Empty((await server.Admin.GetJsonAsync("/v1/audit/events?run=none")).Items());
        var steps = (await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&type=step.*&limit=200")).Items();
        var step = steps[0].Text("step");
        Assert.NotEmpty((await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&step={step}")).Items());
        Assert.Empty((await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&step=other")).Items());
    }

    [Fact]
    public async Task Events_InPages_AreTheWholeLogInOrder()
    {
        await server.StartAsync("hello", new { name = "pages" });
        var sequences = new List<long>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await server.Admin.GetJsonAsync("/v1/audit/events?limit=3" + (cursor.Length == 0 ? "" : "&cursor=" + cursor));
            sequences.AddRange(page.Items().Select(entry => entry.GetProperty("sequence").GetInt64()));
            cursor = page.TryGetProperty("cursor", out var next) ? next.GetString() : null;
        }

        Assert.Equal(Enumerable.Range(1, sequences.Count).Select(n => (long)n), sequences);
    }

    [Fact]
    public async Task Verify_WholeLogAndARange_AreIntact()
    {
        await server.StartAsync("hello", new { name = "verify" });
        var whole = await server.Admin.PostTextAsync("/v1/audit/verify", "", 200);
        Assert.True(whole.GetProperty("intact").GetBoolean());
        Assert.Equal(whole.GetProperty("lastSequence").GetInt64(), whole.GetProperty("entries").GetInt64());
        var part = await server.Admin.PostJsonAsync("/v1/audit/verify", new { from = 3, to = 5 });
        Assert.True(part.GetProperty("intact").GetBoolean());
        Assert.Equal(3, part.GetProperty("entries").GetInt64());
        Assert.Equal((3, 5), (part.GetProperty("firstSequence").GetInt32(), part.GetProperty("lastSequence").GetInt32()));
    }

    [Fact]
    public async Task Export_Whole_IsAcceptedByTheVerifier()
    {
        await server.StartAsync("hello", new { name = "export" });
        var report = await VerifyAsync(await server.Admin.GetByteArrayAsync("/v1/audit/export"));
        Assert.True(report.Intact);
        Assert.True(report.Entries > 8);
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(3, 6)]
    [InlineData(2, 2)]
    public async Task Export_Range_IsAcceptedByTheVerifier(int from, int to)
    {
        await server.StartAsync("hello", new { name = "range" });
        var report = await VerifyAsync(await server.Admin.GetByteArrayAsync($"/v1/audit/export?from={from}&to={to}"));
        Assert.True(report.Intact, string.Join("; ", report.Faults.Select(fault => fault.Message)));
        Assert.Equal((to - from + 1, from, to), ((int)report.Entries, (int)report.FirstSequence, (int)report.LastSequence));
    }

    [Fact]
    public async Task Export_OfAnEmptyLog_IsIntact()
    {
        using var empty = await server.InAsync("void", "root", Access.Role.Auditor);
        var before = await empty.GetByteArrayAsync("/v1/audit/export");
        Assert.True((await VerifyAsync(before)).Intact);
    }

    [Fact]
    public async Task Export_TamperedWith_IsRefused()
    {
        await server.StartAsync("hello", new { name = "tamper" });
        var lines = Encoding.UTF8.GetString(await server.Admin.GetByteArrayAsync("/v1/audit/export")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.False((await VerifyAsync(Bytes([.. lines[..3], .. lines[4..]]))).Intact);
        Assert.False((await VerifyAsync(Bytes([.. lines[..3], lines[4], lines[3], .. lines[5..]]))).Intact);
        Assert.False((await VerifyAsync(Bytes(lines[..^1]))).Intact);
        for (var line = 1; line < lines.Length; line++)
        {
            // One character of the payload's base64.
            var at = lines[line].LastIndexOf("\":\"", StringComparison.Ordinal) + 3;
            var other = lines[line][at] == 'A' ? 'B' : 'A';
            var changed = lines.ToArray();
            changed[line] = lines[line][..at] + other + lines[line][(at + 1)..];
            Assert.False((await VerifyAsync(Bytes(changed))).Intact, line.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static byte[] Bytes(string[] lines) => Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");

    private static async Task<VerifyReport> VerifyAsync(byte[] export)
    {
        using var stream = new MemoryStream(export);
        var read = await LogExport.OpenAsync(stream);
        return await read.VerifyAsync(new ChainVerifier(read.Header.Start, read.Header.End));
    }
}
