using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Countersign.Api.Problems;

/// <summary>Turns every exception of a request into a problem document. No answer holds a stack trace.</summary>
internal sealed class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone.
        }
        catch (Exception exception)
        {
            var problem = Problem.Of(exception);
            if (problem is null)
            {
                log.LogError(exception, "Request {Method} {Route} failed unexpectedly", context.Request.Method, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText);
                problem = Problem.Make("server.error", 500, "Something went wrong here; the trace id helps to find out what.");
            }

            context.Features.Set(new ProblemCode(problem.Title));
            await WriteAsync(context, problem);
        }
    }

    private static async Task WriteAsync(HttpContext context, Problem problem)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.Clear();
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = "application/problem+json";
        if (problem.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (problem.Allow.Count > 0)
        {
            context.Response.Headers.Allow = string.Join(", ", problem.Allow);
        }

        if (problem.Status == 401)
        {
            context.Response.Headers.WWWAuthenticate = problem.Title.StartsWith("task.", StringComparison.Ordinal) ? "Task" : "Bearer";
        }

        var told = problem with { TraceId = Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier };
        await context.Response.WriteAsJsonAsync(told, ApiJson.Default.Problem, "application/problem+json", context.RequestAborted);
    }
}

/// <summary>The code of the error that a request ended with, for the log.</summary>
/// <param name="Code">The code.</param>
internal sealed record ProblemCode(string Code);
