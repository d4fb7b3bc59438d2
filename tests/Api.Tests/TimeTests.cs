using System.Net.Http.Headers;
using Countersign.Access;

namespace Countersign.Api.Tests;

/// <summary>What happens as time goes by; the clock of this class's host is moved ahead.</summary>
public sealed class TimeTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Stream_WhereNothingHappens_SendsACommentNowAndThen()
    {
        using var events = await EventReader.OpenAsync(server.Admin, "/v1/events", null);
        for (var times = 0; times < 2; times++)
        {
            server.Time.Step(TimeSpan.FromSeconds(16));
            Assert.Equal(": still here", await events.CommentAsync());
        }
    }

    [Fact]
    public async Task Token_AfterTheDeadline_HasExpired()
    {
        var (run, approval) = await server.StartApprovalAsync();
        var link = await server.Admin.PostJsonAsync($"/v1/approvals/{approval.Text("id")}/links", new { addressee = "pat" });
        server.Time.Step(TimeSpan.FromHours(49));
        using var nobody = server.With(null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/tasks/" + approval.Text("id"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Task", link.Text("token"));
        await nobody.SendAsync(request).ProblemAsync(401, "task.token-expired");
        var body = new { token = link.Text("token"), decision = "approved", shown = approval.Text("shownHash") };
        Assert.Equal("task.token-expired", (await nobody.PostJsonAsync("/v1/tasks/" + approval.Text("id"), body, 401)).Text("title"));
        var late = await server.Approver.PostJsonAsync($"/v1/approvals/{approval.Text("id")}/decide", new { body.decision, body.shown }, 409);
        Assert.Equal("wait.closed", late.Text("title"));
        Assert.Equal("approval.expired", (await server.SettledAsync(run)).GetProperty("error").Text("type"));
    }

    [Fact]
    public async Task Escalation_OnceItsTimeHasCome_AsksFurtherPeople()
    {
        using var saved = await server.Admin.PostAsync("/v1/workflows", ApiServer.Yaml("""
            language: "1.0"
            name: handed-up
            version: 1.0.0
            start: approve
            steps:
              - id: approve
                type: approval
                approvers: { users: [pam] }
                show: {}
                expires: 48h
                escalate: { after: 1h, to: { users: [boss], role: auditor } }
            """));
        await saved.ReadAsync(201);
        using var boss = await server.AsAsync("boss", Role.Growth);
        var run = (await server.StartAsync("handed-up")).Text("id");
        var approval = await server.FindWaitAsync(run);
        var links = $"/v1/approvals/{approval.Text("id")}/links";

        Assert.Equal("boss", approval.GetProperty("escalateTo").GetProperty("users")[0].GetString());
        Assert.Equal(approval.GetProperty("opened").GetDateTimeOffset().AddHours(1), approval.GetProperty("escalates").GetDateTimeOffset());
        Assert.Equal("task.addressee-unknown", (await server.Admin.PostJsonAsync(links, new { addressee = "boss" }, 422)).Text("title"));
        Assert.Equal("wait.not-yours", (await boss.PostTextAsync($"/v1/approvals/{approval.Text("id")}/claim", "", 403)).Text("title"));

        server.Time.Step(TimeSpan.FromMinutes(61));
        using (var events = await EventReader.OpenAsync(server.Admin, $"/v1/executions/{run}/events", null))
        {
            while ((await events.NextAsync())!.Type != "approval.escalated")
            {
            }
        }

        await server.Admin.PostJsonAsync(links, new { addressee = "boss" });
        using var auditor = await server.AsAsync("audrey", Role.Auditor);
        var link = await server.Admin.PostJsonAsync(links, new { addressee = "audrey" });
        using var nobody = server.With(null);
        await nobody.PostJsonAsync("/v1/tasks/" + approval.Text("id"), new { token = link.Text("token"), decision = "approved", shown = approval.Text("shownHash") });

        Assert.Equal("completed", (await server.SettledAsync(run)).Text("status"));
        var log = (await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&limit=200")).Items();
        Assert.Equal("pam", log.Single(entry => entry.Text("type") == "approval.requested").GetProperty("data").GetProperty("users")[0].GetString());
        Assert.Equal("link", log.Single(entry => entry.Text("type") == "approval.voted").GetProperty("data").Text("via"));
        Assert.Equal("boss", log.Single(entry => entry.Text("type") == "approval.escalated").GetProperty("data").GetProperty("users")[0].GetString());
    }

    [Fact]
    public async Task Stream_WhoseKeyIsRevoked_EndsAndIsNotOpenedAgain()
    {
        var made = await server.Admin.PostJsonAsync("/v1/api-keys", new { user = "gone", roles = new[] { "auditor" } }, 201);
        using var gone = server.With(made.Text("key"));
        using var events = await EventReader.OpenAsync(gone, "/v1/events", null);
        using var revoked = await server.Admin.DeleteAsync("/v1/api-keys/" + made.Text("id"));

        // Nothing else has to happen: the end comes by itself.
        var rest = await events.RestAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await server.StartAsync("hello", new { name = "secret" });
        Assert.DoesNotContain(rest, line => line.Contains("run.created", StringComparison.Ordinal));
        using var again = new HttpRequestMessage(HttpMethod.Get, "/v1/events");
        await gone.SendAsync(again).ProblemAsync(401, "auth.invalid");
    }

    [Theory]
    [InlineData(null, 61)]
    [InlineData("5m", 6)]
    public async Task ArtifactLink_OnceExpired_IsGoodForNothing(string? expiresIn, int minutes)
    {
        var stored = await server.Engineer.PostTextAsync("/v1/artifacts", "shared " + expiresIn, 201);
        var link = await server.Engineer.PostJsonAsync($"/v1/artifacts/{stored.Text("sha256")}/links", expiresIn is null ? new { } : new { expiresIn });
        server.Time.Step(TimeSpan.FromMinutes(minutes));
        using var nobody = server.With(null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/shared/" + stored.Text("sha256"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Artifact", link.Text("token"));
        await nobody.SendAsync(request).ProblemAsync(401, "artifact.link-expired");
    }
}
