using System.Text.Json;
using Countersign.Host.Samples;
using Countersign.Orchestration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Host.Tests;

public sealed class RunCommandTests : IAsyncLifetime
{
    private const string Form = """
        language: "1.0"
        name: ask
        version: 1.0.0
        start: ask
        steps:
          - { id: ask, type: form, fields: [{ key: amount, type: integer, required: true }] }
        output: "${ steps.ask.output.amount }"
        """;

    private readonly TempFolder folder = new();
    private SampleServices payments = null!;

    public async Task InitializeAsync() => payments = await SampleServices.StartAsync();

    public async Task DisposeAsync()
    {
        await payments.DisposeAsync();
        folder.Dispose();
    }

    [InterruptFact]
    public Task Run_Interrupted_SaysHowItContinuesAndTheNextOneNamesIt() => StopsBySignal("-INT");

    [Fact]
    public Task Run_Terminated_SaysHowItContinuesAndTheNextOneNamesIt() => StopsBySignal("-TERM");

    private async Task StopsBySignal(string signal)
    {
        var waits = folder.Write("waits.yaml", """
            language: "1.0"
            name: waits
            version: 1.0.0
            start: wait
            steps: [{ id: wait, type: wait, for: 1h }]
            """);
        var quick = folder.Write("quick.yaml", """
            language: "1.0"
            name: quick
            version: 1.0.0
            start: note
            steps: [{ id: note, type: set, values: { n: 1 } }]
            """);
        using var first = Countersign.Start("run", waits, "--data", folder["data"]);
        string? line;
        while ((line = await first.StandardOutput.ReadLineAsync()) is not null && !line.Contains("wait.opened", StringComparison.Ordinal))
        {
        }

        Assert.NotNull(line);
        using (var kill = System.Diagnostics.Process.Start("kill", [signal, $"{first.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        await first.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token);
        Assert.Equal(130, first.ExitCode);
        Assert.Contains("goes on with the next 'serve' or 'run' there", await first.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
        var second = await Countersign.RunAsync("run", quick, "--data", folder["data"]);
        Assert.Equal(0, second.Code);
        Assert.Contains("of waits 1.0.0, from before, goes on beside this one.", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demo_WithoutTerminal_TellsTheWholeStory()
    {
        var outcome = await Countersign.RunAsync("demo");
        Assert.Equal(0, outcome.Code);
        Assert.Matches(@"under-limit\.json\s+completed: \{""payment"":", outcome.Output);
        Assert.Matches(@"over-limit\.json\s+completed: \{""payment"":", outcome.Output);
        Assert.Matches(@"unreadable\.json\s+failed: The model found no vendor", outcome.Output);
        Assert.Equal(2, outcome.Output.Split("POST payments").Length - 1);
        Assert.Contains("is intact", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("approval.decided", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_DataOfTheRun_IsNotInTheJournalInClear()
    {
        const string Canary = "canary7531";
        var file = folder.Write("keep.yaml", """
            language: "1.0"
            name: keep
            version: 1.0.0
            start: keep
            steps:
              - { id: keep, type: set, values: { kept: "${ input.note }" }, next: ask }
              - { id: ask, type: approval, approvers: { role: approver }, show: { note: "${ input.note }" }, expires: 1h }
            output: "${ context.runtime.kept }"
            """);
        var outcome = await Countersign.RunAsync("run", file, "--data", folder["data"], "--input", $"{{\"note\":\"{Canary}\"}}", "--approve");
        Assert.True(outcome.Code == 0, outcome.All);
        Assert.Contains(Canary, outcome.Output, StringComparison.Ordinal);
        Assert.All(
            Directory.GetFiles(folder["data"], "*", SearchOption.AllDirectories),
            path => Assert.True(File.ReadAllBytes(path).AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(Canary)) < 0, path));
        if (!OperatingSystem.IsWindows())
        {
            Assert.All(
                Directory.GetFiles(folder["data"], "*", SearchOption.AllDirectories),
                path => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path)));
        }
    }

    [Fact]
    public async Task Run_Approve_PaysOnce()
    {
        var outcome = await RunAsync("over-limit.json", "--approve");
        Assert.Equal(0, outcome.Code);
        Assert.Contains("Completed: {\"payment\":", outcome.Output, StringComparison.Ordinal);
        Assert.Single(payments.Calls, call => call.StartsWith("POST payments", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_Reject_PaysNothing()
    {
        var outcome = await RunAsync("over-limit.json", "--reject");
        Assert.Equal(0, outcome.Code);
        Assert.Contains("Completed: {\"rejected\":true}", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(payments.Calls, call => call.StartsWith("POST payments", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_NobodyToAsk_SaysSoAndTheRunWaitsOn()
    {
        var outcome = await RunAsync("over-limit.json");
        Assert.Equal(2, outcome.Code);
        Assert.Contains("Step 'approve' waits for somebody and there is no terminal to ask at", outcome.Error, StringComparison.Ordinal);
        await using var host = await LocalHost.OpenAsync(new LocalHostOptions { Data = folder["data"] }, NullLoggerFactory.Instance);
        var runs = await host.Api.Runs.ListAsync("default", new RunFilter(null, null), null, 10);
        Assert.Equal(RunStatus.Waiting, Assert.Single(runs.Items).VisibleStatus);
    }

    [Fact]
    public async Task Run_Fails_IsBad()
    {
        var outcome = await RunAsync("unreadable.json");
        Assert.Equal(1, outcome.Code);
        Assert.Contains("Failed: custom.unreadable", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CompensationFails_NamesWhatIsNotUndone()
    {
        var path = folder.Write("undo.yaml", """
            language: "1.0"
            name: undo
            version: 1.0.0
            start: note
            steps:
              - { id: note, type: set, values: { n: 1 }, compensate: { type: api_call, method: DELETE, url: "http://127.0.0.1:9/notes" }, next: stop }
              - { id: stop, type: fail, error: custom.stop }
            """);

        var outcome = await Countersign.RunAsync("run", path, "--data", folder["data"]);

        Assert.Equal(1, outcome.Code);
        Assert.Contains("Not undone: note (egress.blocked-address)", outcome.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"amount":7}""", 0, "Completed: 7")]
    [InlineData("""{"amount":"x"}""", 2, "/data/amount")]
    [InlineData("{amount", 2, "JSON")]
    public async Task Run_Form_IsAnsweredAsTold(string form, int code, string told)
    {
        var outcome = await Countersign.RunAsync("run", folder.Write("ask.yaml", Form), "--data", folder["data"], "--form", form);
        Assert.True(outcome.Code == code, outcome.All);
        Assert.Contains(told, outcome.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CalledWorkflowAsks_IsShownAndAnsweredAsWell()
    {
        var parent = folder.Write("parent.yaml", """
            language: "1.0"
            name: parent
            version: 1.0.0
            start: call
            steps: [ { id: call, type: call_workflow, workflow: asks, input: {}, timeout: 1h } ]
            """);
        var child = folder.Write("child.yaml", """
            language: "1.0"
            name: asks
            version: 1.0.0
            start: approve
            steps: [ { id: approve, type: approval, approvers: { role: approver }, expires: 1h } ]
            """);
        var outcome = await Countersign.RunAsync("run", parent, "--also", child, "--data", folder["data"], "--approve");
        Assert.True(outcome.Code == 0, outcome.All);
        Assert.Contains("    approval.decided", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("\"decision\":\"approved\"", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_BadInput_CannotRun()
    {
        var file = Countersign.Sample("workflow.yaml");
        var wrong = await Countersign.RunAsync("run", file, "--data", folder["data"], "--input", "{\"invoice\":7}");
        Assert.Equal(2, wrong.Code);
        Assert.Contains("/invoice", wrong.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await Countersign.RunAsync("run", file, "--data", folder["data"], "--input", "{")).Code);
        var both = await Countersign.RunAsync("run", file, "--data", folder["data"], "--approve", "--reject");
        Assert.Equal(2, both.Code);
        Assert.Contains("excludes --reject", both.Error, StringComparison.Ordinal);
    }

    private Task<Outcome> RunAsync(string input, params string[] more)
    {
        var profile = JsonSerializer.Serialize(new { payments = payments.Address, notify = payments.Address + "/messages" });
        return Countersign.RunAsync(
        [
            "run", Countersign.Sample("workflow.yaml"), "--input", Countersign.Sample(input), "--profile", profile,
            "--data", folder["data"], "--allow", payments.Target, .. more,
        ]);
    }
}
