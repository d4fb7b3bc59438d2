using System.Net;
using System.Text;
using System.Text.Json;

namespace Countersign.Api.Tests;

public sealed class ConventionTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Theory]
    [InlineData("/health", "ok")]
    [InlineData("/ready", "ready")]
    public async Task Health_OfARunningHost_IsGood(string path, string status)
    {
        using var nobody = server.With(null);
        Assert.Equal(status, (await nobody.GetJsonAsync(path)).Text("status"));
    }

    [Fact]
    public async Task Start_Accepted_SaysWhereToGo()
    {
        using var request = ApiServer.Json(HttpMethod.Post, "/v1/executions", new { workflow = "spend", input = new { amount = 1 }, correlationId = "order 7" });
        using var response = await server.Engineer.SendAsync(request);
        var run = await response.ReadAsync(202);
        var id = run.Text("id");
        Assert.Equal("/v1/executions/" + id, response.Headers.Location!.OriginalString);
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta);
        Assert.Equal("order 7", run.Text("correlationId"));
        var links = run.GetProperty("links");
        Assert.Equal(
            [$"/v1/executions/{id}", $"/v1/executions/{id}/resume", $"/v1/executions/{id}/cancel", $"/v1/executions/{id}/events"],
            new[] { "status", "resume", "cancel", "events" }.Select(name => links.Text(name)));
    }

    [Fact]
    public async Task Start_WithPatience_AnswersWithTheEnd()
    {
        var run = await server.StartAsync("hello", new { name = "you" });
        Assert.Equal("completed", run.Text("status"));
        Assert.Equal("hello you", run.GetProperty("output").Text("greeting"));
    }

    [Fact]
    public async Task Start_PatienceAtItsEnd_AnswersWithWhatThereIs()
    {
        var gate = new TaskCompletionSource<(int, string)>();
        server.Remote.On("/slow", (_, _) => gate.Task);
        using var request = ApiServer.Json(HttpMethod.Post, "/v1/executions", new { workflow = "call", input = new { url = server.Remote.Address + "/slow" } });
        request.Headers.Add("Prefer", "respond-async, wait=1");
        using var response = await server.Engineer.SendAsync(request);
        var run = await response.ReadAsync(202);
        Assert.Contains(run.Text("status"), new[] { "running", "queued" });
        gate.SetResult((200, "{}"));
        Assert.Equal("completed", (await server.SettledAsync(run.Text("id"))).Text("status"));
    }

    [Fact]
    public async Task IdempotencyKey_SameBody_GivesTheSameRun()
    {
        var key = Guid.NewGuid().ToString();
        var first = await StartAsync(key, new { workflow = "spend", input = new { amount = 2 } }, 202);
        var second = await StartAsync(key, new { workflow = "spend", input = new { amount = 2 } }, 202);
        Assert.Equal(first.Text("id"), second.Text("id"));
        Assert.Equal(first.GetProperty("links").GetRawText(), second.GetProperty("links").GetRawText());
    }

    [Theory]
    [InlineData("""{"workflow":"spend","input":{"amount":3}}""")]
    [InlineData("""{"workflow":"spend","input":{"amount":2},"correlationId":"x"}""")]
    [InlineData("""{"workflow":"spend","version":"1.x","input":{"amount":2}}""")]
    public async Task IdempotencyKey_OtherBody_IsRefused(string other)
    {
        var key = Guid.NewGuid().ToString();
        await StartAsync(key, new { workflow = "spend", input = new { amount = 2 } }, 202);
        var problem = await StartAsync(key, JsonElement.Parse(other), 422);
        Assert.Equal("request.idempotency-key-reused", problem.Text("title"));
        Assert.Equal("Idempotency-Key", problem.GetProperty("errors")[0].Text("header"));
    }

    [Fact]
    public async Task IdempotencyKey_SixteenAtOnce_StartOneRun()
    {
        for (var round = 0; round < 5; round++)
        {
            var key = Guid.NewGuid().ToString();
            var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => StartAsync(key, new { workflow = "spend", input = new { amount = key } }, 202, 409)));
            var id = Assert.Single(answers.Where(answer => answer.TryGetProperty("id", out var _)).Select(answer => answer.Text("id")).Distinct());
            Assert.All(answers.Where(answer => answer.TryGetProperty("title", out var _)), problem => Assert.Equal("request.in-flight", problem.Text("title")));
            var entries = await server.Admin.GetJsonAsync($"/v1/audit/events?run={id}&type=run.created");
            Assert.Single(entries.Items());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345")]
    public async Task IdempotencyKey_NotOfTheForm_IsRefused(string key)
    {
        using var request = ApiServer.Json(HttpMethod.Post, "/v1/executions", new { workflow = "hello", input = new { name = "x" } });
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        await server.Engineer.SendAsync(request).ProblemAsync(400, "request.invalid");
    }

    [Theory]
    [InlineData("""{"workflow":"hello","colour":"red"}""", "/colour")]
    [InlineData("""{"input":{}}""", "workflow")]
    [InlineData("""{"workflow":null}""", "/workflow\",\"detail\":\"must be a text")]
    [InlineData("""{"workflow":7}""", "/workflow\",\"detail\":\"must be a text")]
    [InlineData("""{"workflow":"hello","oncePerInput":"yes"}""", "/oncePerInput\",\"detail\":\"must be true or false")]
    [InlineData("""{"workflow":"a","workflow":"b"}""", "workflow")]
    [InlineData("""{"workflow":"hello","input":{"a":1,"a":2}}""", "a")]
    [InlineData("""{"workflow":"hello","correlationId":""}""", "/correlationId")]
    [InlineData("{\"workflow\":\"hello", "is not well-formed JSON (line 1, byte 19 of the line)")]
    [InlineData("{", "is not well-formed JSON (line 1, byte 2 of the line)")]
    [InlineData("""{"workflow":"hello","a.b":1}""", "/a.b\"")]
    [InlineData("""{"workflow":"hello","a/b~":1}""", "/a~1b~0\"")]
    [InlineData("""{"workflow":"hel\ud800"}""", "/workflow\",\"detail\":\"holds half of a surrogate pair")]
    [InlineData("{\n \"workflow\": hello }", "is not well-formed JSON (line 2, byte 14 of the line)")]
    [InlineData(" ", "is empty")]
    [InlineData("[]", "must be an object")]
    [InlineData("null", "must be an object")]
    [InlineData("\"text\"", "must be an object")]
    public async Task Body_NotWhatIsWanted_IsRefusedNamingTheField(string body, string named)
    {
        var problem = await server.Engineer.PostTextAsync("/v1/executions", body, 400);
        Assert.Equal("request.body-invalid", problem.Text("title"));
        Assert.Equal("/errors/request.body-invalid", problem.Text("type"));
        Assert.False(problem.GetProperty("retryable").GetBoolean());
        Assert.Contains(named, Assert.Single(problem.GetProperty("errors").EnumerateArray()).GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/api-keys", "{}")]
    [InlineData("/v1/api-keys", """{"user":null,"roles":["viewer"]}""")]
    [InlineData("/v1/approvals/x.y/delegate", "{}")]
    [InlineData("/v1/approvals/x.y/messages", "{}")]
    [InlineData("/v1/approvals/x.y/decide", """{"decision":"approved"}""")]
    [InlineData("/v1/approvals/x.y/decide", """{"decision":"maybe","shown":"x"}""")]
    [InlineData("/v1/forms/x.y", "{}")]
    [InlineData("/v1/audit/verify", """{"from":0}""")]
    [InlineData("/v1/audit/verify", """{"from":3,"to":2}""")]
    [InlineData("/v1/audit/verify", """{"from":999999999}""")]
    public async Task Body_WithoutWhatIsRequired_IsRefused(string path, string body) =>
        Assert.Equal("request.body-invalid", (await server.Admin.PostTextAsync(path, body, 400)).Text("title"));

    [Theory]
    [InlineData("""{"user":"x","roles":["viewer",7]}""", "/roles/1", "must be a text")]
    [InlineData("""{"user":"x","roles":7}""", "/roles", "must be an array")]
    public async Task Body_ItemOfAnotherType_IsRefusedNamingTheItem(string body, string pointer, string rule)
    {
        var error = (await server.Admin.PostTextAsync("/v1/api-keys", body, 400)).GetProperty("errors")[0];
        Assert.Equal((pointer, rule), (error.Text("pointer"), error.Text("detail")));
    }

    [Fact]
    public async Task Body_NotUtf8_IsRefused()
    {
        using var content = new ByteArrayContent([.. "{\"workflow\":\""u8, 0xff, .. "\"}"u8]);
        using var response = await server.Engineer.PostAsync("/v1/executions", content);
        Assert.Contains("is not valid UTF-8", (await response.ReadAsync(400)).Text("detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wait=5", 5)]
    [InlineData("respond-async, WAIT=200", 200)]
    [InlineData("wait=100000", 200)]
    [InlineData("wait=-1", 0)]
    [InlineData("wait=soon", 0)]
    public void Prefer_Wait_IsAtMostItsCap(string prefer, int seconds)
    {
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        context.Request.Headers["Prefer"] = prefer;
        Assert.Equal(TimeSpan.FromSeconds(seconds), Requests.Patience(context));
    }

    [Fact]
    public async Task Body_DeeperThanAllowed_IsRefused()
    {
        var problem = await server.Engineer.PostTextAsync("/v1/executions", "{\"workflow\":\"hello\",\"input\":" + new string('[', 5000) + new string(']', 5000) + "}", 400);
        Assert.Contains("nested more than 64 deep", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_OverTheLimit_IsTooLarge(bool chunked)
    {
        var bytes = Encoding.UTF8.GetBytes("{\"workflow\":\"" + new string('x', (int)CountersignApi.MaxBody) + "\"}");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/executions") { Content = new ByteArrayContent(bytes) };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true;
        await server.Engineer.SendAsync(request).ProblemAsync(413, "request.too-large");
    }

    [Fact]
    public async Task Cancel_ChunkedBody_IsReadAllTheSame()
    {
        var (run, _) = await server.StartApprovalAsync();
        using var request = ApiServer.Json(HttpMethod.Post, $"/v1/executions/{run}/cancel", new { reason = "told in chunks" });
        request.Headers.TransferEncodingChunked = true;
        using var response = await server.Engineer.SendAsync(request);
        await response.ReadAsync(202);
        var asked = await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&type=run.cancel_requested");
        Assert.Equal("told in chunks", Assert.Single(asked.Items()).GetProperty("data").Text("reason"));
    }

    [Fact]
    public async Task Problem_TraceId_IsTheCallersTrace()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/executions/none");
        request.Headers.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        var problem = await server.Admin.SendAsync(request).ProblemAsync(404, "run.not-found");
        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", problem.Text("traceId"));
        Assert.Matches("^[0-9a-f]{32}$", (await server.Admin.GetJsonAsync("/v1/executions/none", 404)).Text("traceId"));
    }

    [Theory]
    [InlineData("/v1/executions?limit=0")]
    [InlineData("/v1/executions?limit=201")]
    [InlineData("/v1/executions?limit=-1")]
    [InlineData("/v1/executions?limit=ten")]
    [InlineData("/v1/executions?status=sleeping")]
    [InlineData("/v1/executions?status=1")]
    [InlineData("/v1/executions?cursor=!!!")]
    [InlineData("/v1/executions?cursor=AAAA")]
    [InlineData("/v1/executions?cursor=d2FpdHx4")]
    [InlineData("/v1/workflows?cursor=d2FpdHx4")]
    [InlineData("/v1/workflows?limit=1000")]
    [InlineData("/v1/approvals?cursor=d2FpdHx4")]
    [InlineData("/v1/approvals?cursor=aW5ib3h8")]
    [InlineData("/v1/audit/events?cursor=d2FpdHx4")]
    [InlineData("/v1/executions?status=running,waiting")]
    [InlineData("/v1/executions?status=%2B2")]
    [InlineData("/v1/audit/events?since=yesterday")]
    [InlineData("/v1/audit/events?until=2026-13-01")]
    [InlineData("/v1/audit/export?from=0")]
    [InlineData("/v1/audit/export?to=99999999")]
    public async Task Query_Bad_IsRefused(string path) =>
        Assert.Equal("request.invalid", (await server.Admin.GetJsonAsync(path, 400)).Text("title"));

    [Theory]
    [InlineData("{}", 200)]
    [InlineData("""{"to":1}""", 200)]
    [InlineData("""{"from":0}""", 400)]
    [InlineData("""{"to":99999999}""", 400)]
    public async Task Verify_Range_MayBeLeftOutAndMustBeThere(string body, int status) => await server.Admin.PostTextAsync("/v1/audit/verify", body, status);

    [Theory]
    [InlineData("run")]
    [InlineData("system")]
    public async Task Key_OfTheProductsOwnName_IsRefused(string user) => Assert.Equal(
        "/user", (await server.Admin.PostJsonAsync("/v1/api-keys", new { user, roles = new[] { "viewer" } }, 422)).GetProperty("errors")[0].Text("pointer"));

    [Fact]
    public async Task Key_Revoked_IsGoodNoMore()
    {
        var made = await server.Admin.PostJsonAsync("/v1/api-keys", new { user = "tmp", roles = new[] { "viewer" } }, 201);
        using var client = server.With(made.Text("key"));
        await client.GetJsonAsync("/v1/executions");
        for (var times = 0; times < 2; times++)
        {
            using var revoked = await server.Admin.DeleteAsync("/v1/api-keys/" + made.Text("id"));
            Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        }

        Assert.Equal("auth.invalid", (await client.GetJsonAsync("/v1/executions", 401)).Text("title"));
        var log = await server.Admin.GetJsonAsync("/v1/audit/events?type=api_key.*&limit=200");
        Assert.DoesNotContain(made.Text("key"), log.GetRawText(), StringComparison.Ordinal);
        Assert.Single(log.Items(), entry => entry.Text("type") == "api_key.revoked" && entry.GetProperty("data").Text("id") == made.Text("id"));
    }

    [Theory]
    [InlineData("""{"user":"x y","roles":["viewer"]}""", "/user")]
    [InlineData("""{"user":"x","roles":[]}""", "/roles")]
    [InlineData("""{"user":"x","roles":["god"]}""", "/roles")]
    public async Task Key_NotOfTheForm_IsRefused(string body, string pointer)
    {
        var problem = await server.Admin.PostTextAsync("/v1/api-keys", body, 422);
        Assert.Equal(pointer, problem.GetProperty("errors")[0].Text("pointer"));
    }

    private async Task<JsonElement> StartAsync(string key, object body, int status, int orElse = 0)
    {
        using var request = ApiServer.Json(HttpMethod.Post, "/v1/executions", body);
        request.Headers.Add("Idempotency-Key", key);
        using var response = await server.Engineer.SendAsync(request);
        return await response.ReadAsync((int)response.StatusCode == orElse ? orElse : status);
    }
}
