using System.Net;
using System.Text.Json;

namespace Countersign.Api.Tests;

public sealed class SecretTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Value = "c4nary-value";

    [Fact]
    public async Task Secret_SetWhileTheHostRuns_GoesToItsOriginAndIsNeverShown()
    {
        server.Remote.On("/pay", 200, "{}");
        using var saved = await server.Admin.PostAsync("/v1/workflows", ApiServer.Yaml("""
            language: "1.0"
            name: pay-by-key
            version: 1.0.0
            start: pay
            steps:
              - { id: pay, type: api_call, url: "${ input.to }/pay", headers: { A: "${ secret('api-key') }" } }
            """));
        await saved.ReadAsync(201);

        var set = await PutAsync("api-key", new { value = Value, @for = new[] { server.Remote.Address } }, 200);
        Assert.Equal(("api-key", server.Remote.Address), (set.Text("name"), set.GetProperty("for")[0].GetString()));
        Assert.Equal("completed", (await server.StartAsync("pay-by-key", new { to = server.Remote.Address })).Text("status"));
        Assert.Single(server.Remote.CallsTo("/pay"));

        await PutAsync("api-key", new { @for = new[] { "https://pay.example" } }, 200);
        var failed = await server.StartAsync("pay-by-key", new { to = server.Remote.Address });
        Assert.Equal("secret.origin-not-allowed", failed.GetProperty("error").Text("type"));
        Assert.Single(server.Remote.CallsTo("/pay"));

        Assert.DoesNotContain(Value, (await server.Admin.GetJsonAsync("/v1/secrets")).GetRawText() + (await server.Admin.GetJsonAsync("/v1/secrets/api-key")).GetRawText(), StringComparison.Ordinal);
        using var deleted = await server.Admin.DeleteAsync("/v1/secrets/api-key");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await server.Admin.GetAsync("/v1/secrets/api-key").ProblemAsync(404, "secret.not-found");
        var log = (await server.Admin.GetJsonAsync("/v1/audit/events?type=secret.set")).Items().Concat((await server.Admin.GetJsonAsync("/v1/audit/events?type=secret.deleted")).Items()).ToArray();
        Assert.Equal(3, log.Count(entry => entry.GetProperty("data").Text("name") == "api-key"));
        Assert.DoesNotContain(Value, JsonSerializer.Serialize(log), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("new-one", """{"value":"long enough"}""", "secret.origins-required", "/for")]
    [InlineData("new-one", """{"value":"long enough","for":["https://pay.example/x"]}""", "secret.bad-origin", "/for")]
    [InlineData("new-one", """{"value":"x","for":["https://pay.example"]}""", "secret.value-length", "/value")]
    [InlineData("New", """{"value":"long enough","for":["https://pay.example"]}""", "secret.name", null)]
    public async Task Secret_ThatCannotBe_IsRefusedByField(string name, string body, string code, string? pointer)
    {
        var problem = await PutAsync(name, JsonElement.Parse(body), 422);

        Assert.Equal(code, problem.Text("title"));
        Assert.Equal(pointer, problem.TryGetProperty("errors", out var errors) ? errors[0].Text("pointer") : null);
        await server.Admin.GetAsync("/v1/secrets/" + name).ProblemAsync(404, "secret.not-found");
    }

    private async Task<JsonElement> PutAsync(string name, object body, int status)
    {
        using var request = ApiServer.Json(HttpMethod.Put, "/v1/secrets/" + name, body);
        using var response = await server.Admin.SendAsync(request);
        return await response.ReadAsync(status);
    }
}
