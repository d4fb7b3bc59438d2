using System.Net;
using System.Text;
using System.Text.Json;
using Countersign.Api.OpenApi;
using Countersign.Ledger;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.Tests;

public sealed class IdempotencyTests(ApiServer server) : IClassFixture<ApiServer>
{
    // What changes nothing may be sent again as it is.
    private static readonly string[] Harmless = ["/v1/workflows/validate", "/v1/workflows/{name}/validate", "/v1/audit/verify"];

    [Fact]
    public void EveryPost_ThatChangesSomething_TakesTheKey() => Assert.All(
        server.Routes.Where(route => RoutesTests.MethodsOf(route).Any(line => line.StartsWith("POST ", StringComparison.Ordinal) && !Harmless.Contains(line[5..]))),
        route => Assert.Contains(Parameter.IdempotencyKey, route.Metadata.GetMetadata<Operation>()!.Headers));

    [Fact]
    public async Task Start_Repeated_GetsTheFirstAnswerMarked()
    {
        var key = NewKey();
        var (first, _) = await SendAsync(server.Engineer, "/v1/executions", key, new { workflow = "spend", input = new { amount = 1 } });
        var run = first.Text("id");
        await server.HasAsync(run, "approval.requested");
        var (again, replayed) = await SendAsync(server.Engineer, "/v1/executions", key, new { input = new { amount = 1 }, workflow = "spend" });
        Assert.Equal((first.GetRawText(), true), (again.GetRawText(), replayed));
        Assert.Equal("waiting", (await server.Admin.GetJsonAsync("/v1/executions/" + run)).Text("status"));
    }

    [Fact]
    public async Task Start_SameKeyOfAnotherPrincipal_IsAnotherRun()
    {
        var key = NewKey();
        using var other = await server.AsAsync("ned", "engineer");
        var body = new { workflow = "spend", input = new { amount = 1 } };
        var (mine, _) = await SendAsync(server.Engineer, "/v1/executions", key, body);
        var (theirs, replayed) = await SendAsync(other, "/v1/executions", key, body);
        Assert.NotEqual(mine.Text("id"), theirs.Text("id"));
        Assert.Equal((false, "ned"), (replayed, theirs.Text("requester")));
    }

    [Fact]
    public async Task Start_RowFromWhenKeysBelongedToTheTenant_CountsForItsWriterOnly()
    {
        var key = NewKey();
        var body = new { workflow = "spend", input = new { amount = 1 } };
        var (first, _) = await SendAsync(server.Engineer, "/v1/executions", key, body);
        var ledger = server.Host.Api.Core.Parts.Ledger;
        var now = (await ledger.ReadRowAsync(ApiServer.Tenant, RowKeys.Idempotency("start", "eve\n" + key)))!;
        var before = NewKey();
        await ledger.CommitAsync(ApiServer.Tenant, new LedgerCommit { Rows = [RowWrite.Insert(RowKeys.Idempotency("run", before), now.Value)] });

        var (same, replayed) = await SendAsync(server.Engineer, "/v1/executions", before, body);
        Assert.Equal((first.Text("id"), true), (same.Text("id"), replayed));
        using var other = await server.AsAsync("ned", "engineer");
        Assert.NotEqual(first.Text("id"), (await SendAsync(other, "/v1/executions", before, body)).Answer.Text("id"));
    }

    [Fact]
    public async Task Start_FirstInFlight_IsConflictAndRetryable()
    {
        var gate = new TaskCompletionSource<(int, string)>();
        server.Remote.On("/in-flight", (_, _) => gate.Task);
        var key = NewKey();
        var body = new { workflow = "call", input = new { url = server.Remote.Address + "/in-flight" } };
        var first = RequestAsync(server.Engineer, "/v1/executions", key, body, prefer: "wait=30");
        while (server.Remote.CallsTo("/in-flight").Count == 0)
        {
            await Task.Delay(10);
        }

        using var second = await RequestAsync(server.Engineer, "/v1/executions", key, body);
        var problem = await second.ReadAsync(409);
        Assert.Equal(("request.in-flight", true), (problem.Text("title"), problem.GetProperty("retryable").GetBoolean()));
        Assert.Equal(TimeSpan.FromSeconds(1), second.Headers.RetryAfter!.Delta);
        using (var another = await RequestAsync(server.Engineer, "/v1/executions", key, new { workflow = "spend", input = new { amount = 1 } }))
        {
            await another.ReadAsync(422);
        }

        gate.SetResult((200, "{}"));
        using var answered = await first;
        var run = await answered.ReadAsync(202);
        Assert.Equal(("completed", run.GetRawText()), (run.Text("status"), (await SendAsync(server.Engineer, "/v1/executions", key, body)).Answer.GetRawText()));
    }

