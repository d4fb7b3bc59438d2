using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace Countersign.Host.Tests;

public sealed class LogCommandTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Export_ThenVerify_IsIntact()
    {
        await MakeLogAsync();
        var export = await Countersign.RunAsync("export", "--data", folder["data"], "--tenant", "demo", "-o", folder["log.jsonl"]);
        Assert.Equal(0, export.Code);
        var verify = await Countersign.RunAsync("verify", folder["log.jsonl"]);
        Assert.Equal(0, verify.Code);
        Assert.Contains("intact: no entry was altered", verify.Output, StringComparison.Ordinal);
        Assert.Contains("demo", verify.Output, StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllTextAsync(folder["log.jsonl"]), (await Countersign.RunAsync("export", "--data", folder["data"], "--tenant", "demo")).Output);
    }

    [Fact]
    public async Task Verify_WithoutCheckpoints_SaysThatACutEndIsNotShown()
    {
        await MakeLogAsync();
        await Countersign.RunAsync("export", "--data", folder["data"], "--tenant", "demo", "-o", folder["log.jsonl"]);
        var verify = await Countersign.RunAsync("verify", folder["log.jsonl"]);
        Assert.Matches(@"complete   NOT SHOWN: whether entries after entry \d+ were removed is shown only by signed checkpoints", verify.Output);
    }

    [Fact]
    public async Task Verify_TamperedFile_IsBadAndNamesTheEntry()
    {
        await MakeLogAsync();
        await Countersign.RunAsync("export", "--data", folder["data"], "--tenant", "demo", "-o", folder["log.jsonl"]);
        var lines = await File.ReadAllLinesAsync(folder["log.jsonl"]);
        await File.WriteAllLinesAsync(folder["cut.jsonl"], [.. lines[..4], .. lines[5..]]);
        var cut = await Countersign.RunAsync("verify", folder["cut.jsonl"]);
        Assert.Equal(1, cut.Code);
        Assert.Contains("NOT INTACT", cut.Output, StringComparison.Ordinal);
        Assert.Matches(@"log\.\S+ at entry 4: entry 4 is missing", cut.Output);
    }

    [Fact]
    public async Task Verify_PayloadRemoved_CountsItAndNamesTheEntry()
    {
        await MakeLogAsync();
        await Countersign.RunAsync("export", "--data", folder["data"], "--tenant", "demo", "-o", folder["log.jsonl"]);
        var lines = await File.ReadAllLinesAsync(folder["log.jsonl"]);
        lines[5] = lines[5][..lines[5].IndexOf(",\"salt\"", StringComparison.Ordinal)] + "}";
        await File.WriteAllLinesAsync(folder["erased.jsonl"], [.. lines, ""]);
        Assert.Contains("payloads   none was removed", (await Countersign.RunAsync("verify", folder["log.jsonl"])).Output, StringComparison.Ordinal);
        var erased = await Countersign.RunAsync("verify", folder["erased.jsonl"]);
        Assert.Equal(0, erased.Code);
        Assert.Contains("payloads   1 REMOVED, with their salts: entries 5\n", erased.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_TenantWithoutALog_CannotRunAndNamesThoseThatHaveOne()
    {
        await MakeLogAsync();
        var outcome = await Countersign.RunAsync("export", "--data", folder["data"], "--tenant", "dmeo", "-o", folder["log.jsonl"]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains("--tenant: 'dmeo' has no log", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("The tenants are: demo.", outcome.Error, StringComparison.Ordinal);
        Assert.Equal("", outcome.Output);
        Assert.False(File.Exists(folder["log.jsonl"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage\n")]
    [InlineData("{}\n")]
    public async Task Verify_Garbage_CannotRun(string text)
    {
        var outcome = await Countersign.RunAsync("verify", folder.Write("x.jsonl", text));
        Assert.Equal(2, outcome.Code);
        Assert.Contains("export.header", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_GarbageLine_CannotRun()
    {
        await MakeLogAsync();
        await Countersign.RunAsync("export", "--data", folder["data"], "--tenant", "demo", "-o", folder["log.jsonl"]);
        await File.AppendAllTextAsync(folder["log.jsonl"], "garbage\n");
        var outcome = await Countersign.RunAsync("verify", folder["log.jsonl"]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains("export.malformed-line", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_WithoutFolder_CannotRunAndMakesNone()
    {
        var outcome = await Countersign.RunAsync("export", "--data", folder["none"]);
        Assert.Equal(2, outcome.Code);
        Assert.False(Directory.Exists(folder["none"]));
    }

    [Fact]
    public async Task SecondHost_OnTheSameFolder_IsToldWhoOwnsIt()
    {
        using var first = Countersign.Start("serve", "--data", folder["data"], "--url", "http://127.0.0.1:0");
        try
        {
            await ListeningAsync(first);
            var second = await Countersign.RunAsync("serve", "--data", folder["data"], "--url", "http://127.0.0.1:0");
            Assert.Equal(2, second.Code);
            Assert.Contains("host.folder-in-use", second.Error, StringComparison.Ordinal);
            Assert.Contains($"process {first.Id} on {Environment.MachineName}", second.Error, StringComparison.Ordinal);
            Assert.Equal(2, (await Countersign.RunAsync("export", "--data", folder["data"])).Code);
        }
        finally
        {
            first.Kill();
        }
    }

    [Fact]
    public async Task Serve_FirstStart_PrintsAKeyOnceAndItWorks()
    {
        string key;
        using (var first = Countersign.Start("serve", "--data", folder["data"], "--url", "http://127.0.0.1:0"))
        {
            var (address, lines) = await ListeningAsync(first);
            key = lines.Single(line => line.StartsWith("  cs_", StringComparison.Ordinal)).Trim();
            Assert.Equal(HttpStatusCode.OK, await AskAsync(address, key));
            first.Kill();
            await first.WaitForExitAsync();
        }

        using var again = Countersign.Start("serve", "--data", folder["data"], "--url", "http://127.0.0.1:0");
        var (second, told) = await ListeningAsync(again);
        Assert.DoesNotContain(told, line => line.Contains("cs_", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(second, key));
        again.Kill();
    }

    [Fact]
    public async Task Serve_WherePortIsTaken_SaysSo()
    {
        using var taken = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var outcome = await Countersign.RunAsync("serve", "--data", folder["data"], "--url", $"http://{taken.LocalEndpoint}");
        Assert.Equal(2, outcome.Code);
        Assert.Contains("in use", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("http://256.1.1.1:80")]
    [InlineData("http://example.com:8080")]
    [InlineData("ftp://127.0.0.1:8080")]
    public async Task Serve_WhereNobodyCanListen_CannotRun(string url)
    {
        var outcome = await Countersign.RunAsync("serve", "--data", folder["data"], "--url", url);
        Assert.Equal(2, outcome.Code);
    }

    [Fact]
    public async Task Journal_OfANewerVersion_IsRefused()
    {
        await MakeLogAsync();
        SQLitePCL.Batteries_V2.Init();
        Assert.Equal(0, SQLitePCL.raw.sqlite3_open(Path.Combine(folder["data"], "journal.db"), out var db));
        Assert.Equal(0, SQLitePCL.raw.sqlite3_exec(db, "UPDATE meta SET value = 99 WHERE name = 'version'"));
        db.Dispose();
        var outcome = await Countersign.RunAsync("export", "--data", folder["data"], "--tenant", "demo");
        Assert.Equal(2, outcome.Code);
        Assert.Contains("journal.newer-version", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("99", outcome.Error, StringComparison.Ordinal);
    }

    private async Task MakeLogAsync() => Assert.Equal(0, (await Countersign.RunAsync("demo", "--data", folder["data"])).Code);

    private static async Task<HttpStatusCode> AskAsync(string address, string key)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await client.GetAsync(address + "/v1/executions");
        return response.StatusCode;
    }

    private static async Task<(string Address, List<string> Lines)> ListeningAsync(Process process)
    {
        var lines = new List<string>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (line.StartsWith("Listening on ", StringComparison.Ordinal))
            {
                return (line.Split(' ')[2].TrimEnd(','), lines);
            }
        }

        throw new InvalidOperationException(string.Join('\n', lines) + await process.StandardError.ReadToEndAsync());
    }
}
