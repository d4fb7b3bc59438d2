using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Countersign.Core.Tests.Egress;
using Countersign.Core.Tests.Secrets;
using Countersign.Egress;
using Countersign.Orchestration;
using Countersign.Secrets;
using Countersign.Steps;
using Microsoft.AspNetCore.Http;

namespace Countersign.Core.Tests.Steps;

/// <summary>A secret goes to the origins that it is bound to and nowhere else: counted at real servers.</summary>
public sealed class SecretBoundsTests
{
    private const string Canary = "C4nary-value.7";

    private readonly TestSecrets secrets = new(("pay", Canary));

    [Theory]
    [InlineData("headers: { Authorization: \"Bearer ${ secret('pay') }\" }")]
    [InlineData("query: { key: \"${ secret('pay') }\" }")]
    [InlineData("method: POST\nbody: { key: \"${ secret('pay') }\" }")]
    [InlineData("method: POST\nheaders: { X: \"${ size(secret('pay')) }\" }")]
    public async Task ExecuteAsync_UrlOfAnotherOrigin_FailsBeforeAnythingIsSent(string fields)
    {
        await using var evil = await LocalServer.StartAsync((context, _) => context.Json("{}"));
        secrets.Origins = [Origin.TryParse("https://pay.example")!, Origin.TryParse("https://pay.example:8443")!];

        var result = await RunAsync(fields + "\nurl: \"${ input.to }/x\"", $$"""{"to":"{{evil.Url}}"}""", evil);

        Assert.Equal((SecretCodes.OriginNotAllowed, false), (result.Error!.Type, result.Error.Retryable));
        Assert.Equal($"The secret 'pay' cannot be sent to {evil.Url}: it is bound to https://pay.example, https://pay.example:8443.", result.Error.Detail);
        Assert.Empty(evil.Requests);
    }

