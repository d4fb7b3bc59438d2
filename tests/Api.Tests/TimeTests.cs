using System.Net.Http.Headers;

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
}
