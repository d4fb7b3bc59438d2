using System.Net;
using System.Text.Json;
using Countersign.Access;

namespace Countersign.Api.Tests;

/// <summary>Who may decide is found out when they decide: people whose keys were revoked, and people who are two, do not.</summary>
public sealed class EligibilityTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Link_OfAPersonWhoseOnlyKeyWasRevoked_DecidesNothingAndNoOtherIsMade()
    {
        var key = await MakeAsync("rex", Role.Approver);
        var (run, approval) = await server.StartApprovalAsync();
        var link = await server.Admin.PostJsonAsync($"/v1/approvals/{approval.Text("id")}/links", new { addressee = "rex" });
        using var revoked = await server.Admin.DeleteAsync("/v1/api-keys/" + key.Text("id"));

        await Vote(link.Text("token"), approval).ProblemAsync(403, "task.addressee-revoked");
        await server.Admin.SendAsync(ApiServer.Json(HttpMethod.Post, $"/v1/approvals/{approval.Text("id")}/links", new { addressee = "rex" })).ProblemAsync(403, "task.addressee-revoked");
        Assert.Equal("waiting", (await server.Admin.GetJsonAsync("/v1/executions/" + run)).Text("status"));

        // A new key makes the person eligible again.
        await MakeAsync("rex", Role.Approver);
        using var voted = await Vote(link.Text("token"), approval);
        Assert.Equal(HttpStatusCode.OK, voted.StatusCode);
    }

    [Theory]
    [InlineData("vera", Role.Viewer, false)]
    [InlineData("rene", Role.Approver, true)]
    public async Task Delegate_ToAViewerOrARevokedPerson_IsRefused(string to, string role, bool revoke)
    {
        var key = await MakeAsync(to, role);
        if (revoke)
        {
            using var revoked = await server.Admin.DeleteAsync("/v1/api-keys/" + key.Text("id"));
        }

        var (_, approval) = await server.StartApprovalAsync();

        await server.Approver.SendAsync(ApiServer.Json(HttpMethod.Post, $"/v1/approvals/{approval.Text("id")}/delegate", new { to })).ProblemAsync(422, "wait.person-unknown");
    }

    [Fact]
    public async Task ArtifactLink_OfAMakerWhoseKeyWasRevoked_OpensNothing()
    {
        var key = await MakeAsync("ella", Role.Engineer);
        var ella = server.With(key.Text("key"));
        var hash = (await ella.PostTextAsync("/v1/artifacts", "of ella", 201)).Text("sha256");
        var link = await ella.PostJsonAsync($"/v1/artifacts/{hash}/links", new { expiresIn = "1h" });
        using (var read = await ReadAsync(hash, link.Text("token")))
        {
            Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        }

        using var revoked = await server.Admin.DeleteAsync("/v1/api-keys/" + key.Text("id"));

        await ReadAsync(hash, link.Text("token")).ProblemAsync(401, "artifact.link-invalid");
    }

    [Fact]
    public async Task Vote_WithAKeyThatTheRequesterMadeAfterTheStart_DoesNotCount()
    {
        var boss = await server.AsAsync("boss", Role.Admin);
        var (_, approval) = await server.StartApprovalAsync(boss);
        server.Time.Step(TimeSpan.FromSeconds(1));
        var puppet = server.With((await boss.PostJsonAsync("/v1/api-keys", new { user = "puppet", roles = new[] { "approver", "admin" } }, 201)).Text("key"));
        server.Time.Step(TimeSpan.FromSeconds(1));
        var second = server.With((await puppet.PostJsonAsync("/v1/api-keys", new { user = "second", roles = new[] { "approver" } }, 201)).Text("key"));

        await VoteAsync(puppet, approval).ProblemAsync(403, "wait.not-independent");
        await VoteAsync(second, approval).ProblemAsync(403, "wait.not-independent");
        using var pam = await VoteAsync(server.Approver, approval);
        Assert.Equal(HttpStatusCode.OK, pam.StatusCode);
    }

    [Theory]
    [InlineData("P5", "p5")]
    [InlineData("bob1", "bobl")]
    [InlineData("z0e", "ZOE")]
    public async Task Key_ForAUserWhoseIdLooksLikeAnother_IsRefused(string first, string second)
    {
        await MakeAsync(first, Role.Viewer);
        await MakeAsync(first, Role.Auditor);

        var problem = await server.Admin.PostJsonAsync("/v1/api-keys", new { user = second, roles = new[] { "viewer" } }, 422);

        Assert.Equal(("api-key.invalid", "/user"), (problem.Text("title"), problem.GetProperty("errors")[0].Text("pointer")));
        Assert.Contains($"'{first}'", problem.GetProperty("errors")[0].Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tenant_OfAnOlderBuildWithAnOddName_IsReadAndExported()
    {
        var odd = await server.InAsync("a/b\ncé", "root", Role.Admin);

        using var export = await odd.GetAsync("/v1/audit/export");

        Assert.Equal(HttpStatusCode.OK, export.StatusCode);
    }

    private Task<JsonElement> MakeAsync(string user, string role) => server.Admin.PostJsonAsync("/v1/api-keys", new { user, roles = new[] { role } }, 201);

    private static Task<HttpResponseMessage> VoteAsync(HttpClient voter, JsonElement approval) =>
        voter.SendAsync(ApiServer.Json(HttpMethod.Post, $"/v1/approvals/{approval.Text("id")}/decide", new { decision = "approved", shown = approval.Text("shownHash") }));

    private Task<HttpResponseMessage> Vote(string token, JsonElement approval) => server.With(null).SendAsync(
        ApiServer.Json(HttpMethod.Post, "/v1/tasks/" + approval.Text("id"), new { token, decision = "approved", shown = approval.Text("shownHash") }));

    private async Task<HttpResponseMessage> ReadAsync(string hash, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/shared/" + hash);
        request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Artifact", token);
        return await server.With(null).SendAsync(request);
    }
}
