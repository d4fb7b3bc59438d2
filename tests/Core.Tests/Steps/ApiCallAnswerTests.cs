using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Countersign.Core.Tests.Egress;
using Countersign.Core.Tests.Secrets;
using Countersign.Egress;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Steps;
using Microsoft.AspNetCore.Http;

namespace Countersign.Core.Tests.Steps;

/// <summary>What a workflow learns of an answer: body, status, headers, and whether the remote side has acted.</summary>
public sealed class ApiCallAnswerTests
{
    private readonly TestSecrets _secrets = new(("key", "c4nary/k+y"));

    [Fact]
    public async Task Response_Success_HasStatusAndHeadersWithoutSecretOnes()
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.Headers.Location = "/jobs/7";
            context.Response.Headers.ETag = "\"v1\"";
            context.Response.Headers.SetCookie = "session=1";
            context.Response.Headers["X-Api-Key"] = "abc";
            context.Response.Headers["X-Echo"] = "has c4nary/k+y in it";
            return context.Json("""{"state":"queued"}""", 202);
        });

        var result = await RunAsync(server, $"method: POST\nurl: {server.Url}\nheaders: {{ X-Key: \"${{ secret('key') }}\" }}");

        var headers = result.Response!.Value.GetProperty("headers");
        Assert.Equal(202, result.Response.Value.GetProperty("status").GetInt32());
        Assert.Equal(("/jobs/7", "\"v1\"", "has *** in it"), (headers.Text("location"), headers.Text("etag"), headers.Text("x-echo")));
        Assert.False(headers.TryGetProperty("set-cookie", out _));
        Assert.False(headers.TryGetProperty("x-api-key", out _));
        Assert.Equal("""{"state":"queued","location":"/jobs/7"}""", result.Output!.Value.GetRawText());
    }

    [Fact]
    public async Task Response_HugeHeaders_AreBounded()
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            for (var i = 0; i < 20; i++)
            {
                context.Response.Headers["X-H" + i] = new string('x', 900);
            }

            return context.Json("{}");
        });

        var result = await RunAsync(server, $"url: {server.Url}");

        Assert.InRange(result.Response!.Value.GetRawText().Length, 1000, 4000);
    }

    [Fact]
    public async Task Response_Head_HasStatusAndHeaders()
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.Headers.ETag = "\"v2\"";
            return Task.CompletedTask;
        });

        var result = await RunAsync(server, $"method: HEAD\nurl: {server.Url}");

        Assert.Equal("\"v2\"", result.Response!.Value.GetProperty("headers").Text("etag"));
    }

    [Theory]
    [InlineData("application/json", """{"errors":[{"field":"iban"}]}""", """{"errors":[{"field":"iban"}]}""")]
    [InlineData("application/json", """{"id":12345678901234567890}""", """{"id":"12345678901234567890"}""")]
    [InlineData("application/json", "<html>", "\"\\u003Chtml\\u003E\"")]
    [InlineData("text/plain", "no", "\"no\"")]
    [InlineData("text/plain", "", null)]
    public async Task Error_UnexpectedStatus_KeepsTheBody(string type, string body, string? kept)
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 422;
            context.Response.ContentType = type;
            return context.Response.WriteAsync(body);
        });

        var result = await RunAsync(server, $"url: {server.Url}");

        Assert.Equal(("http.422", 422), (result.Error!.Type, result.Error.Response!.Value.GetProperty("status").GetInt32()));
        Assert.Equal(kept, result.Error.Body?.GetRawText());
        Assert.Null(result.Error.Effect);
        Assert.DoesNotContain("iban", result.Entries[0].Payload.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("\u0001")]
    [InlineData("é")]
    public async Task Error_LongBody_IsShortened(string unit)
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
            context.Json(JsonSerializer.Serialize(new { text = string.Concat(Enumerable.Repeat(unit, 50_000)) }), 500));

        var result = await RunAsync(server, $"url: {server.Url}");

        Assert.InRange(Encoding.UTF8.GetByteCount(result.Error!.Body!.Value.GetRawText()), 500, ApiResponse.LongestErrorBody);
    }

    [Fact]
    public async Task Error_BodyThatEchoesASecret_IsClean()
    {
        await using var server = await LocalServer.StartAsync((context, asked) => context.Json(JsonSerializer.Serialize(new { echo = asked.Headers["X-Key"] }), 400));

        var result = await RunAsync(server, $"url: {server.Url}\nheaders: {{ X-Key: \"${{ secret('key') }}\" }}");

        Assert.Equal("***", result.Error!.Body!.Value.Text("echo"));
    }

    [Theory]
    [InlineData("POST", 201, "application/json", "<html>", "api.bad-json", StepEffect.Happened)]
    [InlineData("POST", 201, "application/json", "{\"id\":7615917337495251231}", "api.number-range", StepEffect.Happened)]
    [InlineData("POST", 201, "application/pdf", "\u00ff\u00fe", "api.not-text", StepEffect.Happened)]
    [InlineData("PUT", 200, "application/json", "{\"nr\":1}", "api.schema-invalid", StepEffect.Happened)]
    [InlineData("GET", 200, "application/json", "<html>", "api.bad-json", null)]
    [InlineData("POST", 400, "application/json", "<html>", "http.400", null)]
    public async Task Effect_AnswerThatCannotBeUsed_IsKnownByTheStatus(string method, int status, string type, string body, string code, StepEffect? effect)
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            return context.Response.Body.WriteAsync(Encoding.Latin1.GetBytes(body)).AsTask();
        });

        var result = await RunAsync(server, $"method: {method}\nurl: {server.Url}\nschema: {{ type: object, required: [id] }}");

        Assert.Equal((code, effect), (result.Error!.Type, result.Error.Effect));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Effect_ResponseTooLarge_HasHappened(bool chunked)
    {
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            context.Response.StatusCode = 201;
            context.Response.ContentLength = chunked ? null : 2_000_002;
            await context.Response.WriteAsync("\"" + new string('x', 2_000_000) + "\"");
        });

        var result = await RunAsync(server, $"method: POST\nurl: {server.Url}");

        Assert.Equal((EgressCodes.ResponseTooLarge, "The response is too large", StepEffect.Happened), (result.Error!.Type, result.Error.Title, result.Error.Effect));
    }

    [Fact]
    public async Task Effect_BodyCutOff_HasHappened()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var target = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var answering = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            _ = await stream.ReadAsync(new byte[4096]);
            await stream.WriteAsync("HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"u8.ToArray());
        });

        var result = await RunAsync(target, $"method: POST\nurl: http://{target}");
        await answering;

        Assert.Equal((ApiErrorCodes.Unreachable, StepEffect.Happened), (result.Error!.Type, result.Error.Effect));
        Assert.Equal(201, Assert.Single(result.Entries).Payload.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task Effect_NoAnswer_IsUnknownAndOfNobodyListeningNone()
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        Assert.Equal(StepEffect.Unknown, (await RunAsync(server, $"method: POST\nurl: {server.Url}")).Error!.Effect);
        Assert.Null((await RunAsync(server, $"method: GET\nurl: {server.Url}")).Error!.Effect);
        var url = server.Url;
        await server.DisposeAsync();
        Assert.Null((await RunAsync(server, $"method: POST\nurl: {url}")).Error!.Effect);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Encoding_BodyThatIsNotInIt_IsTypedRetryableAndOnRecord(string encoding)
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.Headers.ContentEncoding = encoding;
            return context.Json("""{"a":1}""");
        });

        var result = await RunAsync(server, $"url: {server.Url}");

        Assert.Equal((ApiErrorCodes.BadEncoding, true), (result.Error!.Type, result.Error.Retryable));
        Assert.Equal(EventTypes.ApiFailed, Assert.Single(result.Entries).Type);
    }

    [Fact]
    public async Task Encoding_BodyThatIsInIt_IsRead()
    {
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = "application/json";
            context.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync("""{"a":1}"""u8.ToArray());
        });

        Assert.Equal("""{"a":1}""", (await RunAsync(server, $"url: {server.Url}")).Output!.Value.GetRawText());
    }

    [Theory]
    [InlineData("""{"id":7615917337495251231,"ok":true}""", """{"id":"7615917337495251231","ok":true}""")]
    [InlineData("""[-9007199254740992,9007199254740991]""", """["-9007199254740992",9007199254740991]""")]
    [InlineData("""{"a":{"b":[1e400]}}""", """{"a":{"b":["1e400"]}}""")]
    [InlineData("""1.5e3""", "1.5e3")]
    public async Task LargeNumbers_AsText_AreStrings(string body, string output)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json(body));

        var result = await RunAsync(server, $"url: {server.Url}\nlarge_numbers: text");

        Assert.Equal(output, result.Output!.Value.GetRawText());
    }

    [Theory]
    [InlineData("""{"id":7615917337495251231}""", "/id")]
    [InlineData("""{"a/b":[{"n":1},{"n":1e400}]}""", "/a~1b/1/n")]
    public async Task LargeNumbers_ByDefault_AreRefusedByPlace(string body, string place)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json(body));

        var result = await RunAsync(server, $"url: {server.Url}");

        Assert.Equal((ApiErrorCodes.NumberRange, false), (result.Error!.Type, result.Error.Retryable));
        Assert.Contains($"'{place}'", result.Error.Detail, StringComparison.Ordinal);
        Assert.Contains("large_numbers: text", result.Error.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"x\ud83d"}""", "x\ufffd")]
    [InlineData("""{"name":"\ude00x"}""", "\ufffdx")]
    [InlineData("""{"name":"\ud83d\ude00\\ud83d"}""", "\ud83d\ude00\\ud83d")]
    [InlineData("""{"name":"\ud83d\ud83d\ude00"}""", "\ufffd\ud83d\ude00")]
    public async Task Surrogates_HalfAPair_BecomesAReplacementCharacter(string body, string name)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json(body));

        Assert.Equal(name, (await RunAsync(server, $"url: {server.Url}")).Output!.Value.Text("name"));
    }

    [Theory]
    [InlineData("application/json; charset=iso-8859-1", "iso-8859-1")]
    [InlineData("application/json; charset=\"windows-1252\"", "windows-1252")]
    [InlineData("application/json; charset=utf-16", "utf-16")]
    [InlineData("application/json; charset=UTF-8", "utf-8")]
    public async Task Charset_OfJson_IsHonoured(string type, string charset)
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.ContentType = type;
            var encoding = CodePagesEncodingProvider.Instance.GetEncoding(charset) ?? Encoding.GetEncoding(charset);
            return context.Response.Body.WriteAsync(encoding.GetBytes("""{"name":"café"}""")).AsTask();
        });

        Assert.Equal("café", (await RunAsync(server, $"url: {server.Url}")).Output!.Value.Text("name"));
    }

    [Theory]
    [InlineData("application/json", ApiErrorCodes.BadJson)]
    [InlineData("text/plain; charset=utf-7", ApiErrorCodes.NotText)]
    [InlineData("application/json; charset=nonsense", ApiErrorCodes.NotText)]
    public async Task Charset_ThatDoesNotFit_IsATypedError(string type, string code)
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.ContentType = type;
            return context.Response.Body.WriteAsync(Encoding.Latin1.GetBytes("{\"name\":\"caf\u00e9\"}")).AsTask();
        });

        Assert.Equal(code, (await RunAsync(server, $"url: {server.Url}")).Error!.Type);
    }

    [Theory]
    [InlineData("2.5", 3)]
    [InlineData("0.2", 1)]
    [InlineData("99999999999", 86_400)]
    [InlineData("-1", null)]
    [InlineData("1e3", null)]
    public async Task RetryAfter_NearlyRight_IsRoundedUpAndBounded(string header, int? seconds)
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = header;
            return Task.CompletedTask;
        });

        Assert.Equal(seconds is { } wait ? TimeSpan.FromSeconds(wait) : null, (await RunAsync(server, $"url: {server.Url}")).Error!.RetryAfter);
    }

    [Fact]
    public async Task Form_ObjectBody_IsEncodedAsAForm()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("{}"));
        var fields = $$"""
            method: POST
            url: {{server.Url}}
            headers: { content-type: "application/x-www-form-urlencoded; charset=utf-8" }
            body: { grant_type: client_credentials, scope: "a b", n: 2, yes: true, many: [x, "y&z"], none: null, "ä=": "${ input.v }" }
            """;

        await RunAsync(server, fields, """{"v":"\u00fc+"}""");

        var asked = Assert.Single(server.Requests);
        Assert.Equal("grant_type=client_credentials&scope=a+b&n=2&yes=true&many=x&many=y%26z&%C3%A4%3D=%C3%BC%2B", asked.Body);
        Assert.Equal("application/x-www-form-urlencoded; charset=utf-8", asked.Headers["Content-Type"]);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "[1]")]
    [InlineData("application/x-www-form-urlencoded", "{\"a\":{\"b\":1}}")]
    [InlineData("multipart/form-data", "{\"a\":1}")]
    public async Task Form_ValueThatIsNone_FailsBeforeAnythingIsSent(string type, string body)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("{}"));

        var result = await RunAsync(server, $"method: POST\nurl: {server.Url}\nheaders: {{ Content-Type: {type} }}\nbody: \"${{ input.v }}\"", $$"""{"v":{{body}}}""");

        Assert.Equal(ApiErrorCodes.BadBody, result.Error!.Type);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "[1]", true)]
    [InlineData("application/x-www-form-urlencoded", "{ a: { b: 1 } }", true)]
    [InlineData("application/x-www-form-urlencoded", "{ a: [{ b: 1 }] }", true)]
    [InlineData("application/x-www-form-urlencoded", "{ a: \"${ input.a }\" }", false)]
    [InlineData("application/x-www-form-urlencoded", "a=1", false)]
    [InlineData("multipart/form-data", "{ a: 1 }", true)]
    [InlineData("text/xml", "{ a: 1 }", true)]
    [InlineData("application/soap+xml", "[]", true)]
    [InlineData("application/vnd.api+json", "{ a: 1 }", false)]
    [InlineData("application/x-amz-json-1.1", "{ a: 1 }", false)]
    [InlineData("${ input.type }", "{ a: 1 }", false)]
    public void Save_BodyThatContradictsItsType_IsRefused(string type, string body, bool refused)
    {
        var problems = DefinitionReader.Read($$"""
            language: "1.0"
            name: demo
            version: 1.0.0
            start: a
            steps:
              - { id: a, type: api_call, method: POST, url: "https://e.example", headers: { Content-Type: "{{type}}" }, body: {{body}} }
            """).Problems;

        Assert.Equal(refused ? [ProblemCodes.FieldCombination] : [], problems.Select(problem => problem.Code));
    }

    private Task<ExecutorResult> RunAsync(LocalServer server, string fields, string input = "{}") => RunAsync(server.Target, fields, input);

    private async Task<ExecutorResult> RunAsync(string target, string fields, string input = "{}")
    {
        using var egress = new EgressHandler(new EgressOptions { Allowed = [target] });
        _secrets.Origins = [Origin.TryParse($"http://{target}")!];
        return await new ApiCallExecutor(egress, _secrets, TimeProvider.System).ExecuteAsync(Executions.Of("api_call", fields, input), default);
    }
}
