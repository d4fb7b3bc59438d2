using Countersign.Api.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Api;

/// <summary>What no endpoint takes: 405 where the path is right and the method is not, else 404.</summary>
internal static class Unmapped
{
    public static Task Refuse(HttpContext context)
    {
        var methods = context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints
            .OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<OpenApi.Operation>() is not null && Fits(endpoint, context.Request.Path))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
            .SelectMany(method => HttpMethods.IsGet(method) ? [method, HttpMethods.Head] : new[] { method })
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToArray();
        if (methods.Length == 0)
        {
            throw new ApiException("request.not-found", 404, $"There is nothing at {context.Request.Path}.");
        }

        throw new ApiException("request.method", 405, $"{context.Request.Path} takes {string.Join(", ", methods)}, not {(HeadMiddleware.IsHead(context) ? HttpMethods.Head : context.Request.Method)}.") { Allow = methods };
    }

    private static bool Fits(RouteEndpoint endpoint, PathString path) =>
        new TemplateMatcher(TemplateParser.Parse(endpoint.RoutePattern.RawText!.TrimStart('/')), []).TryMatch(path, []);
}
