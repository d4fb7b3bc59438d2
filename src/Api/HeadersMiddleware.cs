using Microsoft.AspNetCore.Http;

namespace Countersign.Api;

/// <summary>What every answer says to browsers: do not sniff, do not frame, do not load, do not keep.</summary>
internal sealed class HeadersMiddleware(RequestDelegate next)
{
    private static readonly object Policy = new();

    /// <summary>Sets another Content-Security-Policy for an answer that is a page.</summary>
    public static void UsePolicy(HttpContext context, string policy) => context.Items[Policy] = policy;

    public Task InvokeAsync(HttpContext context)
    {
        // At the last moment: a problem document clears the headers that were set before it.
        context.Response.OnStarting(static state => Set((HttpContext)state), context);
        return next(context);
    }

    private static Task Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = context.Items.TryGetValue(Policy, out var own) ? (string)own! : "default-src 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
        }

        return Task.CompletedTask;
    }
}
