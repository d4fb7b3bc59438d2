using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Countersign.Api.Problems;

/// <summary>Turns whatever a request throws into a problem document. Nobody ever sees a stack trace.</summary>
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
            // Nobody is listening any more.
        }
        catch (Exception exception)
        {
            var problem = Problem.Of(exception);
            if (problem is null)
            {
                log.LogError(exception, "Request {Method} {Path} failed", context.Request.Method, context.Request.Path);
                problem = Problem.Make("server.error", 500, "Something went wrong here; the trace id helps to find out what.");
            }

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