    [Fact]
    public async Task ExecuteAsync_SecretOfAnOlderBuild_IsSentNowhereAndSaysHowToBindIt()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("{}"));

        var result = await RunAsync($"url: {server.Url}\nheaders: {{ A: \"${{ secret('pay') }}\" }}", "{}", server);

        Assert.Equal(SecretCodes.NotBound, result.Error!.Type);
        Assert.Contains($"countersign secret bind pay --for {server.Url}", result.Error.Detail, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("http://${ secret('pay') }/")]
    [InlineData("http://${ secret('pay') }.evil.example/x")]
    [InlineData("${ secret('pay').startsWith('C') ? 'http://b.example' : 'http://a.example' }/x")]
    public async Task ExecuteAsync_SecretInTheHost_IsRefusedWithoutTellingTheHost(string url)
    {
        secrets.Origins = [Origin.TryParse("https://pay.example")!];

        var result = await RunAsync($"url: \"{url}\"", "{}");

        Assert.Equal(SecretCodes.InOrigin, result.Error!.Type);
        Assert.DoesNotContain("c4nary", All(result), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("b.example", All(result), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task ExecuteAsync_SecretThatIsAWholeUrl_GoesToItsOrigin()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("{}"));
        var hook = new TestSecrets(("hook", server.Url + "/services/T0/x")) { Origins = [Origin.TryParse(server.Url)!] };

        var result = await RunAsync("url: \"${ secret('hook') }\"", "{}", server, from: hook);

        Assert.Null(result.Error);
        Assert.Equal("/services/T0/x", Assert.Single(server.Requests).Path);
    }

    [Theory]
    [InlineData("?k={0}", 302)]
    [InlineData("/{0}", 307)]
    [InlineData("?k=%43%34nary-value%2e7", 302)]
    public async Task ExecuteAsync_RedirectThatCarriesTheSecretElsewhere_IsRefused(string target, int status)
    {
        await using var evil = await LocalServer.StartAsync((context, _) => context.Json("{}"));
        await using var pay = await LocalServer.StartAsync((context, _) => context.Redirect(evil.Url + target.Replace("{0}", Canary, StringComparison.Ordinal), status));
        secrets.Origins = [Origin.TryParse(pay.Url)!];

        var result = await RunAsync($"url: {pay.Url}\nheaders: {{ A: \"${{ secret('pay') }}\" }}", "{}", pay, evil);

        Assert.Equal(SecretCodes.OriginNotAllowed, result.Error!.Type);
        Assert.DoesNotContain("c4nary", All(result), StringComparison.OrdinalIgnoreCase);
        Assert.Empty(evil.Requests);
    }

    [Fact]
    public async Task ExecuteAsync_RedirectElsewhere_TakesNoHeaderAndNoBodyAlong()
    {
        await using var other = await LocalServer.StartAsync((context, _) => context.Json("{}"));
        await using var pay = await LocalServer.StartAsync((context, _) => context.Redirect(other.Url + "/file", 302));
        secrets.Origins = [Origin.TryParse(pay.Url)!];

        var result = await RunAsync($"method: POST\nurl: {pay.Url}\nheaders: {{ User-Agent: \"${{ secret('pay').lowerAscii() }}\", Accept: \"${{ secret('pay') }}\" }}\nbody: x", "{}", pay, other);

        Assert.True(result.Error is null || result.Error.Type == "step.expression-failed", result.Error?.Detail);
        Assert.All(other.Requests, asked => Assert.DoesNotContain("c4nary", string.Join(' ', asked.Headers.Values) + asked.Body, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task ExecuteAsync_RedirectOfABodyWithASecret_IsRefusedByName()
    {
        await using var evil = await LocalServer.StartAsync((context, _) => context.Json("{}"));
        await using var pay = await LocalServer.StartAsync((context, _) => context.Redirect(evil.Url, 307));
        secrets.Origins = [Origin.TryParse(pay.Url)!];

        var result = await RunAsync($"method: POST\nurl: {pay.Url}\nbody: \"${{ secret('pay') }}\"", "{}", pay, evil);

        Assert.Equal(SecretCodes.OriginNotAllowed, result.Error!.Type);
        Assert.Empty(evil.Requests);
        Assert.Single(pay.Requests);
    }

    [Theory]
    [MemberData(nameof(Echoes))]
    public async Task ExecuteAsync_SecretEchoedInAnotherEncoding_IsInNeitherOutputNorEntries(string encoding, string echo)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json(JsonSerializer.Serialize(new { echo = "value " + echo + " end" })));
        secrets.Origins = [Origin.TryParse(server.Url)!];

        var result = await RunAsync($"url: {server.Url}\nheaders: {{ A: \"${{ secret('pay') }}\" }}", "{}", server);

        Assert.True(result.Output is not null, encoding);
        Assert.DoesNotContain(echo, All(result), StringComparison.Ordinal);
        Assert.Contains("***", result.Output!.Value.GetProperty("echo").GetString(), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Echoes()
    {
        var bytes = Encoding.UTF8.GetBytes(Canary);
        var every = string.Concat(bytes.Select(b => $"%{b:X2}"));
        var json = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(new { user = "u", key = Canary, more = "x" }));
        var mime = Convert.ToBase64String(Encoding.UTF8.GetBytes("user:" + Canary));
        return new()
        {
            { "plain", Canary },
            { "lower", Canary.ToLowerInvariant() },
            { "upper", Canary.ToUpperInvariant() },
            { "hex", Convert.ToHexString(bytes) },
            { "base64", Convert.ToBase64String(bytes) },
            { "base64url", System.Buffers.Text.Base64Url.EncodeToString(bytes) },
            { "base64 of lower", Convert.ToBase64String(Encoding.UTF8.GetBytes(Canary.ToLowerInvariant())) },
            { "mime", string.Join("\r\n", mime.Chunk(8).Select(chunk => new string(chunk))) },
            { "base64 of json", json },
            { "mime of json", string.Join("\r\n", json.Chunk(12).Select(chunk => new string(chunk))) },
            { "every byte", every },
            { "every byte, lower case", every.ToLowerInvariant() },
            { "twice", Uri.EscapeDataString(every) },
            { "json", string.Concat(Canary.Select(c => $"\\u{(int)c:x4}")) },
            { "base64 within percent", Uri.EscapeDataString(Convert.ToBase64String(bytes)) },
        };
    }

    private async Task<ExecutorResult> RunAsync(string fields, string input, params LocalServer[] servers) => await RunAsync(fields, input, servers, secrets);

    private Task<ExecutorResult> RunAsync(string fields, string input, LocalServer server, TestSecrets from) => RunAsync(fields, input, [server], from);

    private static async Task<ExecutorResult> RunAsync(string fields, string input, LocalServer[] servers, TestSecrets from)
    {
        using var egress = new EgressHandler(new EgressOptions { Allowed = [.. servers.Select(server => server.Target)] });
        return await new ApiCallExecutor(egress, from, TimeProvider.System).ExecuteAsync(Executions.Of("api_call", fields, input, visit: 1), default);
    }

    private static string All(ExecutorResult result) =>
        $"{result.Output?.GetRawText()} {result.Error} {JsonSerializer.Serialize(result.Error)} {string.Join(' ', result.Entries.Select(entry => entry.Payload.GetRawText()))}";
}
