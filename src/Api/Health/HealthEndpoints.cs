using Countersign.Api.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.Health;

/// <summary>How the host is.</summary>
/// <param name="Status"><c>ok</c>, <c>ready</c> or <c>unavailable</c>.</param>
public sealed record HealthStatus(string Status);

/// <summary>Health (the process answers) and readiness (its ledger answers).</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ApiServices services)
    {
        routes.MapGet("/health", context => context.WriteAsync(new HealthStatus("ok"), ApiJson.Default.HealthStatus)).Is(
            Operation.ForEverybody("getHealth", "Whether the process answers.") with { Answer = [Content.Of<HealthStatus>()] });
        routes.MapGet("/ready", async context =>
        {
            var ready = await services.Readiness.AskAsync(context.RequestAborted);
            context.Response.StatusCode = ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            await context.WriteAsync(new HealthStatus(ready ? "ready" : "unavailable"), ApiJson.Default.HealthStatus);
        }).Is(Operation.ForEverybody("getReadiness", "Whether the ledger takes a write; 503 where it does not.") with { Answer = [Content.Of<HealthStatus>()] });
    }
}
