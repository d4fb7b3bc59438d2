using Countersign.Api.OpenApi;
using Countersign.Api.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.Errors;

/// <summary>The pages that the types of problem documents lead to: those of <c>docs/errors</c>, which the program carries with it.</summary>
internal static class ErrorPages
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/errors/{code}", ShowAsync).Is(
        Operation.ForEverybody("getErrorPage", "What an error code means, and what to do about it.") with { Answer = [Content.As("text/markdown")], Problems = [404] });

    private static async Task ShowAsync(HttpContext context)
    {
        var code = context.RouteText("code");
        await using var page = typeof(ErrorPages).Assembly.GetManifestResourceStream("errors/" + code)
            ?? throw new ApiException("request.not-found", 404, $"There is no error code '{code}'.");
        context.Response.ContentType = "text/markdown; charset=utf-8";
        await page.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
