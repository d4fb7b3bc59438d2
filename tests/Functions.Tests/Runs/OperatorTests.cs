using System.Net;
using System.Text;
using Countersign.Functions.Runs;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Tests.Tools;

namespace Countersign.Functions.Tests.Runs;

/// <summary>What operators do in the portal: cancel a run by its function, terminate instances, purge them.</summary>
[Collection(FunctionsHostCollection.Name)]
[NeedsAzurite]
[NeedsFunctionsHost]
public sealed class OperatorTests(FunctionsHost host) : OnTheHost(host)
{
    private const string Approve = """
          - { id: first, type: approval, approvers: { role: approver }, show: { total: 1 }, expires: 1h, next: pay }
          - { id: pay, type: api_call, method: POST, url: "$remote/pay", idempotent: true }
        """;

    [Fact]
    public async Task CancelRun_WaitingRun_EndsCanceledAndTheLogNamesTheOperator()
    {
        var run = await StartAsync("approve", Approve);
        await WaitingAsync(run, "first:1:1");
        using var canceled = await PostAsync($"/runs/{Tenant}/{run.Id}/cancel?reason=no%20longer%20needed");
        Assert.Equal(HttpStatusCode.Accepted, canceled.StatusCode);

        await EndedAsync(run, RunStatus.Canceled);
        var asked = Assert.Single(await EntriesAsync(run), entry => entry.Type == EventTypes.RunCancelRequested);
        Assert.Equal(EngineEndpoints.Operator, asked.Actor);
        Assert.Empty(Remote.Calls);
        await IsProblemAsync($"/runs/{Tenant}/{run.Id}/cancel", HttpStatusCode.Conflict, "run.ended");
        await IsProblemAsync($"/runs/{Tenant}/0195a3c27b1e7c44b6a1d0e5f2a39c01/cancel", HttpStatusCode.NotFound, "run.not-found");
    }

    [Fact]
    public async Task ReconcileRuns_InstancesTerminatedAndPurged_ParksTheirRunsAndNoOther()
    {
        var terminated = await StartAsync("approve", Approve);
        var purged = await StartAsync("approve", Approve);
        var untouched = await StartAsync("approve", Approve);
        foreach (var run in (RunIdentity[])[terminated, purged, untouched])
        {
            await WaitingAsync(run, "first:1:1");
        }

        await TerminateAsync(terminated);
        await TerminateAsync(purged);
        await PurgeAsync(purged);
        await ReconcileAsync();

        foreach (var (run, how) in ((RunIdentity, string)[])[(terminated, "Terminated"), (purged, "purged")])
        {
            var parked = await ParkedAsync(run);
            Assert.Equal(InstanceEndedException.ErrorCode, parked.Error!.Type);
            Assert.Contains(how, parked.Error.Detail, StringComparison.Ordinal);
            Assert.Equal(1, await CountAsync(run, EventTypes.RunParked));
        }

        Assert.Equal(RunStatus.Running, (await RowAsync(untouched)).Status);
        foreach (var run in (RunIdentity[])[terminated, purged, untouched])
        {
            await Core.Commands(Engine).ContinueAsync(Alice, run.Id);
            await ApproveAsync((await Waits.FindAsync(run, "first:1:1"))!);
            await EndedAsync(run);
        }

        Assert.Equal(3, Remote.CallsTo("/pay").Count);
        await LogIsIntactAsync();
    }

    private async Task TerminateAsync(RunIdentity run)
    {
        using var answer = await PostAsync($"/runtime/webhooks/durabletask/instances/{Uri.EscapeDataString(Names.Instance(run))}/terminate?reason=test&taskHub=Countersign&connection=Storage");
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        await UntilAsync(async () => await StatusAsync(run), status => status.Contains("Terminated", StringComparison.Ordinal));
    }

    private async Task PurgeAsync(RunIdentity run)
    {
        using var answer = await Host.Client.DeleteAsync(Instance(run));
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        await UntilAsync(async () => await StatusAsync(run), status => status.StartsWith("NotFound", StringComparison.Ordinal));
    }

    private async Task<string> StatusAsync(RunIdentity run)
    {
        using var answer = await Host.Client.GetAsync(Instance(run));
        return $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
    }

    private static Uri Instance(RunIdentity run) =>
        new($"/runtime/webhooks/durabletask/instances/{Uri.EscapeDataString(Names.Instance(run))}?taskHub=Countersign&connection=Storage", UriKind.Relative);

    // By hand, as in the portal; its schedule is an hour here.
    private async Task ReconcileAsync()
    {
        using var content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var answer = await Host.Client.PostAsync(new Uri("/admin/functions/ReconcileRuns", UriKind.Relative), content);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: it takes a key for administration in COUNTERSIGN_FUNCTIONS_KEY.");
    }

    private Task<HttpResponseMessage> PostAsync(string path) => Host.Client.PostAsync(new Uri(path, UriKind.Relative), null);

    private async Task IsProblemAsync(string path, HttpStatusCode status, string code)
    {
        using var answer = await PostAsync(path);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains($"\"/errors/{code}\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
