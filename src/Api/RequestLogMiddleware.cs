using System.Diagnostics;
using Countersign.Access;
using Countersign.Api.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Countersign.Api;

/// <summary>
/// Logs one line for each request: method, route pattern, status, duration, tenant and user, trace id and error code. Nothing else of the
/// request is logged: paths, queries, headers and bodies hold data.
/// </summary>
internal sealed partial class RequestLogMiddleware(RequestDelegate next, ILogger<RequestLogMiddleware> log)
{
    private const string NotMapped = "(no route)";

    public async Task InvokeAsync(HttpContext context)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            Log(context, Stopwatch.GetElapsedTime(began));
        }
    }

    private void Log(HttpContext context, TimeSpan elapsed)
    {
        var endpoint = context.GetEndpoint() as RouteEndpoint;
        var route = endpoint?.RoutePattern.RawText is { } pattern && !pattern.StartsWith("{**", StringComparison.Ordinal) ? pattern : NotMapped;
        var status = context.Response.StatusCode;
        var level = status >= 500 ? LogLevel.Error : route is "/health" or "/ready" ? LogLevel.Debug : LogLevel.Information;
        if (!log.IsEnabled(level))
        {
            return;
        }

        var principal = context.Features.Get<Principal>();
        Answered(
            log,
            level,
            HttpMethods.IsGet(context.Request.Method) || route != NotMapped ? context.Request.Method : "(other)",
            route,
            status,
            elapsed.TotalMilliseconds,
            principal?.Tenant ?? "-",
            principal?.User ?? "-",
            Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier,
            context.Features.Get<ProblemCode>()?.Code ?? "-");
    }

    [LoggerMessage(EventId = 1, Message = "{Method} {Route} {Status} in {Milliseconds:0.0} ms, tenant {Tenant}, user {User}, trace {TraceId}, error {Code}")]
    private static partial void Answered(
        ILogger logger, LogLevel level, string method, string route, int status, double milliseconds, string tenant, string user, string traceId, string code);
}
