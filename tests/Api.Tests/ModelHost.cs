using System.Net.Http.Headers;
using System.Text;
using Countersign.Access;
using Countersign.Ai;
using Countersign.Host;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Api.Tests;

/// <summary>A host whose models are those of a providers file.</summary>
internal sealed class ModelHost : IAsyncDisposable
{
    private readonly string folder;
    private readonly LocalHost host;
    private readonly WebServer server;

    private ModelHost(string folder, LocalHost host, WebServer server, HttpClient client) =>
        (this.folder, this.host, this.server, Client) = (folder, host, server, client);

    /// <summary>An admin.</summary>
    public HttpClient Client { get; }

    public static async Task<ModelHost> StartAsync(string providers)
    {
        var folder = Directory.CreateTempSubdirectory("countersign-models-").FullName;
        var host = await LocalHost.OpenAsync(
            new LocalHostOptions { Data = folder, Providers = ProvidersFile.Read(Encoding.UTF8.GetBytes(providers), "test") }, NullLoggerFactory.Instance);
        var server = await WebServer.StartAsync(host, "http://127.0.0.1:0", NullLoggerFactory.Instance);
        var (secret, _) = await host.Api.Keys.CreateAsync(Principal.System("acme"), "root", [Role.Admin]);
        var client = new HttpClient { BaseAddress = new Uri(server.Address) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return new ModelHost(folder, host, server, client);
    }

    /// <summary>Saves a workflow of one step, with these fields.</summary>
    public async Task SaveAsync(string fields, string version = "1.0.0")
    {
        using var yaml = ApiServer.Yaml($"language: \"1.0\"\nname: ask\nversion: {version}\nstart: ask\nsteps:\n  - id: ask\n    type: ai_generate\n    {fields.Replace("\n", "\n    ", StringComparison.Ordinal)}\noutput: \"${{ steps.ask.output }}\"\n");
        using var saved = await Client.PostAsync("/v1/workflows", yaml);
        await saved.ReadAsync(201);
    }

    /// <summary>Starts it and does not wait.</summary>
    public async Task<string> StartAsync(object? input = null)
    {
        using var started = await Client.SendAsync(ApiServer.Json(HttpMethod.Post, "/v1/executions", new { workflow = "ask", input = input ?? new { } }));
        return (await started.ReadAsync(202)).Text("id");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await server.DisposeAsync();
        await host.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
