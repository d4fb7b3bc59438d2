using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Countersign.Tests.Tools;

namespace Countersign.Functions.Tests;

[Collection(FunctionsHostCollection.Name)]
[NeedsAzurite]
[NeedsFunctionsHost]
public sealed class HttpInterfaceTests(FunctionsHost host)
{
    [Fact]
    public async Task Interface_DefineAndRun_CompletesOverHttpAlone()
    {
        var key = await host.AdminKeyAsync();
        using var saved = await SendAsync(HttpMethod.Post, "/v1/workflows", key, """
            language: "1.0"
            name: over-http
            version: 1.0.0
            start: note
            steps:
              - { id: note, type: emit, event: custom.note, data: { got: "${ input.n }" } }
            """, "application/yaml");
        Assert.True(saved.IsSuccessStatusCode, await saved.Content.ReadAsStringAsync());
        using var run = await SendAsync(HttpMethod.Post, "/v1/executions", key, """{"workflow":"over-http","input":{"n":7}}""", "application/json", "wait=60");
        var body = await run.Content.ReadAsStringAsync();
        Assert.True(run.IsSuccessStatusCode, body);

        var execution = JsonElement.Parse(body);
        Assert.Equal("completed", execution.GetProperty("status").GetString());
        Assert.Equal(7, execution.GetProperty("output").GetProperty("got").GetInt32());
    }

    [Fact]
    public async Task Interface_NoKeyOrNothingThere_IsAProblemDocument()
    {
        using var stranger = await SendAsync(HttpMethod.Get, "/v1/executions", null);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        Assert.Equal("application/problem+json", stranger.Content.Headers.ContentType?.MediaType);

        using var nowhere = await SendAsync(HttpMethod.Get, "/v1/nowhere", await host.AdminKeyAsync());
        Assert.Equal(HttpStatusCode.NotFound, nowhere.StatusCode);
        Assert.Equal("application/problem+json", nowhere.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Ready_StoresInReach_IsReady()
    {
        using var ready = await SendAsync(HttpMethod.Get, "/ready", null);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    [Fact]
    public async Task FirstKey_MadeBefore_IsAConflict()
    {
        await host.AdminKeyAsync();

        using var again = await host.Client.PostAsync(new Uri("/setup/first-key", UriKind.Relative), null);

        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? key, string? body = null, string? type = null, string? prefer = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        if (prefer is not null)
        {
            request.Headers.Add("Prefer", prefer);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, type!);
        }

        return await host.Client.SendAsync(request);
    }
}
