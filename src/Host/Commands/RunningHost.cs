using System.CommandLine;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Countersign.Host.Commands;

/// <summary>A host that runs, called over its HTTP interface.</summary>
internal sealed class RunningHost : IDisposable
{
    private const string KeyVariable = "COUNTERSIGN_KEY";

    private readonly HttpClient http;

    private RunningHost(HttpClient http) => this.http = http;

    public static Option<string?> Url() => new("--url") { Description = "The address of a running host, such as http://127.0.0.1:8080; left out, the data folder itself is used." };

    public static Option<string?> Key() => new("--key") { Description = $"With --url: an API key of an admin; left out, what {KeyVariable} holds." };

    /// <summary>The host at an address.</summary>
    /// <exception cref="IOException">The address or the key is missing or wrong.</exception>
    public static RunningHost At(string url, string? key)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new IOException($"--url must be an http or https URL such as http://127.0.0.1:8080 (got: '{url}').");
        }

        key ??= Environment.GetEnvironmentVariable(KeyVariable);
        if (string.IsNullOrEmpty(key) || key.Any(c => c is <= ' ' or > '~'))
        {
            throw new IOException($"--url needs an API key: give it with --key or in {KeyVariable}.");
        }

        // A redirect would carry the value of a secret to another origin than the one in --url.
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return new RunningHost(http);
    }

    /// <summary>Sends a request.</summary>
    /// <returns>The body of the response; undefined if it has none.</returns>
    /// <exception cref="IOException">The host refused the request, or cannot be reached.</exception>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            using var response = await http.SendAsync(request, cancellation);
            if ((int)response.StatusCode is >= 300 and <= 399)
            {
                throw new IOException(
                    $"What answers at {http.BaseAddress} redirects to '{response.Headers.Location}' ({(int)response.StatusCode}). No redirect is followed: give the address of the host itself with --url.");
            }

            var text = await response.Content.ReadAsStringAsync(cancellation);
            var answer = text.Length == 0 ? default : JsonElement.Parse(text);
            return response.IsSuccessStatusCode ? answer : throw new IOException($"The host refused the request: {Detail(answer)} ({(int)response.StatusCode}).");
        }
        catch (HttpRequestException exception)
        {
            throw new IOException($"The host at {http.BaseAddress} cannot be reached: {exception.Message}", exception);
        }
        catch (JsonException exception)
        {
            throw new IOException($"What answers at {http.BaseAddress} is not a Countersign host.", exception);
        }
        catch (TaskCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"The host at {http.BaseAddress} did not answer within {http.Timeout.TotalSeconds} s.", exception);
        }
    }

    /// <summary>Sends a request and reads its answer.</summary>
    /// <exception cref="IOException">The host refused the request, cannot be reached, or answers in another shape.</exception>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, Func<JsonElement, T> read, CancellationToken cancellation)
    {
        var answer = await SendAsync(method, path, body, cancellation);
        try
        {
            return read(answer);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException)
        {
            throw new IOException($"What answers at {http.BaseAddress} is not a Countersign host.", exception);
        }
    }

    public void Dispose() => http.Dispose();

    private static string Detail(JsonElement problem) =>
        problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty("detail", out var detail) && detail.ValueKind == JsonValueKind.String ? detail.GetString()! : "it says no reason";
}
