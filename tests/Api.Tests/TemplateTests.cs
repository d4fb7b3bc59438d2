using System.Net.Http.Headers;
using System.Text.Json;

namespace Countersign.Api.Tests;

public sealed class TemplateTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Create_ThenUpdate_VersionsStayAsTheyWere()
    {
        using var created = await server.Engineer.SendAsync(ApiServer.Json(HttpMethod.Post, "/v1/templates", new { id = "greet", prompt = "Hello ${ variables.name }", system = "Be kind." }));
        var first = await created.ReadAsync(201);
        Assert.Equal((1, "eve", "/v1/templates/greet?version=1"), (first.GetProperty("version").GetInt32(), first.Text("author"), created.Headers.Location!.ToString()));

        using var update = ApiServer.Json(HttpMethod.Put, "/v1/templates/greet", new { prompt = "Good day ${ variables.name }", description = "politer" });
        update.Headers.IfMatch.Add(created.Headers.ETag!);
        using var updated = await server.Engineer.SendAsync(update);
        Assert.Equal(2, (await updated.ReadAsync(201)).GetProperty("version").GetInt32());

        var old = await server.Engineer.GetJsonAsync("/v1/templates/greet?version=1");
        Assert.Equal(("Hello ${ variables.name }", "Be kind.", 1, 2), (old.Text("prompt"), old.Text("system"), old.GetProperty("promoted").GetInt32(), old.GetProperty("newest").GetInt32()));
        var newest = await server.Engineer.GetJsonAsync("/v1/templates/greet");
        Assert.Equal((2, "Good day ${ variables.name }", "politer"), (newest.GetProperty("version").GetInt32(), newest.Text("prompt"), newest.Text("description")));
        Assert.Equal(1, (await server.Engineer.GetJsonAsync("/v1/templates/greet?version=promoted")).GetProperty("version").GetInt32());
        Assert.Equal([2, 1], (await server.Engineer.GetJsonAsync("/v1/templates/greet/versions")).Items().Select(version => version.GetProperty("version").GetInt32()));
        var log = (await server.Admin.GetJsonAsync("/v1/audit/events?type=template.created&limit=200")).Items().Select(entry => entry.GetProperty("data")).Where(data => data.Text("template") == "greet").ToArray();
        Assert.Equal([1, 2], log.Select(data => data.GetProperty("template_version").GetInt32()));
        Assert.DoesNotContain("Hello", JsonSerializer.Serialize(log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_SameContentAgain_IsTheSameVersion()
    {
        var first = await SaveAsync("same", "x");
        Assert.Equal(JsonSerializer.Serialize(first), JsonSerializer.Serialize(await SaveAsync("same", "x")));
        Assert.Equal(2, (await SaveAsync("same", "y")).GetProperty("version").GetInt32());
        Assert.Equal(3, (await SaveAsync("same", "x")).GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Create_WithKey_RepeatsAndRefusesAnotherBody()
    {
        Task<HttpResponseMessage> SendAsync(string prompt)
        {
            var request = ApiServer.Json(HttpMethod.Post, "/v1/templates", new { id = "keyed", prompt });
            request.Headers.Add("Idempotency-Key", "t-1");
            return server.Engineer.SendAsync(request);
        }

        using var first = await SendAsync("a");
        await SaveAsync("keyed", "b");
        using var again = await SendAsync("a");
        Assert.Equal(1, (await again.ReadAsync(201)).GetProperty("version").GetInt32());
        await SendAsync("c").ProblemAsync(422, "request.idempotency-key-reused");
    }

    [Fact]
    public async Task Create_ManyAtOnce_EachHasANumberOfItsOwn()
    {
        var versions = await Task.WhenAll(Enumerable.Range(0, 12).Select(n => SaveAsync("race", "prompt " + n)));

        Assert.Equal(Enumerable.Range(1, 12), versions.Select(version => version.GetProperty("version").GetInt32()).Order());
    }

    [Theory]
    [InlineData("Bad", "x", null, "/id")]
    [InlineData("a|b", "x", null, "/id")]
    [InlineData("t", "", null, "/prompt")]
    [InlineData("t", "${ variables. }", null, "/prompt")]
    [InlineData("t", "${ input.x }", null, "/prompt")]
    [InlineData("t", "${ secret('key') }", null, "/prompt")]
    [InlineData("t", "x", "${ steps.a.output }", "/system")]
    [InlineData("t", "${ variables.a", null, "/prompt")]
    public async Task Create_Bad_NamesTheField(string id, string prompt, string? system, string pointer)
    {
        var problem = await server.Engineer.PostJsonAsync("/v1/templates", new { id, prompt, system }, 422);

        Assert.Equal(("template.invalid", pointer), (problem.Text("title"), problem.GetProperty("errors")[0].Text("pointer")));
    }

    [Fact]
    public async Task Create_TooLong_IsRefused() =>
        Assert.Equal("template.invalid", (await server.Engineer.PostJsonAsync("/v1/templates", new { id = "long", prompt = new string('x', 60_001) }, 422)).Text("title"));

    [Fact]
    public async Task Update_WithoutOrWithAnotherETag_IsRefused()
    {
        await SaveAsync("cond", "x");
        await server.Engineer.SendAsync(ApiServer.Json(HttpMethod.Put, "/v1/templates/cond", new { prompt = "y" })).ProblemAsync(428, "request.condition-missing");
        var stale = ApiServer.Json(HttpMethod.Put, "/v1/templates/cond", new { prompt = "y" });
        stale.Headers.IfMatch.Add(new EntityTagHeaderValue("\"abc\""));
        await server.Engineer.SendAsync(stale).ProblemAsync(412, "template.changed");
        var none = ApiServer.Json(HttpMethod.Put, "/v1/templates/none", new { prompt = "y" });
        none.Headers.IfMatch.Add(new EntityTagHeaderValue("\"abc\""));
        await server.Engineer.SendAsync(none).ProblemAsync(404, "template.not-found");
    }

    [Fact]
    public async Task Get_OfAnotherTenantOrNone_NotFound()
    {
        await SaveAsync("mine", "x");
        await server.Stranger.GetJsonAsync("/v1/templates/mine", 404);
        await server.Stranger.GetJsonAsync("/v1/templates/mine/versions", 404);
        await server.Engineer.GetJsonAsync("/v1/templates/mine?version=2", 404);
        await server.Engineer.GetJsonAsync("/v1/templates/mine?version=x", 400);
        Assert.DoesNotContain((await server.Stranger.GetJsonAsync("/v1/templates")).Items(), template => template.Text("id") == "mine");
    }

    [Fact]
    public async Task List_Pages_EveryTemplateOnce()
    {
        foreach (var n in Enumerable.Range(0, 5))
        {
            await SaveAsync("page-" + n, "x");
        }

        var (seen, cursor) = (new List<string>(), "");
        do
        {
            var page = await server.Engineer.GetJsonAsync("/v1/templates?limit=2" + cursor);
            seen.AddRange(page.Items().Select(template => template.Text("id")));
            cursor = page.TryGetProperty("cursor", out var next) ? "&cursor=" + next.GetString() : "";
        }
        while (cursor.Length > 0);
        Assert.Equal(seen.Order(StringComparer.Ordinal).Distinct(), seen);
        Assert.Equal(5, seen.Count(id => id.StartsWith("page-", StringComparison.Ordinal)));
        await SaveAsync("page-0", "y");
        await SaveAsync("page-0", "z");
        var first = await server.Engineer.GetJsonAsync("/v1/templates/page-0/versions?limit=2");
        var second = await server.Engineer.GetJsonAsync("/v1/templates/page-0/versions?limit=2&cursor=" + first.Text("cursor"));
        Assert.Equal([3, 2, 1], first.Items().Concat(second.Items()).Select(version => version.GetProperty("version").GetInt32()));
    }

    [Fact]
    public async Task Promote_Version_IsTheOneThatStepsWithoutOneMeanAndInTheLogOnce()
    {
        await SaveAsync("prom", "one");
        await SaveAsync("prom", "two");
        await server.Engineer.PostJsonAsync("/v1/templates/prom/promote", new { version = 3 }, 404);
        await server.Engineer.PostJsonAsync("/v1/templates/prom/promote", new { version = 2 });
        await server.Engineer.PostJsonAsync("/v1/templates/prom/promote", new { version = 2 });
        Assert.Equal(2, (await server.Engineer.GetJsonAsync("/v1/templates/prom?version=promoted")).GetProperty("version").GetInt32());
        await server.Engineer.PostJsonAsync("/v1/templates/prom/promote", new { version = 1 });
        var log = (await server.Admin.GetJsonAsync("/v1/audit/events?type=template.promoted&limit=200")).Items().Select(entry => entry.GetProperty("data")).Where(data => data.Text("template") == "prom");
        Assert.Equal([(1, 2), (2, 1)], log.Select(data => (data.GetProperty("before").GetInt32(), data.GetProperty("template_version").GetInt32())));
    }

    [Fact]
    public async Task Run_ByReference_AsksWithTheVersionAndTheLogNamesIt()
    {
        await using var model = await ModelServer.StartAsync((context, _) => ModelServer.SayAsync(context, "ok"));
        await using var host = await ModelHost.StartAsync(model.Providers);
        await host.Client.PostJsonAsync("/v1/templates", new { id = "greet", prompt = "Hello ${ variables.name }", system = "Be ${ variables.mood }." }, 201);
        await host.Client.PostJsonAsync("/v1/templates", new { id = "greet", prompt = "Good day ${ variables.name }" }, 201);
        foreach (var (version, asked, system) in new[] { (", version: 2", "Good day Ann", (string?)null), ("", "Hello Ann", "Be kind.") })
        {
            await host.SaveAsync($"template: {{ id: greet{version} }}\nvariables: {{ name: \"${{ input.name }}\", mood: kind }}\ndescription: {(version.Length > 0 ? "one" : "two")}", version.Length > 0 ? "1.0.0" : "1.0.1");
            var events = await EventReader.ReadAllAsync(host.Client, $"/v1/executions/{await host.StartAsync(new { name = "Ann" })}/events", null);
            var facts = Assert.Single(events, happened => happened.Type == "ai.response").Data.GetProperty("data");
            Assert.Equal(("greet", version.Length > 0 ? 2 : 1), (facts.Text("template"), facts.GetProperty("template_version").GetInt32()));
            var messages = model.Asked.Last().Body.GetProperty("messages").EnumerateArray().Select(message => message.Text("content")).ToArray();
            Assert.Equal(system is null ? [asked] : [system, asked], messages);
        }
    }

    [Fact]
    public async Task Run_UnknownTemplate_FailsAndNothingIsAsked()
    {
        await using var model = await ModelServer.StartAsync((context, _) => ModelServer.SayAsync(context, "ok"));
        await using var host = await ModelHost.StartAsync(model.Providers);
        await host.SaveAsync("template: { id: none, version: 2 }");

        var events = await EventReader.ReadAllAsync(host.Client, $"/v1/executions/{await host.StartAsync()}/events", null);

        Assert.Contains("ai.template-unknown", events[^1].Data.GetRawText(), StringComparison.Ordinal);
        Assert.Empty(model.Asked);
    }

    private Task<JsonElement> SaveAsync(string id, string prompt) => server.Engineer.PostJsonAsync("/v1/templates", new { id, prompt }, 201);
}
