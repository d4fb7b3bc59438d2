using Countersign.Functions.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Countersign.Functions;

/// <summary>The HTTP interface, which authenticates by itself, and what sets a deployment up.</summary>
public sealed class HttpFunctions(HttpInterface http)
{
    // The host takes the first route that fits, in no order that can be relied on: no two of them may overlap.

    /// <summary>The interface.</summary>
    [Function("Api")]
    public Task ApiAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", Route = "v1/{*path}")] HttpRequest request,
        [DurableClient] DurableTaskClient client) => http.AnswerAsync(request.HttpContext, client);

    /// <summary>Whether the app is alive.</summary>
    [Function("Health")]
    public Task HealthAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "health")] HttpRequest request,
        [DurableClient] DurableTaskClient client) => http.AnswerAsync(request.HttpContext, client);

    /// <summary>Whether the app can serve.</summary>
    [Function("Ready")]
    public Task ReadyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "ready")] HttpRequest request,
        [DurableClient] DurableTaskClient client) => http.AnswerAsync(request.HttpContext, client);

    /// <summary>Makes the first API key, once, for whoever holds the function's key.</summary>
    [Function("MakeFirstKey")]
    public async Task<IResult> MakeFirstKeyAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "setup/first-key")] HttpRequest request) =>
        await http.MakeFirstKeyAsync(request.HttpContext.RequestAborted) is { } key
            ? Results.Json(new FirstKey(key), statusCode: StatusCodes.Status201Created)
            : Results.Conflict();

    private sealed record FirstKey(string Key);
}
