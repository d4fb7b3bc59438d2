using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Countersign.Api.Tests;

/// <summary>What holds for every route: HEAD, query parameters, cursors, conditions, pointers.</summary>
public sealed class HttpTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Theory]
    [InlineData("/health")]
    [InlineData("/ready")]
    [InlineData("/openapi.json")]
    [InlineData("/v1/workflows")]
    [InlineData("/v1/workflows/hello")]
    [InlineData("/v1/executions?limit=1")]
    public async Task Head_WhereverGetIs_HasItsStatusAndHeadersAndNoBody(string path)
    {
        using var client = server.With(server.Admin.DefaultRequestHeaders.Authorization!.Parameter);
        using var get = await client.GetAsync(path);
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var head = await client.SendAsync(request);
        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Equal((await get.Content.ReadAsByteArrayAsync()).Length, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Head_OfAStream_EndsAtItsHeaders()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "/v1/events");
        using var response = await server.Admin.SendAsync(request).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Head_OfAPathThatTakesPostOnly_IsRefusedByName()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "/v1/executions/abc/cancel");
        using var response = await server.Admin.SendAsync(request);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        using var patch = new HttpRequestMessage(HttpMethod.Patch, "/v1/executions");
        using var refused = await server.Admin.SendAsync(patch);
        Assert.Equal(["GET", "HEAD", "POST"], refused.Content.Headers.Allow.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("/health?verbose=1", "verbose")]
    [InlineData("/v1/executions?stauts=failed", "stauts")]
    [InlineData("/v1/audit/events?stpe=pay", "stpe")]
    [InlineData("/v1/workflows/hello?Version=1.0.0", "Version")]
    [InlineData("/v1/executions?limit=1&limit=2", "limit")]
    [InlineData("/v1/executions?limit=0", "limit")]
    [InlineData("/v1/audit/events?since=yesterday", "since")]
    public async Task Query_ParameterThatIsNotTaken_IsNamed(string path, string name)
    {
        var problem = await server.Admin.GetJsonAsync(path, 400);
        Assert.Equal(("request.invalid", name), (problem.Text("title"), Assert.Single(problem.GetProperty("errors").EnumerateArray()).Text("parameter")));
        Assert.Contains($"'{name}'", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_OfALink_IsRefusedToo()
    {
        var (_, approval) = await server.StartApprovalAsync();
        var link = await server.Admin.PostJsonAsync($"/v1/approvals/{approval.Text("id")}/links", new { addressee = "pat" });
        using var nobody = server.With(null);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/tasks/{approval.Text("id")}?lang=de");
        request.Headers.Authorization = new AuthenticationHeaderValue("Task", link.Text("token"));
        await nobody.SendAsync(request).ProblemAsync(400, "request.invalid");
    }

    [Fact]
    public async Task Cursor_WithOtherParameters_IsRefused()
    {
        for (var run = 0; run < 3; run++)
        {
            await server.StartAsync("hello", new { name = "x" });
        }

        var cursor = (await server.Admin.GetJsonAsync("/v1/executions?limit=1&workflow=hello")).Text("cursor");
        Assert.Single((await server.Admin.GetJsonAsync($"/v1/executions?limit=1&workflow=hello&cursor={cursor}")).Items());
        Assert.Equal(2, (await server.Admin.GetJsonAsync($"/v1/executions?limit=2&cursor={cursor}&workflow=hello")).Items().Length);
        foreach (var other in (string[])["/v1/executions?", "/v1/executions?workflow=spend&", "/v1/executions?workflow=hello&status=failed&", "/v1/workflows?"])
        {
            Assert.Equal("cursor", (await server.Admin.GetJsonAsync($"{other}cursor={cursor}", 400)).GetProperty("errors")[0].Text("parameter"));
        }
    }

    [Theory]
    [InlineData("*", 201)]
    [InlineData("\"0000\"", 412)]
    [InlineData("0000", 400)]
    [InlineData("\"a\", \"b\"", 400)]
    public async Task IfMatch_OfAnUpdate_IsATagOrAnyVersion(string condition, int status)
    {
        var name = "cond-" + Guid.NewGuid().ToString("N")[..8];
        using (var first = await server.Admin.PostAsync("/v1/workflows", ApiServer.Yaml(Definitions.Hello(name: name))))
        {
            await first.ReadAsync(201);
        }

        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/workflows/" + name) { Content = ApiServer.Yaml(Definitions.Hello("1.1.0", "hi", name)) };
        request.Headers.TryAddWithoutValidation("If-Match", condition);
        using var response = await server.Admin.SendAsync(request);
        await response.ReadAsync(status);
    }

    [Fact]
    public async Task IfMatch_AnyVersionWhereThereIsNone_IsNotFound()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/workflows/no-such") { Content = ApiServer.Yaml(Definitions.Hello(name: "no-such")) };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        await server.Admin.SendAsync(request).ProblemAsync(404, "workflow.not-found");
    }

    [Theory]
    [InlineData("/v1/executions", """{"workflow":"hello","version":null}""", "/version")]
    [InlineData("/v1/executions", """{"workflow":"hello","input":null}""", "/input")]
    [InlineData("/v1/api-keys", """{"user":"x","roles":[null]}""", "/roles/0")]
    [InlineData("/v1/executions", "{}", "/workflow")]
    [InlineData("/v1/api-keys", "{}", "/user /roles")]
    public async Task Body_NullOrMissing_PointsAtTheField(string path, string body, string pointers)
    {
        var problem = await server.Admin.PostTextAsync(path, body, 400);
        Assert.Equal(pointers, string.Join(' ', problem.GetProperty("errors").EnumerateArray().Select(error => error.Text("pointer"))));
    }

    [Fact]
    public async Task Body_NullInsideTheInput_IsAValue()
    {
        var run = await server.Engineer.PostTextAsync("/v1/executions", """{"workflow":"spend","input":{"amount":null}}""", 202);
        Assert.NotEqual("", run.Text("id"));
    }

    [Theory]
    [InlineData("""{"data":{"amount":"x"}}""", "/data/amount")]
    [InlineData("""{"data":{"amount":9007199254740993}}""", "/data/amount")]
    [InlineData("""{"data":{"amount":1,"note":"\ud83d"}}""", "/data/note")]
    [InlineData("""{"data":{}}""", "/data/amount")]
    public async Task Form_FieldThatIsWrong_IsPointedAtFromTheBody(string body, string pointer)
    {
        var form = await server.FindWaitAsync((await server.StartAsync("ask")).Text("id"));
        using var fay = await server.AsAsync("fay", "growth");
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await fay.PostAsync("/v1/forms/" + form.Text("id"), content);
        var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(pointer, Assert.Single(problem.GetProperty("errors").EnumerateArray()).Text("pointer"));
    }

    [Fact]
    public async Task Start_WithoutARequiredField_PointsAtIt()
    {
        var problem = await server.Engineer.PostJsonAsync("/v1/executions", new { workflow = "hello", input = new { } }, 422);
        Assert.Equal("/input/name", Assert.Single(problem.GetProperty("errors").EnumerateArray()).Text("pointer"));
    }
}
