using Countersign.Orchestration;

namespace Countersign.Functions.Tests.Runs;

/// <summary>The engine in its own process, through the two functions that the app has for it.</summary>
internal sealed class RemoteEngine(HttpClient client) : IEngine
{
    public async Task StartAsync(RunIdentity run, CancellationToken cancellationToken = default) =>
        await PostAsync($"/runs/{run.Tenant}/{run.Id}/start", cancellationToken);

    public async Task PokeAsync(RunIdentity run, string? wait, CancellationToken cancellationToken = default) =>
        await PostAsync($"/runs/{run.Tenant}/{run.Id}/poke" + (wait is null ? "" : $"?wait={Uri.EscapeDataString(wait)}"), cancellationToken);

    private async Task PostAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), null, cancellationToken);
        response.EnsureSuccessStatusCode();
    }
}
