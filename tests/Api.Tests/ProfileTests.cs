using System.Net;
using System.Text.Json;
using Countersign.Access;

namespace Countersign.Api.Tests;

public sealed class ProfileTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Pay = """
        language: "1.0"
        name: pay-profile
        version: 1.0.0
        profile:
          payments: { value: "https://pay.example", override: engineer }
          notify: "https://chat.example"
        start: approve
        steps:
          - { id: approve, type: approval, approvers: { role: approver }, show: { amount: 5 }, expires: 1h, next: pay }
          - { id: pay, type: api_call, url: "${ context.profile.payments }/pay", headers: { A: "${ secret('pay-key') }" } }
        """;

    [Fact]
    public async Task Override_OfAPersonWithTheRole_IsShownToTheRunsReadersTheApproverAndTheLog()
    {
        await PrepareAsync();

        var run = await StartAsync(server.Engineer, new { payments = server.Remote.Address, notify = "https://chat.example" }, HttpStatusCode.Accepted);

        Assert.Equal([("pay-profile", "payments", server.Remote.Address)], OverridesOf(await server.Admin.GetJsonAsync("/v1/executions/" + run.Text("id"))));
        var approval = await UntilWaitsAsync(run.Text("id"));
        Assert.Equal([("pay-profile", "payments", server.Remote.Address)], OverridesOf(await server.Approver.GetJsonAsync("/v1/approvals/" + approval.Text("id"))));
        var created = (await server.Admin.GetJsonAsync($"/v1/executions/{run.Text("id")}/history")).Items()[0];
        Assert.Equal("payments", created.GetProperty("data").Text("overrides"));

        // And still the secret goes to its own origin only.
        await server.Approver.PostJsonAsync($"/v1/approvals/{approval.Text("id")}/decide", new { decision = "approved", shown = approval.Text("shownHash") });
        var ended = await server.SettledAsync(run.Text("id"));
        Assert.Equal("secret.origin-not-allowed", ended.GetProperty("error").Text("type"));
        Assert.Empty(server.Remote.CallsTo("/pay"));
    }

    [Fact]
    public async Task Override_OfAClosedKeyOrWithoutTheRole_IsRefusedAndStartsNothing()
    {
        await PrepareAsync();
        var growth = await server.AsAsync("gil", Role.Growth);

        var closed = await StartAsync(server.Admin, new { notify = server.Remote.Address }, HttpStatusCode.UnprocessableEntity);
        Assert.Equal(("run.profile-closed", "/profile/notify"), (closed.Text("title"), closed.GetProperty("errors")[0].Text("pointer")));
        Assert.Contains("opens it to no role", closed.GetProperty("errors")[0].Text("detail"), StringComparison.Ordinal);

        var refused = await StartAsync(growth, new { payments = server.Remote.Address }, HttpStatusCode.UnprocessableEntity);
        Assert.Equal(("run.profile-closed", "/profile/payments"), (refused.Text("title"), refused.GetProperty("errors")[0].Text("pointer")));
        Assert.Contains("the role engineer only; 'gil' has growth", refused.GetProperty("errors")[0].Text("detail"), StringComparison.Ordinal);

        // The definition's own value is no override.
        await StartAsync(growth, new { payments = "https://pay.example" }, HttpStatusCode.Accepted);
    }

    private async Task PrepareAsync()
    {
        using var saved = await server.Admin.PostAsync("/v1/workflows", ApiServer.Yaml(Pay));
        await saved.ReadAsync(201);
        using var set = await server.Admin.SendAsync(ApiServer.Json(HttpMethod.Put, "/v1/secrets/pay-key", new { value = "c4nary-value", @for = new[] { "https://pay.example" } }));
        await set.ReadAsync(200);
    }

    private static async Task<JsonElement> StartAsync(HttpClient starter, object profile, HttpStatusCode status)
    {
        using var request = ApiServer.Json(HttpMethod.Post, "/v1/executions", new { workflow = "pay-profile", profile });
        using var response = await starter.SendAsync(request);
        return await response.ReadAsync((int)status);
    }

    private async Task<JsonElement> UntilWaitsAsync(string run)
    {
        await server.HasAsync(run, "approval.requested");
        return await server.FindWaitAsync(run);
    }

    private static IEnumerable<(string, string, string)> OverridesOf(JsonElement view) =>
        view.GetProperty("overrides").EnumerateArray().Select(entry => (entry.Text("workflow"), entry.Text("key"), entry.Text("value")));
}