    [Fact]
    public async Task Key_Repeated_IsNotShownAgain()
    {
        var key = NewKey();
        var body = new { user = "kay", roles = new[] { "viewer" } };
        var (made, _) = await SendAsync(server.Admin, "/v1/api-keys", key, body, 201);
        var (again, replayed) = await SendAsync(server.Admin, "/v1/api-keys", key, body, 201);
        Assert.Equal((made.Text("id"), true, false), (again.Text("id"), replayed, again.TryGetProperty("key", out _)));
        using var another = await server.AsAsync("second-admin", "admin");
        var (theirs, _) = await SendAsync(another, "/v1/api-keys", key, body, 201);
        Assert.NotEqual(made.Text("id"), theirs.Text("id"));
        var secret = Encoding.UTF8.GetBytes(made.Text("key"));
        var rows = await server.Host.Api.Core.Parts.Ledger.ScanRowsAsync(ApiServer.Tenant, "answer|", null, 1000);
        Assert.NotEmpty(rows);
        Assert.DoesNotContain(rows, row => row.Value.Span.IndexOf(secret) >= 0);
    }

    [Fact]
    public async Task Link_Repeated_IsNotShownAgain()
    {
        var (_, approval) = await server.StartApprovalAsync();
        var (path, key) = ($"/v1/approvals/{approval.Text("id")}/links", NewKey());
        var (made, _) = await SendAsync(server.Admin, path, key, new { addressee = "pat" }, 200);
        var (again, replayed) = await SendAsync(server.Admin, path, key, new { addressee = "pat" }, 200);
        Assert.True(replayed && made.TryGetProperty("token", out _));
        Assert.False(again.TryGetProperty("token", out _) || again.TryGetProperty("path", out _));
    }

    [Fact]
    public async Task Decide_Repeated_GetsTheFirstAnswer()
    {
        var (_, approval) = await server.StartApprovalAsync();
        var (path, key) = ($"/v1/approvals/{approval.Text("id")}/decide", NewKey());
        var body = new { decision = "approved", shown = approval.Text("shownHash") };
        var (first, _) = await SendAsync(server.Approver, path, key, body, 200);
        var (again, replayed) = await SendAsync(server.Approver, path, key, body, 200);
        Assert.Equal((first.GetRawText(), true), (again.GetRawText(), replayed));
        using var other = await RequestAsync(server.Approver, path, key, new { decision = "rejected", shown = approval.Text("shownHash") });
        Assert.Equal("request.idempotency-key-reused", (await other.ReadAsync(422)).Text("title"));
    }

    [Fact]
    public async Task Resume_Repeated_IsOneEventAlsoWhereItsAnswerWasLost()
    {
        var run = (await server.StartAsync("await")).Text("id");
        var (path, key) = ($"/v1/executions/{run}/resume", NewKey());
        var body = new { wait = run + ".paid:1:1", @event = "paid", data = new { sum = 1 } };
        var (first, _) = await SendAsync(server.Engineer, path, key, body);
        var (again, replayed) = await SendAsync(server.Engineer, path, key, body);
        Assert.Equal((first.GetRawText(), true), (again.GetRawText(), replayed));

        // As after a host that died between the change and the record of its answer.
        var ledger = server.Host.Api.Core.Parts.Ledger;
        var answers = await ledger.ScanRowsAsync(ApiServer.Tenant, "answer|", null, 1000);
        await ledger.CommitAsync(ApiServer.Tenant, new LedgerCommit { Rows = [.. answers.Select(row => RowWrite.DeleteIfPresent(row.Key))] });
        Assert.Equal(run, (await SendAsync(server.Engineer, path, key, body)).Answer.Text("id"));
        Assert.Single((await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&type=wait.event_received")).Items());
    }

    [Fact]
    public async Task Refused_Request_LeavesItsKeyFree()
    {
        var key = NewKey();
        using (var refused = await RequestAsync(server.Engineer, "/v1/executions", key, new { workflow = "hello", input = new { } }))
        {
            await refused.ReadAsync(422);
        }

        var (_, replayed) = await SendAsync(server.Engineer, "/v1/executions", key, new { workflow = "hello", input = new { name = "x" } });
        Assert.False(replayed);
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("continue")]
    [InlineData("cancel")]
    public async Task Control_Repeated_GetsTheFirstAnswer(string command)
    {
        var (run, _) = await server.StartApprovalAsync();
        var (path, key) = ($"/v1/executions/{run}/{command}", NewKey());
        var (first, _) = await SendAsync(server.Engineer, path, key, new { });
        var (again, replayed) = await SendAsync(server.Engineer, path, key, new { });
        Assert.Equal((first.GetRawText(), true), (again.GetRawText(), replayed));
    }

    private static string NewKey() => Guid.NewGuid().ToString();

    private static async Task<(JsonElement Answer, bool Replayed)> SendAsync(HttpClient client, string path, string key, object body, int status = 202)
    {
        using var response = await RequestAsync(client, path, key, body);
        var answer = await response.ReadAsync(status);
        return (answer, response.Headers.TryGetValues("Idempotency-Replayed", out var marks) && marks.Single() == "true");
    }

    private static async Task<HttpResponseMessage> RequestAsync(HttpClient client, string path, string key, object body, string? prefer = null)
    {
        using var request = ApiServer.Json(HttpMethod.Post, path, body);
        request.Headers.Add("Idempotency-Key", key);
        if (prefer is not null)
        {
            request.Headers.Add("Prefer", prefer);
        }

        return await client.SendAsync(request);
    }
}
