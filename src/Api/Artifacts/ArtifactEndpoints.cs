using System.Net.Http.Headers;
using Countersign.Access;
using Countersign.Api.Authentication;
using Countersign.Api.OpenApi;
using Countersign.Api.Problems;
using Countersign.Artifacts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.Artifacts;

/// <summary>A page of artifacts.</summary>
/// <param name="Items">The artifacts, by hash.</param>
/// <param name="Cursor">Where the next page begins; null at the end.</param>
public sealed record ArtifactPage(IReadOnlyList<Upload> Items, string? Cursor);

/// <summary>Artifacts: stored under their hash, given back as bytes that no browser renders.</summary>
internal static class ArtifactEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ApiServices services)
    {
        routes.MapPost("/v1/artifacts", context => StoreAsync(context, services.Uploads)).Is(
            new("createArtifact", "Stores the body under its SHA-256; the same content again is the same artifact.", Permission.StartRuns)
            {
                Body = Content.As("application/octet-stream"), Status = 201, Answer = [Content.Of<Upload>()], AnswerHeaders = [Parameter.Location],
            });
        routes.MapGet("/v1/artifacts", context => ListAsync(context, services.Uploads)).Is(
            new("listArtifacts", "Artifacts that were uploaded.", Permission.ReadRuns)
            {
                Query = [Parameter.Limit, Parameter.Cursor], Answer = [Content.Of<ArtifactPage>()],
            });
        routes.MapGet("/v1/artifacts/{sha256}", context => ReadAsync(context, services.Uploads)).Is(
            new("getArtifact", "An artifact's content; that it was read is in the log.", Permission.ReadRuns) { Answer = [Content.As("application/octet-stream")] });
    }

    private static async Task StoreAsync(HttpContext context, Uploads uploads)
    {
        var media = context.Request.ContentType is { Length: <= 128 } given && MediaTypeHeaderValue.TryParse(given, out var parsed)
            ? parsed.MediaType!
            : "application/octet-stream";
        var upload = await uploads.StoreAsync(context.Principal(), await context.ReadBytesAsync(), media, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = "/v1/artifacts/" + upload.Sha256;
        await context.WriteAsync(upload, ApiJson.Default.Upload);
    }

    private static async Task ListAsync(HttpContext context, Uploads uploads)
    {
        var (items, next) = await uploads.ListAsync(
            context.Principal().Tenant, context.CursorText(Uploads.Prefix), (int)context.QueryNumber("limit", 50, 1, 200), context.RequestAborted);
        await context.WriteAsync(new ArtifactPage(items, next is null ? null : Requests.Cursor(next)), ApiJson.Default.ArtifactPage);
    }

    private static async Task ReadAsync(HttpContext context, Uploads uploads)
    {
        var hash = context.RouteText("sha256");
        var (_, content) = await uploads.ReadAsync(context.Principal(), hash, context.RequestAborted)
            ?? throw new ApiException("artifact.not-found", 404, $"There is no artifact '{hash}'.");
        context.Response.ContentType = "application/octet-stream";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{hash}\"";
        await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }
}
