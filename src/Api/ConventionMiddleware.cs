using Countersign.Api.OpenApi;
using Microsoft.AspNetCore.Http;

namespace Countersign.Api;

/// <summary>What holds for every endpoint once its caller is known: unknown query parameters are refused, and a HEAD of a stream ends at its headers.</summary>
internal sealed class ConventionMiddleware(RequestDelegate next)
{
    private const string EventStream = "text/event-stream";

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<Operation>() is not { } operation)
        {
            return next(context);
        }

        // Endpoints for links know their caller only when they have read the token.
        if (operation.Caller is Caller.Key or Caller.Anybody)
        {
            context.RefuseUnknownQuery();
        }

        if (HeadMiddleware.IsHead(context) && operation.Answer.Any(answer => answer.Media == EventStream))
        {
            context.Response.ContentType = EventStream;
            return Task.CompletedTask;
        }

        return next(context);
    }
}
