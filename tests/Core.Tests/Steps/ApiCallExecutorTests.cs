using System.Text;
using System.Text.Json;
using Countersign.Core.Tests.Egress;
using Countersign.Core.Tests.Secrets;
using Countersign.Egress;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Steps;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Countersign.Core.Tests.Steps;

public sealed class ApiCallExecutorTests
{
    private readonly TestSecrets _secrets = new(("payments-key", "c4nary/k+y \"7\""), ("user", "u:c4nary/k+y"));

    [Fact]
    public async Task ExecuteAsync_Post_SendsWhatTheStepSays()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("""{"id":"p1"}""", 201));
        var fields = """
            method: POST
            url: "${ input.base }/pay ments?a=1"
            query: { q: "x&y=z", n: 2.5, many: [1, true], none: null }
            headers: { Authorization: "Bearer ${ input.n }", X-Number: 3 }
            body: { amount: "${ input.n }", b: [null] }
            idempotent: true
            """;

        var result = await RunAsync(server, fields, $$"""{"base":"{{server.Url}}","n":1.5}""", visit: 3);

        Assert.Null(result.Error);
        Assert.Equal("p1", result.Output!.Value.Text("id"));
        var asked = Assert.Single(server.Requests);
        Assert.Equal(("POST", "/pay%20ments", "?a=1&q=x%26y%3Dz&n=2.5&many=1&many=true"), (asked.Method, asked.Path, asked.Query));
        Assert.Equal("""{"amount":1.5,"b":[null]}""", asked.Body);
        Assert.Equal("application/json", asked.Headers["Content-Type"]);
        Assert.Equal(("Bearer 1.5", "3"), (asked.Headers["Authorization"], asked.Headers["X-Number"]));
        Assert.Equal(Executions.Run + ":it:3", asked.Headers["Idempotency-Key"]);
        var entry = Assert.Single(result.Entries);
        Assert.Equal(EventTypes.ApiResponse, entry.Type);
        Assert.Equal(("POST", server.Url, 201, 11), (entry.Payload.Text("method"), entry.Payload.Text("origin"), entry.Payload.GetProperty("status").GetInt32(), entry.Payload.GetProperty("bytes").GetInt32()));
        Assert.DoesNotContain("pay", entry.Payload.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExecuteAsync_Trace_IsTheRunsWithASpanOfItsOwnForEachCall()
    {
        await using var server = await LocalServer.StartAsync((context, _) => Task.CompletedTask);

        await RunAsync(server, $"method: GET\nurl: {server.Url}");
        await RunAsync(server, $"method: GET\nurl: {server.Url}");

        var spans = server.Requests.Select(asked => asked.Headers["traceparent"]).ToArray();
        Assert.All(spans, span => Assert.Matches($"^00-{Executions.Run}-[0-9a-f]{{16}}-01$", span));
        Assert.NotEqual(spans[0], spans[1]);
    }

    [Fact]
    public async Task ExecuteAsync_TraceOfTheStepsOwn_IsLeft()
    {
        await using var server = await LocalServer.StartAsync((context, _) => Task.CompletedTask);

        await RunAsync(server, $"method: GET\nurl: {server.Url}\nheaders: {{ traceparent: mine }}");

        Assert.Equal("mine", Assert.Single(server.Requests).Headers["traceparent"]);
    }

    [Fact]
    public async Task ExecuteAsync_TextBody_SentAsTextAndNoKeyUnlessAsked()
    {
        await using var server = await LocalServer.StartAsync((context, _) => Task.CompletedTask);

        await RunAsync(server, $"method: PUT\nurl: {server.Url}\nbody: héllo");

        var asked = Assert.Single(server.Requests);
        Assert.Equal(("héllo", "text/plain; charset=utf-8"), (asked.Body, asked.Headers["Content-Type"]));
        Assert.False(asked.Headers.ContainsKey("Idempotency-Key"));
    }

    [Theory]
    [InlineData("application/json", "{\"a\":[1]}", "{\"a\":[1]}")]
    [InlineData("application/problem+json; charset=utf-8", "\"x\"", "\"x\"")]
    [InlineData("text/plain", "1", "\"1\"")]
    [InlineData("text/html; charset=iso-8859-1", "caf\u00e9", "\"caf\\u00E9\"")]
    [InlineData("", "plain", "\"plain\"")]
    [InlineData("application/json", "", "null")]
    [InlineData("text/plain", "", "null")]
    public async Task ExecuteAsync_Response_IsReadByItsType(string type, string body, string output)
    {
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = type.Length == 0 ? null : type;
            await context.Response.Body.WriteAsync((type.Contains("8859", StringComparison.Ordinal) ? Encoding.Latin1 : Encoding.UTF8).GetBytes(body));
        });

        var result = await RunAsync(server, $"url: {server.Url}");

        Assert.Null(result.Error);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(output), result.Output!.Value), result.Output.Value.GetRawText());
    }

    [Theory]
    [InlineData("application/json", "{\"a\":", ApiErrorCodes.BadJson)]
    [InlineData("application/json", "{\"a\":1,\"a\":2}", ApiErrorCodes.BadJson)]
    [InlineData("application/json", "<html>", ApiErrorCodes.BadJson)]
    [InlineData("application/json", "{\"total\":\"1\"}", ApiErrorCodes.SchemaInvalid)]
    [InlineData("text/plain", "x", ApiErrorCodes.SchemaInvalid)]
    [InlineData("application/octet-stream", "\u00ff\u00fe\u0000", ApiErrorCodes.NotText)]
    [InlineData("text/plain; charset=nonsense", "x", ApiErrorCodes.NotText)]
    public async Task ExecuteAsync_ResponseThatCannotBeUsed_FailsForGoodAndIsOnRecord(string type, string body, string code)
    {
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = type;
            await context.Response.Body.WriteAsync(Encoding.Latin1.GetBytes(body));
        });

        var result = await RunAsync(server, $"url: {server.Url}\nschema: {{ type: object, properties: {{ total: {{ type: number }} }} }}");

        Assert.Equal(code, result.Error!.Type);
        Assert.False(result.Error.Retryable);
        Assert.Equal(EventTypes.ApiResponse, Assert.Single(result.Entries).Type);
    }

    [Theory]
    [InlineData(400, false)]
    [InlineData(401, false)]
    [InlineData(404, false)]
    [InlineData(408, true)]
    [InlineData(409, false)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    [InlineData(304, false)]
    public async Task ExecuteAsync_OtherStatus_RetryableWhereItMayPass(int status, bool retryable)
    {
        await using var server = await LocalServer.StartAsync((context, _) => status == 304
            ? Task.FromResult(context.Response.StatusCode = status)
            : context.Json("""{"detail":"hunter2"}""", status));

        var result = await RunAsync(server, $"url: {server.Url}/secret-path");

        Assert.Equal(($"http.{status}", status, retryable), (result.Error!.Type, result.Error.Status, result.Error.Retryable));
        Assert.DoesNotContain("hunter2", result.Error.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-path", result.Error.Detail, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("Wed, 21 Oct 2026 07:28:30 GMT", 30)]
    [InlineData("Wed, 21 Oct 2020 07:28:00 GMT", 0)]
    [InlineData("99999999", 86_400)]
    [InlineData("soon", null)]
    public async Task ExecuteAsync_RetryAfter_SecondsOrDate(string header, int? seconds)
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = header;
            return Task.CompletedTask;
        });

        var result = await RunAsync(server, $"url: {server.Url}");

        Assert.Equal(seconds is { } wait ? TimeSpan.FromSeconds(wait) : null, result.Error!.RetryAfter);
    }

    [Theory]
    [InlineData("expect: [404]", 404, true)]
    [InlineData("expect: [404]", 200, false)]
    [InlineData("expect: [2xx, 4xx]", 418, true)]
    [InlineData("expect: [302]", 302, true)]
    public async Task ExecuteAsync_Expect_DecidesWhatIsSuccess(string expect, int status, bool works)
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.Headers.Location = "http://127.0.0.1:1/";
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        var result = await RunAsync(server, $"url: {server.Url}\n{expect}");

        Assert.Equal(works, result.Error is null);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest", EgressCodes.BlockedAddress)]
    [InlineData("http://127.0.0.1:1/", EgressCodes.BlockedAddress)]
    [InlineData("http://u:p@127.0.0.1:1/", EgressCodes.CredentialsInUrl)]
    [InlineData("ftp://127.0.0.1/", EgressCodes.Scheme)]
    [InlineData("not a url", ApiErrorCodes.BadUrl)]
    [InlineData("/relative", EgressCodes.Scheme)]
    [InlineData("http://127.0.0.1:1/\\u0000", ApiErrorCodes.BadUrl)]
    public async Task ExecuteAsync_UrlThatMustNotBeCalled_FailsForGood(string url, string code)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("{}"));

        var result = await RunAsync(server, "url: \"${ input.url }\"", $$"""{"url":"{{url}}"}""");

        Assert.Equal(code, result.Error!.Type);
        Assert.False(result.Error.Retryable);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("2026/001", "/orders/2026%2F001")]
    [InlineData("../refunds/rf-1", "/orders/..%2Frefunds%2Frf-1")]
    [InlineData("1?force=true#f", "/orders/1%3Fforce%3Dtrue%23f")]
    [InlineData("a\\..\\b", "/orders/a%5C..%5Cb")]
    public async Task ExecuteAsync_ValueInThePath_ArrivesAsOneSegment(string value, string target)
    {
        var targets = new List<string>();
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            targets.Add(context.Features.Get<IHttpRequestFeature>()!.RawTarget);
            return context.Json("{}");
        });

        var result = await RunAsync(server, "method: DELETE\nurl: \"${ input.base }/orders/${ input.id }\"", JsonSerializer.Serialize(new Dictionary<string, string> { ["base"] = server.Url, ["id"] = value }));

        Assert.Null(result.Error);
        Assert.Equal(target, Assert.Single(targets));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("\"..\"")]
    public async Task ExecuteAsync_ValueThatWouldNameAnotherResource_CallsNothing(string value)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("{}"));

        var result = await RunAsync(server, "method: DELETE\nurl: \"${ input.base }/orders/${ input.id }\"", $$"""{"base":"{{server.Url}}","id":{{value}}}""");

        Assert.Equal((ApiErrorCodes.BadUrl, false), (result.Error!.Type, result.Error.Retryable));
        Assert.Contains("${ input.id }", result.Error.Detail, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("${ input.base }/a/../b")]
    [InlineData("${ input.base }/a/%2e%2e/b")]
    [InlineData("${ input.base + '/a/../b' }")]
    public async Task ExecuteAsync_DotSegments_CallNothing(string url)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("{}"));

        var result = await RunAsync(server, $"url: \"{url}\"", $$"""{"base":"{{server.Url}}"}""");

        Assert.Equal(ApiErrorCodes.BadUrl, result.Error!.Type);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task ExecuteAsync_RedirectInside_RefusedAndOnRecord()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Redirect("http://169.254.169.254/latest/meta-data", 302));

        var result = await RunAsync(server, $"url: {server.Url}");

        Assert.Equal(EgressCodes.BlockedAddress, result.Error!.Type);
        var entry = Assert.Single(result.Entries);
        Assert.Equal((EventTypes.ApiFailed, EgressCodes.BlockedAddress), (entry.Type, entry.Payload.Text("code")));
    }

    [Theory]
    [InlineData("Host", "x")]
    [InlineData("content-length", "5")]
    [InlineData("Transfer-Encoding", "chunked")]
    [InlineData("Connection", "close")]
    [InlineData("Idempotency-Key", "mine")]
    [InlineData("Bad Name", "x")]
    [InlineData("X:Y", "x")]
    [InlineData("X-Line", "a\\r\\nX-Injected: 1")]
    [InlineData("X-Line", "a\\nb")]
    [InlineData("X-Nul", "a\\u0000b")]
    [InlineData("X-Wide", "ä")]
    public async Task ExecuteAsync_HostileHeader_RefusedBeforeAnythingIsSent(string name, string value)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("{}"));

        var result = await RunAsync(server, $$"""
            method: POST
            url: {{server.Url}}
            idempotent: true
            headers: { "{{name}}": "${ input.v }" }
            """, $$"""{"v":"{{value}}"}""");

        Assert.Equal(ApiErrorCodes.BadHeader, result.Error!.Type);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task ExecuteAsync_SecretEchoedByTheServer_NowhereInWhatLeaves()
    {
        await using var server = await LocalServer.StartAsync((context, asked) => context.Json(JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["echo"] = asked.Headers["Authorization"],
            ["query"] = asked.Query,
            ["basic"] = Convert.ToBase64String(Encoding.UTF8.GetBytes("xy" + asked.Body)),
            [asked.Body] = "name",
        })));
        var fields = $$"""
            method: POST
            url: {{server.Url}}
            headers: { Authorization: "Bearer ${ secret('payments-key') }" }
            query: { key: "${ secret('payments-key') }" }
            body: "${ secret('payments-key') }"
            """;

        var result = await RunAsync(server, fields);

        Assert.Equal("Bearer c4nary/k+y \"7\"", Assert.Single(server.Requests).Headers["Authorization"]);
        Assert.Null(result.Error);
        Assert.DoesNotContain("c4nary", All(result), StringComparison.Ordinal);
        Assert.Equal("Bearer ***", result.Output!.Value.Text("echo"));
        Assert.Equal([EventTypes.SecretResolved, EventTypes.ApiResponse], result.Entries.Select(entry => entry.Type));
        Assert.Equal("payments-key", result.Entries[0].Payload.Text("name"));
        Assert.Equal(["acme/payments-key"], _secrets.Asked);
    }

    [Theory]
    [InlineData("url: \"http://${ secret('user') }@127.0.0.1:{port}/\"")]
    [InlineData("url: \"${ secret('user') }\"")]
    [InlineData("url: \"http://127.0.0.1:{port}/${ int(secret('user')) }\"")]
    [InlineData("url: \"http://127.0.0.1:{port}/\"\nheaders: { \"X\": \"${ secret('user') }\\n\" }")]
    [InlineData("url: \"http://127.0.0.1:{port}/${ secret('user') }\"\nexpect: [201]")]
    [InlineData("url: \"http://127.0.0.1:{port}/${ secret('user') }\"\nschema: { type: string }")]
    public async Task ExecuteAsync_FailureAroundASecret_ErrorAndEntriesAreClean(string fields)
    {
        await using var server = await LocalServer.StartAsync((context, asked) => context.Json(JsonSerializer.Serialize(new Dictionary<string, string> { [asked.Path] = asked.Path })));

        var result = await RunAsync(server, fields.Replace("{port}", server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));

        Assert.NotNull(result.Error);
        Assert.DoesNotContain("c4nary", All(result), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExecuteAsync_UnknownSecret_FailsByName()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("{}"));

        var result = await RunAsync(server, $"url: {server.Url}\nheaders: {{ A: \"${{ secret('nope') }}\" }}");

        Assert.Equal("step.expression-failed", result.Error!.Type);
        Assert.Contains("nope", result.Error.Detail, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task ExecuteAsync_BodyCutOff_Retryable()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Cut("{\"a\":"));

        var result = await RunAsync(server, $"url: {server.Url}");

        Assert.Equal((ApiErrorCodes.Unreachable, true), (result.Error!.Type, result.Error.Retryable));
        Assert.Equal(EventTypes.ApiFailed, Assert.Single(result.Entries).Type);
    }

    [Fact]
    public async Task ExecuteAsync_NobodyListens_Retryable()
    {
        var server = await LocalServer.StartAsync((context, _) => context.Json("{}"));
        await server.DisposeAsync();

        var result = await RunAsync(server, $"url: {server.Url}");

        Assert.Equal((ApiErrorCodes.Unreachable, true), (result.Error!.Type, result.Error.Retryable));
    }

    [Fact]
    public async Task ExecuteAsync_TimeIsUp_TheCallIsGivenUp()
    {
        var arrived = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            using var registration = context.RequestAborted.Register(left.SetResult);
            arrived.SetResult();
            await left.Task;
        });
        using var time = new CancellationTokenSource();

        var running = RunAsync(server, $"url: {server.Url}", cancellationToken: time.Token);
        await arrived.Task;
        await time.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await left.Task;
    }

    [Fact]
    public async Task ExecuteAsync_ResponseTooLarge_FailsForGood()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("\"" + new string('x', 2_000_000) + "\""));

        var result = await RunAsync(server, $"url: {server.Url}");

        Assert.Equal((EgressCodes.ResponseTooLarge, false), (result.Error!.Type, result.Error.Retryable));
    }

    private async Task<ExecutorResult> RunAsync(LocalServer server, string fields, string input = "{}", int visit = 1, CancellationToken cancellationToken = default)
    {
        using var egress = new EgressHandler(new EgressOptions { Allowed = [server.Target] });
        _secrets.Origins = [Origin.TryParse(server.Url)!];
        var executor = new ApiCallExecutor(egress, _secrets, new FixedTime(new DateTimeOffset(2026, 10, 21, 7, 28, 0, TimeSpan.Zero)));
        var visited = Executions.Of("api_call", fields, input, visit: visit);
        return await executor.ExecuteAsync(visited, cancellationToken);
    }

    private static string All(ExecutorResult result) =>
        $"{result.Output?.GetRawText()} {result.Error} {JsonSerializer.Serialize(result.Error)} {string.Join(' ', result.Entries.Select(entry => entry.Payload.GetRawText()))}";

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
