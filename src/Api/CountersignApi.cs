using Countersign.Api.Ai;
using Countersign.Api.Artifacts;
using Countersign.Api.Audit;
using Countersign.Api.Authentication;
using Countersign.Api.Errors;
using Countersign.Api.Executions;
using Countersign.Api.Health;
using Countersign.Api.Idempotency;
using Countersign.Api.Live;
using Countersign.Api.OpenApi;
using Countersign.Api.People;
using Countersign.Api.Problems;
using Countersign.Api.Workflows;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api;

/// <summary>The one endpoint map, mounted by every host.</summary>
public static class CountersignApi
{
    /// <summary>The largest body that any endpoint takes: 1 MiB.</summary>
    public const long MaxBody = 1024 * 1024;

    /// <summary>Adds the interface to a pipeline: errors as problem documents, then the endpoints.</summary>
    public static void UseCountersign(this IApplicationBuilder app, ApiServices services)
    {
        app.UseMiddleware<TraceMiddleware>();
        app.UseMiddleware<RequestLogMiddleware>();
        app.UseMiddleware<HeadersMiddleware>();
        app.UseMiddleware<HeadMiddleware>();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(15) });
        app.UseRouting();
        app.UseMiddleware<PrincipalMiddleware>(services);
        app.UseMiddleware<ConventionMiddleware>();
        app.UseMiddleware<IdempotencyMiddleware>(services);
        app.UseEndpoints(routes => Map(routes, services));
    }

    private static void Map(IEndpointRouteBuilder routes, ApiServices services)
    {
        HealthEndpoints.Map(routes, services);
        OpenApiEndpoints.Map(routes);
        ErrorPages.Map(routes);
        WorkflowEndpoints.Map(routes, services);
        ExecutionEndpoints.Map(routes, services);
        ApprovalEndpoints.Map(routes, services);
        TaskEndpoints.Map(routes, services);
        AuditEndpoints.Map(routes, services);
        EventEndpoints.Map(routes, services);
        AiEndpoints.Map(routes, services);
        TemplateEndpoints.Map(routes, services);
        ArtifactEndpoints.Map(routes, services);
        KeyEndpoints.Map(routes, services);
        SecretEndpoints.Map(routes, services);
        routes.MapFallback("{**path}", Unmapped.Refuse);
    }
}
