using Countersign.Composition;
using Countersign.Orchestration;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Countersign.Functions.Runs;

/// <summary>
/// Starts and pokes over HTTP, behind the function's key. They carry nothing and decide nothing: what is committed does, so the
/// worst that a caller can do is to make a run look at its own row.
/// </summary>
public sealed class EngineEndpoints(CoreServices core, ILogger<EngineEndpoints> log)
{
    /// <summary>Starts a run that is committed as queued; anything else is left as it is.</summary>
    [Function("StartRun")]
    public async Task<IResult> StartAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "runs/{tenant}/{run}/start")] HttpRequest request,
        string tenant,
        string run,
        [DurableClient] DurableTaskClient client)
    {
        await Engine(client).StartAsync(new RunIdentity(tenant, run), request.HttpContext.RequestAborted);
        return Results.Accepted();
    }

    /// <summary>Tells a run that the wait named by the query's <c>wait</c>, or its own row, may have news.</summary>
    [Function("ResumeRun")]
    public async Task<IResult> ResumeAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "runs/{tenant}/{run}/poke")] HttpRequest request,
        string tenant,
        string run,
        [DurableClient] DurableTaskClient client)
    {
        await Engine(client).PokeAsync(new RunIdentity(tenant, run), request.Query["wait"].FirstOrDefault(), request.HttpContext.RequestAborted);
        return Results.Accepted();
    }

    private DurableEngine Engine(DurableTaskClient client) => new(client, core.Rows, log);
}
