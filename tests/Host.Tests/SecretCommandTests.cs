using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Host.Tests;

public sealed class SecretCommandTests : IDisposable
{
    private const string Value = "c4nary-value";

    private static readonly Dictionary<string, string> Nothing = [];

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Secret_InAFolder_IsSetBoundListedAndRemoved()
    {
        var data = folder["data"];
        Assert.Equal(0, (await RunAsync("secret", "set", "pay", "--for", "https://pay.example", "https://b.example:8443", "--data", data)).Code);
        Assert.Equal("pay  https://pay.example https://b.example:8443\n", (await RunAsync("secret", "list", "--data", data)).Output);
        Assert.Equal(0, (await RunAsync("secret", "bind", "pay", "--for", "https://c.example", "--data", data)).Code);
        Assert.Equal("pay  https://c.example\n", (await RunAsync("secret", "list", "--data", data)).Output);
        Assert.Equal(0, (await RunAsync("secret", "remove", "pay", "--data", data)).Code);
        Assert.Equal("", (await RunAsync("secret", "list", "--data", data)).Output);
    }

    [Theory]
    [InlineData("secret set pay", "needs at least one origin")]
    [InlineData("secret set pay --for https://pay.example/path", "got: 'https://pay.example/path'")]
    [InlineData("secret set PAY --for https://pay.example", "A secret's name has")]
    [InlineData("secret set house --of-host --for https://pay.example", "only for secrets of a tenant")]
    [InlineData("secret set pay --url nonsense --key cs_x", "must be an http or https URL")]
    [InlineData("secret set pay --url http://127.0.0.1:1", "needs an API key")]
    [InlineData("secret set pay --url http://127.0.0.1:1 --key cs_x", "cannot be reached")]
    public async Task Secret_WhatCannotBe_IsToldWithTheRule(string command, string told)
    {
        var arguments = command.Contains("--url", StringComparison.Ordinal) ? command.Split(' ') : [.. command.Split(' '), "--data", folder["data"]];

        var outcome = await RunAsync(arguments);

        Assert.Equal(2, outcome.Code);
        Assert.Contains(told, outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Value, outcome.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecretAndKey_AgainstARunningHost_NeedNoStop()
    {
        await using var host = await LocalHost.OpenAsync(new LocalHostOptions { Data = folder["data"] }, NullLoggerFactory.Instance);
        var admin = await host.MakeFirstKeyAsync();
        await using var server = await WebServer.StartAsync(host, "http://127.0.0.1:0", NullLoggerFactory.Instance);
        string[] there = ["--url", server.Address, "--key", admin!];

        Assert.Equal(0, (await RunAsync(["secret", "set", "pay", "--for", "https://pay.example", .. there])).Code);
        Assert.Equal(Value, (await host.Secrets.FindAsync("default", "pay"))!.Reveal());
        Assert.Equal("pay  https://pay.example\n", (await RunAsync(["secret", "list", .. there])).Output);
        Assert.Equal(0, (await RunAsync(["secret", "bind", "pay", "--for", "https://c.example", .. there])).Code);
        Assert.Equal("https://c.example", Assert.Single((await host.Secrets.FindAsync("default", "pay"))!.Origins).ToString());
        var key = await RunAsync(["key", "--user", "bob", "--role", "approver", .. there]);
        Assert.Equal("bob", (await host.Api.Keys.AuthenticateAsync(key.Output.Trim()))!.User);
        Assert.Contains("None of your roles allows this", (await RunAsync("secret", "list", "--url", server.Address, "--key", key.Output.Trim())).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(["secret", "remove", "pay", .. there])).Code);
        Assert.Null(await host.Secrets.FindAsync("default", "pay"));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Secret_HostThatRedirects_IsRefusedAndTheValueStaysHere(int status)
    {
        ConcurrentQueue<string> received = new();
        await using var elsewhere = await AnsweringAsync(async context =>
        {
            received.Enqueue(await new StreamReader(context.Request.Body).ReadToEndAsync());
            await context.Response.WriteAsync("{}");
        });
        await using var front = await AnsweringAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = elsewhere.Urls.First() + "/elsewhere";
            return Task.CompletedTask;
        });
        string[] there = ["--url", front.Urls.First(), "--key", "cs_x"];

        foreach (var command in new string[][] { ["secret", "set", "pay", "--for", "https://pay.example", .. there], ["key", "--user", "bob", "--role", "approver", .. there] })
        {
            var outcome = await RunAsync(command);

            Assert.Equal(2, outcome.Code);
            Assert.Contains($"redirects to '{elsewhere.Urls.First()}/elsewhere'", outcome.Error, StringComparison.Ordinal);
        }

        Assert.Empty(received);
    }

    [Theory]
    [InlineData("""{"items":{}}""")]
    [InlineData("""{"items":[{}]}""")]
    [InlineData("[]")]
    public async Task SecretAndKey_AnswerOfAnotherShape_IsNoDefectOfThisProgram(string body)
    {
        await using var server = await AnsweringAsync(context => context.Response.WriteAsync(body));
        string[] there = ["--url", server.Urls.First(), "--key", "cs_x"];

        foreach (var command in new string[][] { ["secret", "list", .. there], ["key", "--user", "bob", "--role", "approver", .. there] })
        {
            var outcome = await RunAsync(command);

            Assert.Equal(2, outcome.Code);
            Assert.Contains("is not a Countersign host", outcome.Error, StringComparison.Ordinal);
        }
    }

    private static async Task<WebApplication> AnsweringAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(answer);
        await app.StartAsync();
        return app;
    }

    private static Task<Outcome> RunAsync(params string[] arguments) => Countersign.RunAsync(Nothing, Value + "\n", arguments);
}
