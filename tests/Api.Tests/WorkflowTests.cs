using System.Net;
using System.Text.Json;

namespace Countersign.Api.Tests;

public sealed class WorkflowTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Create_NewVersion_IsThereInEveryForm()
    {
        using var response = await server.Engineer.PostAsync("/v1/workflows", ApiServer.Yaml(Definitions.Hello("2.0.0", name: "forms")));
        var saved = await response.ReadAsync(201);
        Assert.Equal("/v1/workflows/forms?version=2.0.0", response.Headers.Location!.OriginalString);
        Assert.Equal($"\"{saved.Text("hash")}\"", response.Headers.ETag!.Tag);
        var json = await server.Admin.GetJsonAsync(response.Headers.Location.OriginalString);
        Assert.Equal("2.0.0", json.Text("version"));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/workflows/forms");
        request.Headers.Add("Accept", "application/yaml");
        using var yaml = await server.Admin.SendAsync(request);
        var again = await server.Engineer.PostAsync("/v1/workflows", ApiServer.Yaml(await yaml.Content.ReadAsStringAsync()));
        Assert.Equal(saved.GetRawText(), (await again.ReadAsync(201)).GetRawText());
    }

    [Fact]
    public async Task Create_WithWarnings_SavesAndSaysThem()
    {
        var saved = await SaveAsync(Definitions.Hello(name: "warned").Replace("\"1.0\"", "\"1.9\"", StringComparison.Ordinal), 201);
        var warning = Assert.Single(saved.GetProperty("warnings").EnumerateArray());
        Assert.Equal(("warning", "/language", 1), (warning.Text("severity"), warning.Text("pointer"), warning.GetProperty("line").GetInt32()));
        Assert.Empty((await SaveAsync(Definitions.Hello(name: "unwarned"), 201)).GetProperty("warnings").EnumerateArray());
    }

    [Fact]
    public async Task Create_SameVersionOtherContent_IsAConflict()
    {
        await SaveAsync(Definitions.Hello(name: "taken"), 201);
        var problem = await SaveAsync(Definitions.Hello(word: "bye", name: "taken"), 409);
        Assert.Equal("workflow.version-taken", problem.Text("title"));
        Assert.Equal("/version", problem.GetProperty("errors")[0].Text("pointer"));
    }

    [Fact]
    public async Task Create_KeyUsedForOtherContent_IsRefusedAndSavesNothing()
    {
        var key = Guid.NewGuid().ToString();
        await SaveAsync(Definitions.Hello(name: "keyed"), 201, key);
        await SaveAsync(Definitions.Hello(name: "keyed"), 201, key);
        Assert.Equal("request.idempotency-key-reused", (await SaveAsync(Definitions.Hello(name: "keyed-other"), 422, key)).Text("title"));
        await server.Admin.GetJsonAsync("/v1/workflows/keyed-other", 404);
    }

    [Fact]
    public async Task Create_Twice_IsLoggedOnceAndCreatedThenUpdated()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => SaveAsync(Definitions.Hello($"1.{n % 4}.0", name: "at-once"), 201)));
        var log = await server.Admin.GetJsonAsync("/v1/audit/events?type=workflow.*&limit=200");
        var types = log.Items().Where(entry => entry.GetProperty("data").Text("workflow") == "at-once").Select(entry => entry.Text("type")).ToArray();
        Assert.Equal(["workflow.created", "workflow.updated", "workflow.updated", "workflow.updated"], types);
    }

    [Fact]
    public async Task Create_SameVersionOtherContentAtOnce_OneIsSaved()
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, 12).Select(async n =>
        {
            using var response = await server.Engineer.PostAsync("/v1/workflows", ApiServer.Yaml(Definitions.Hello(word: "w" + n, name: "contested")));
            return (int)response.StatusCode;
        }));
        Assert.Single(statuses, 201);
        Assert.Equal(11, statuses.Count(status => status == 409));
    }

    [Fact]
    public async Task Update_IfMatch_DecidesWhoWins()
    {
        var first = await SaveAsync(Definitions.Hello(name: "matched"), 201);
        Assert.Equal("request.condition-missing", (await UpdateAsync("matched", Definitions.Hello("1.1.0", name: "matched"), null, 428)).Text("title"));
        var second = await UpdateAsync("matched", Definitions.Hello("1.1.0", name: "matched"), first.Text("hash"), 201);
        var stale = await UpdateAsync("matched", Definitions.Hello("1.2.0", name: "matched"), first.Text("hash"), 412);
        Assert.Equal("workflow.changed", stale.Text("title"));
        await UpdateAsync("matched", Definitions.Hello("1.2.0", name: "matched"), second.Text("hash"), 201);
        Assert.Equal("workflow.name-differs", (await UpdateAsync("matched", Definitions.Hello("1.3.0", name: "else"), first.Text("hash"), 422)).Text("title"));
        await UpdateAsync("never", Definitions.Hello(name: "never"), first.Text("hash"), 404);
    }

    [Fact]
    public async Task Update_EightAtOnceFromTheSameVersion_OneWins()
    {
        var first = await SaveAsync(Definitions.Hello(name: "raced"), 201);
        var statuses = await Task.WhenAll(Enumerable.Range(1, 8).Select(async n =>
        {
            using var request = Updating("raced", Definitions.Hello($"1.{n}.0", name: "raced"), first.Text("hash"));
            using var response = await server.Engineer.SendAsync(request);
            return response.StatusCode;
        }));
        Assert.Single(statuses, status => status is HttpStatusCode.Created);
        Assert.Equal(7, statuses.Count(status => status is HttpStatusCode.PreconditionFailed));
    }

    [Fact]
    public async Task Delete_Version_LeavesItsNumberTaken()
    {
        await SaveAsync(Definitions.Hello(name: "gone"), 201);
        await SaveAsync(Definitions.Hello("1.1.0", name: "gone"), 201);
        await DeleteAsync("gone", "1.1.0", 204);
        await DeleteAsync("gone", "1.1.0", 404);
        Assert.Equal("1.0.0", (await server.Admin.GetJsonAsync("/v1/workflows/gone")).Text("version"));
        await server.Admin.GetJsonAsync("/v1/workflows/gone?version=1.1.0", 404);
        Assert.Equal("workflow.version-taken", (await SaveAsync(Definitions.Hello("1.1.0", "other", "gone"), 409)).Text("title"));

        await SaveAsync(Definitions.Hello("1.1.0", name: "gone"), 201);
        await server.Admin.GetJsonAsync("/v1/workflows/gone?version=1.1.0");
        await DeleteAsync("gone", "1.1.0", 204);
        await DeleteAsync("gone", "1.0.0", 204);
        await server.Admin.GetJsonAsync("/v1/workflows/gone", 404);
        await server.Admin.GetJsonAsync("/v1/workflows/gone/versions", 404);
        Assert.DoesNotContain((await server.Admin.GetJsonAsync("/v1/workflows?limit=200")).Items(), item => item.Text("name") == "gone");
        var log = await server.Admin.GetJsonAsync("/v1/audit/events?type=workflow.*&limit=200");
        Assert.Equal(6, log.Items().Count(entry => entry.GetProperty("data").Text("workflow") == "gone"));
    }

    [Fact]
    public async Task Delete_WithAnOpenRun_LetsItGoOn()
    {
        await SaveAsync(Definitions.Await.Replace("name: await", "name: pinned", StringComparison.Ordinal), 201);
        var run = (await server.StartAsync("pinned")).Text("id");
        await DeleteAsync("pinned", "1.0.0", 204);
        Assert.Equal("workflow.not-found", (await server.Engineer.PostJsonAsync("/v1/executions", new { workflow = "pinned" }, 404)).Text("title"));
        await server.Engineer.PostJsonAsync($"/v1/executions/{run}/resume", new { @event = "paid", data = new { sum = 1 } }, 202);
        Assert.Equal("completed", (await server.SettledAsync(run)).Text("status"));
    }

    [Fact]
    public async Task Versions_AndRanges_AreInOrderOfTheirNumbers()
    {
        foreach (var version in (string[])["1.2.0", "1.10.0", "1.9.0", "2.0.0-rc.1", "1.0.0"])
        {
            await SaveAsync(Definitions.Hello(version, name: "many"), 201);
        }

        var versions = (await server.Admin.GetJsonAsync("/v1/workflows/many/versions")).Items().Select(item => item.Text("version"));
        Assert.Equal(["2.0.0-rc.1", "1.10.0", "1.9.0", "1.2.0", "1.0.0"], versions);
        Assert.Equal("1.10.0", (await server.Admin.GetJsonAsync("/v1/workflows/many?version=1.x")).Text("version"));
        await server.Admin.GetJsonAsync("/v1/workflows/many?version=nonsense", 404);
        await server.Admin.GetJsonAsync("/v1/workflows/no%7Cthing", 404);
    }

    [Fact]
    public async Task List_InPages_HoldsEachOnce()
    {
        for (var n = 0; n < 5; n++)
        {
            await SaveAsync(Definitions.Hello(name: $"page-{n}"), 201);
        }

        var names = new List<string>();
        var path = "/v1/workflows?limit=2";
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await server.Admin.GetJsonAsync(path + (cursor.Length == 0 ? "" : "&cursor=" + cursor));
            names.AddRange(page.Items().Select(item => item.Text("name")));
            cursor = page.TryGetProperty("cursor", out var next) ? next.GetString() : null;
        }

        Assert.Equal(names.Distinct().Order(StringComparer.Ordinal), names);
        Assert.Equal(5, names.Count(name => name.StartsWith("page-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Definition_WithProblems_NamesCodeAndPlace()
    {
        const string Bad = "language: \"1.0\"\nname: bad\nversion: 1.0.0\nstart: nowhere\nsteps:\n  - { id: a, type: emit, event: custom.a, data: {}, colour: red }\n";
        var result = await server.Engineer.PostTextAsync("/v1/workflows/validate", Bad, 200);
        Assert.False(result.GetProperty("valid").GetBoolean());
        var problems = result.GetProperty("problems").EnumerateArray().ToArray();
        var field = Assert.Single(problems, problem => problem.Text("code") == "definition.unknown-field");
        Assert.Equal((6, "/steps/0/colour", "error"), (field.GetProperty("line").GetInt32(), field.Text("pointer"), field.Text("severity")));
        Assert.True(field.GetProperty("column").GetInt32() > 40);
        Assert.Contains(problems, problem => problem.Text("code") == "definition.unknown-target");

        var refused = await SaveAsync(Bad, 422);
        Assert.Equal("workflow.invalid", refused.Text("title"));
        Assert.Equal(problems.Length, refused.GetProperty("errors").GetArrayLength());
    }

    [Fact]
    public async Task Validate_GoodDefinition_GivesItsHashAndSavesNothing()
    {
        var result = await server.Engineer.PostTextAsync("/v1/workflows/validate", Definitions.Hello(name: "unsaved"), 200);
        Assert.True(result.GetProperty("valid").GetBoolean());
        Assert.Equal(64, result.Text("hash").Length);
        await server.Admin.GetJsonAsync("/v1/workflows/unsaved", 404);
        var named = await server.Engineer.PostTextAsync("/v1/workflows/other/validate", Definitions.Hello(name: "unsaved"), 200);
        Assert.False(named.GetProperty("valid").GetBoolean());
        Assert.Equal("workflow.name-differs", named.GetProperty("problems")[0].Text("code"));
    }

    [Fact]
    public async Task Schema_OfDefinitions_IsOpenToEditors()
    {
        using var nobody = server.With(null);
        Assert.Contains("2020-12", (await nobody.GetJsonAsync("/v1/schemas/workflow")).Text("$schema"), StringComparison.Ordinal);
    }

    private async Task<JsonElement> SaveAsync(string definition, int status, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/workflows") { Content = ApiServer.Yaml(definition) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var response = await server.Engineer.SendAsync(request);
        return await response.ReadAsync(status);
    }

    private static HttpRequestMessage Updating(string name, string definition, string? hash)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, "/v1/workflows/" + name) { Content = ApiServer.Yaml(definition) };
        if (hash is not null)
        {
            request.Headers.Add("If-Match", $"\"{hash}\"");
        }

        return request;
    }

    private async Task<JsonElement> UpdateAsync(string name, string definition, string? hash, int status)
    {
        using var request = Updating(name, definition, hash);
        using var response = await server.Engineer.SendAsync(request);
        return await response.ReadAsync(status);
    }

    private async Task DeleteAsync(string name, string version, int status)
    {
        using var response = await server.Engineer.DeleteAsync($"/v1/workflows/{name}?version={version}");
        await response.ReadAsync(status);
    }
}
