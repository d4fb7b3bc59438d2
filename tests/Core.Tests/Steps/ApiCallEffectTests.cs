using Countersign.Core.Tests.Egress;
using Countersign.Core.Tests.Secrets;
using Countersign.Egress;
using Countersign.Orchestration;
using Countersign.Steps;
using Microsoft.AspNetCore.Http;

namespace Countersign.Core.Tests.Steps;

public sealed class ApiCallEffectTests
{
    [Theory]
    [InlineData("http://10.0.0.1/", EgressCodes.BlockedAddress)]
    [InlineData("http://127.0.0.1:1/", ApiErrorCodes.Unreachable)]
    [InlineData("/again", EgressCodes.TooManyRedirects)]
    [InlineData("ftp://remote.example/", EgressCodes.Scheme)]
    [InlineData("http://name:password@127.0.0.1/", EgressCodes.CredentialsInUrl)]
    [InlineData("http://[zz/", null)]
    [InlineData("/missing", "http.404")]
    [InlineData("/abort", ApiErrorCodes.Unreachable)]
    public async Task Redirect_NextHopFails_TheEffectOfTheFirstStaysKnown(string location, string? code)
    {
        await using var server = await RedirectingAsync(location);

        foreach (var (status, effect) in new[] { (303, StepEffect.Happened), (301, StepEffect.Unknown), (302, StepEffect.Unknown), (307, StepEffect.Unknown), (308, StepEffect.Unknown) })
        {
            var noted = new List<StepEffect>();
            var result = await RunAsync(server, $"method: POST\nurl: {server.Url}/{status}", noted);

            Assert.Equal((code ?? $"http.{status}", effect), (result.Error!.Type, result.Error.Effect));
            Assert.Equal(effect, noted.Max());
        }
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task Redirect_OfAnyMethodThatActs_IsKnown(string method)
    {
        await using var server = await RedirectingAsync("http://10.0.0.1/");

        Assert.Equal(StepEffect.Happened, (await RunAsync(server, $"method: {method}\nurl: {server.Url}/303")).Error!.Effect);
        Assert.Equal(StepEffect.Unknown, (await RunAsync(server, $"method: {method}\nurl: {server.Url}/302")).Error!.Effect);
    }

    [Fact]
    public async Task Redirect_OfARead_HasNoEffect()
    {
        await using var server = await RedirectingAsync("http://10.0.0.1/");

        Assert.Null((await RunAsync(server, $"url: {server.Url}/303")).Error!.Effect);
    }

    [Fact]
    public async Task Redirect_RefusedBeforeAnyRequest_HasNoEffect()
    {
        await using var server = await RedirectingAsync("/");

        Assert.Null((await RunAsync(server, "method: POST\nurl: http://10.0.0.1/303")).Error!.Effect);
    }

    [Theory]
    [InlineData("POST", 500, StepEffect.Unknown)]
    [InlineData("POST", 502, StepEffect.Unknown)]
    [InlineData("PUT", 504, StepEffect.Unknown)]
    [InlineData("POST", 524, StepEffect.Unknown)]
    [InlineData("POST", 501, null)]
    [InlineData("POST", 503, null)]
    [InlineData("POST", 409, null)]
    [InlineData("POST", 429, null)]
    [InlineData("GET", 502, null)]
    public async Task Status_ThatLeavesTheEffectOpen_IsUnknown(string method, int status, StepEffect? effect)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("{}", status));

        var result = await RunAsync(server, $"method: {method}\nurl: {server.Url}");

        Assert.Equal(($"http.{status}", effect), (result.Error!.Type, result.Error.Effect));
    }

    [Fact]
    public async Task Execution_AfterOneThatWasCutOff_IsUnknownAtLeast()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("{}", 409));

        Assert.Equal(StepEffect.Unknown, (await RunAsync(server, $"method: POST\nurl: {server.Url}", number: 2)).Error!.Effect);
        Assert.Null((await RunAsync(server, $"url: {server.Url}", number: 2)).Error!.Effect);
    }

    private static Task<LocalServer> RedirectingAsync(string location) => LocalServer.StartAsync((context, asked) =>
    {
        switch (asked.Path)
        {
            case "/missing":
                return context.Json("{}", 404);
            case "/abort":
                context.Abort();
                return Task.CompletedTask;
            case "/again":
                return context.Redirect("/again", 307);
            default:
                return context.Redirect(location, int.Parse(asked.Path[1..], System.Globalization.CultureInfo.InvariantCulture));
        }
    });

    private static async Task<ExecutorResult> RunAsync(LocalServer server, string fields, List<StepEffect>? noted = null, int number = 1)
    {
        using var egress = new EgressHandler(new EgressOptions { Allowed = [server.Target, "127.0.0.1:*"] });
        var execution = Executions.Of("api_call", fields) with { Number = number, NoteEffect = noted is null ? _ => { } : noted.Add };
        return await new ApiCallExecutor(egress, new TestSecrets(), TimeProvider.System).ExecuteAsync(execution, default);
    }
}
