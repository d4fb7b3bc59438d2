using Countersign.Access;
using Countersign.Api.Problems;
using Countersign.Composition;
using Countersign.Orchestration;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Countersign.Functions.Runs;

/// <summary>
/// What operators do with a run by hand, in the portal or with the function's key. Starts and pokes carry nothing and decide nothing:
/// what is committed does, so the worst that a caller can do with them is to make a run look at its own row. A cancel is a command
/// like the one of the HTTP interface, and in the log the actor is <see cref="Operator"/>.
/// </summary>
public sealed class EngineEndpoints(CoreServices core, ILogger<EngineEndpoints> log)
{
    /// <summary>Who the log says has canceled: whoever holds the function's key. No user of a tenant can be called so.</summary>
    public const string Operator = "$operator";

    private const int MaxReason = 500;

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

    /// <summary>
    /// Asks a run and its children to end, for the reason in the query's <c>reason</c>: what is in flight ends first, then what was done is
    /// compensated. Ending an instance in the portal does neither.
    /// </summary>
    /// <returns>202; 404 <c>run.not-found</c>, 409 <c>run.ended</c>, 503 <c>ledger.unavailable</c>.</returns>
    [Function("CancelRun")]
    public async Task<IResult> CancelAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "runs/{tenant}/{run}/cancel")] HttpRequest request,
        string tenant,
        string run,
        [DurableClient] DurableTaskClient client)
    {
        var reason = request.Query["reason"].FirstOrDefault();
        try
        {
            await core.Commands(Engine(client)).CancelAsync(
                new Principal(tenant, Operator, []), run, reason?[..Math.Min(reason.Length, MaxReason)], request.HttpContext.RequestAborted);
            return Results.Accepted();
        }
        catch (Exception exception) when (Problem.Of(exception) is not null)
        {
            var problem = Problem.Of(exception)!;
            return Results.Problem(problem.Detail, null, problem.Status, problem.Title, problem.Type);
        }
    }

    private DurableEngine Engine(DurableTaskClient client) => new(client, core.Rows, log);
}
