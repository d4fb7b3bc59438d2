using System.Diagnostics;

namespace Countersign.Host.Tests;

public sealed class SealCommandTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Seal_ThenVerify_AnswersTheThreeQuestions()
    {
        await MakeLogAsync();
        var sealedOnce = await SealAsync();
        Assert.Equal(0, sealedOnce.Code);
        Assert.Matches("(?m)^sealed demo at [0-9]+, root [0-9a-f]{64}$", sealedOnce.Output);
        Assert.DoesNotContain("sealed", (await SealAsync()).Output, StringComparison.Ordinal);
        var verify = await VerifyAsync("log.jsonl", "seal.pem.pub");
        Assert.Equal(0, verify.Code);
        Assert.Contains("intact: no entry was altered", verify.Output, StringComparison.Ordinal);
        Assert.Matches("(?m)^complete   up to entry [0-9,]+; 0 entries are newer", verify.Output);
        Assert.Contains("authentic  1 checkpoints, each signed by a trusted key", verify.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_EndCutOffAndHeaderMadeToFit_IsNotComplete()
    {
        await MakeLogAsync();
        await SealAsync();
        var lines = await File.ReadAllLinesAsync(folder["log.jsonl"]);
        var cut = lines[1..^1].Select(line => Convert.FromBase64String(line.Split('"')[3])).ToArray();
        var header = System.Text.RegularExpressions.Regex.Replace(lines[0], "\"to\":[0-9]+", $"\"to\":{cut.Length}");
        header = System.Text.RegularExpressions.Regex.Replace(header, "\"head\":\"[0-9a-f]+\"", $"\"head\":\"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(cut[^1]))}\"");
        await File.WriteAllLinesAsync(folder["cut.jsonl"], [header, .. lines[1..^1]]);

        Assert.Equal(0, (await Countersign.RunAsync("verify", folder["cut.jsonl"])).Code);
        var verify = await VerifyAsync("cut.jsonl", "seal.pem.pub");
        Assert.Equal(3, verify.Code);
        Assert.Contains("intact: no entry was altered", verify.Output, StringComparison.Ordinal);
        Assert.Contains("NOT THE LOG THAT WAS SIGNED", verify.Output, StringComparison.Ordinal);
        Assert.Contains("checkpoint.log-shorter", verify.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_EntryRemoved_IsNotIntact()
    {
        await MakeLogAsync();
        await SealAsync();
        var lines = await File.ReadAllLinesAsync(folder["log.jsonl"]);
        await File.WriteAllLinesAsync(folder["cut.jsonl"], [.. lines[..4], .. lines[5..]]);
        Assert.Equal(1, (await VerifyAsync("cut.jsonl", "seal.pem.pub")).Code);
    }

    [Fact]
    public async Task Verify_WithAnotherKey_IsNotAuthentic()
    {
        await MakeLogAsync();
        await SealAsync();
        await Countersign.RunAsync("seal", "--data", folder["data"], "--key", folder["other.pem"], "--out", folder["elsewhere"], "--once");
        var verify = await VerifyAsync("log.jsonl", "other.pem.pub");
        Assert.Equal(4, verify.Code);
        Assert.Contains("NOT SIGNED BY A TRUSTED KEY", verify.Output, StringComparison.Ordinal);
        Assert.Contains("checkpoint.unsigned", verify.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_CheckpointsWithoutKey_CannotRun()
    {
        await MakeLogAsync();
        Directory.CreateDirectory(folder["empty"]);
        Assert.Equal(2, (await Countersign.RunAsync("verify", folder["log.jsonl"], "--checkpoints", folder["empty"])).Code);
        await SealAsync();
        Assert.Equal(4, (await Countersign.RunAsync("verify", folder["log.jsonl"], "--checkpoints", folder["empty"], "--public-key", folder["seal.pem.pub"])).Code);
        Assert.Equal(2, (await Countersign.RunAsync("verify", folder["log.jsonl"], "--checkpoints", folder["none"], "--public-key", folder["seal.pem.pub"])).Code);
    }

    [Fact]
    public async Task Seal_AnotherLogInThePlaceOfTheFirst_IsRefused()
    {
        await MakeLogAsync();
        await SealAsync();
        Directory.Delete(folder["data"], recursive: true);
        Assert.Equal(0, (await Countersign.RunAsync("demo", "--data", folder["data"])).Code);
        var outcome = await SealAsync("--recheck");
        Assert.Equal(1, outcome.Code);
        Assert.Contains("REFUSED demo", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("checkpoint.root-mismatch", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seal_BesideARunningHost_ReadsWithoutTakingTheFolder()
    {
        using var serve = Countersign.Start("serve", "--data", folder["data"], "--url", "http://127.0.0.1:0");
        try
        {
            while (await serve.StandardOutput.ReadLineAsync() is { } line && !line.StartsWith("Listening on ", StringComparison.Ordinal))
            {
            }

            var outcome = await SealAsync();
            Assert.Equal(0, outcome.Code);
            Assert.Contains("sealed default at 1", outcome.Output, StringComparison.Ordinal);
        }
        finally
        {
            serve.Kill();
        }
    }

    [Fact]
    public async Task Serve_ThatSealsByItself_SignsItsOwnLog()
    {
        using var serve = Countersign.Start(
            "serve", "--data", folder["data"], "--url", "http://127.0.0.1:0", "--seal-key", folder["seal.pem"], "--seal-out", folder["checkpoints"]);
        try
        {
            string? line;
            while ((line = await serve.StandardOutput.ReadLineAsync()) is not null && !line.StartsWith("sealed default at 1, ", StringComparison.Ordinal))
            {
            }

            Assert.NotNull(line);
        }
        finally
        {
            serve.Kill();
        }
    }

    [Fact]
    public async Task Serve_HalfOfWhatSealingNeeds_CannotRun()
    {
        var outcome = await Countersign.RunAsync("serve", "--data", folder["data"], "--url", "http://127.0.0.1:0", "--seal-out", folder["checkpoints"]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains("--seal-key", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seal_UntilItIsStopped_EndsWell()
    {
        await MakeLogAsync();
        using var seal = Countersign.Start("seal", "--data", folder["data"], "--key", folder["seal.pem"], "--out", folder["checkpoints"], "--every", "1h");
        string? line;
        while ((line = await seal.StandardOutput.ReadLineAsync()) is not null && !line.StartsWith("sealed demo", StringComparison.Ordinal))
        {
        }

        Assert.NotNull(line);
        using (var kill = Process.Start("kill", ["-TERM", $"{seal.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        await seal.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token);
        Assert.Equal(0, seal.ExitCode);
        Assert.Contains("No more is sealed.", await seal.StandardOutput.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--every", "never")]
    [InlineData("--every", "10ms")]
    [InlineData("--name", "a b")]
    public async Task Seal_WrongOption_CannotRun(string option, string value)
    {
        await MakeLogAsync();
        Assert.Equal(2, (await SealAsync(option, value)).Code);
    }

    [Fact]
    public async Task Seal_KeyThatOthersMayRead_CannotRun()
    {
        await MakeLogAsync();
        await SealAsync();
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder["seal.pem"], UnixFileMode.UserRead | UnixFileMode.OtherRead);
            var outcome = await SealAsync();
            Assert.Equal(2, outcome.Code);
            Assert.Contains("checkpoint.key-invalid", outcome.Error, StringComparison.Ordinal);
        }
    }

    private Task<Outcome> SealAsync(params string[] more) => Countersign.RunAsync(
        ["seal", "--data", folder["data"], "--key", folder["seal.pem"], "--out", folder["checkpoints"], "--once", .. more]);

    private Task<Outcome> VerifyAsync(string log, string key) =>
        Countersign.RunAsync("verify", folder[log], "--checkpoints", folder["checkpoints"], "--public-key", folder[key]);

    private async Task MakeLogAsync()
    {
        Assert.Equal(0, (await Countersign.RunAsync("demo", "--data", folder["data"])).Code);
        await Countersign.RunAsync("export", "--data", folder["data"], "--tenant", "demo", "-o", folder["log.jsonl"]);
    }
}
