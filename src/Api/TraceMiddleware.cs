using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Countersign.Api;

/// <summary>
/// Gives every request a W3C trace: the caller's, where it sent a <c>traceparent</c>, else a new one. It is there without any listener, because
/// problem documents name it.
/// </summary>
internal sealed class TraceMiddleware(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        using var activity = new Activity("countersign.request");
        activity.SetIdFormat(ActivityIdFormat.W3C);
        if (Activity.Current is null
            && ActivityContext.TryParse(context.Request.Headers.TraceParent, context.Request.Headers.TraceState, isRemote: true, out _))
        {
            activity.SetParentId(context.Request.Headers.TraceParent.ToString());
        }

        activity.Start();
        await next(context);
    }
}
