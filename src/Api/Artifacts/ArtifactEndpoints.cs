using System.Net.Http.Headers;
using Countersign.Access;
using Countersign.Api.Authentication;
using Countersign.Api.OpenApi;
using Countersign.Api.Problems;
using Countersign.Artifacts;
using Countersign.Language;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.Artifacts;

/// <summary>A page of artifacts.</summary>
/// <param name="Items">The artifacts, by hash.</param>
/// <param name="Cursor">Where the next page begins; null at the end.</param>
public sealed record ArtifactPage(IReadOnlyList<Upload> Items, string? Cursor);

/// <summary>Asks for a link to an artifact.</summary>
/// <param name="ExpiresIn">How long it is good, such as <c>15m</c>; at most 7 days, an hour where nothing is said.</param>
public sealed record ArtifactLinkBody(string? ExpiresIn = null);

/// <summary>A link to an artifact.</summary>
/// <param name="Token">The token; it belongs in a URL's fragment or a header, never in a path or query. Left out where the request is repeated.</param>
/// <param name="Path">The path, with the token in its fragment. Left out where the request is repeated.</param>
/// <param name="Expires">When it is good no more.</param>
public sealed record ArtifactLinkView(string? Token, string? Path, DateTimeOffset Expires);

/// <summary>Artifacts: stored under their hash, given back as bytes that no browser renders.</summary>
internal static class ArtifactEndpoints
{
    private const string Scheme = "Artifact ";

    public static void Map(IEndpointRouteBuilder routes, ApiServices services)
    {
        routes.MapPost("/v1/artifacts", context => StoreAsync(context, services.Uploads)).Is(
            new("createArtifact", "Stores the body under its SHA-256; the same content again is the same artifact.", Permission.StartRuns)
            {
                Headers = [Parameter.IdempotencyKey], Body = Content.As("application/octet-stream"), Problems = [409, 422], Status = 201, Answer = [Content.Of<Upload>()], AnswerHeaders = [Parameter.Location],
            });
        routes.MapGet("/v1/artifacts", context => ListAsync(context, services.Uploads)).Is(
            new("listArtifacts", "Lists the artifacts that were uploaded.", Permission.ReadRuns)
            {
                Query = [Parameter.Limit, Parameter.Cursor], Answer = [Content.Of<ArtifactPage>()],
            });
        routes.MapGet("/v1/artifacts/{sha256}", context => ReadAsync(context, services.Uploads)).Is(
            new("getArtifact", "Gets an artifact's content. The log keeps each reading.", Permission.ReadRuns) { Answer = [Content.As("application/octet-stream")] });
        routes.MapPost("/v1/artifacts/{sha256}/links", context => LinkAsync(context, services)).Is(
            new("createArtifactLink", "Makes a link: its holder can read the artifact until the link expires.", Permission.MakeLinks)
            {
                Headers = [Parameter.IdempotencyKey], Body = Content.Of<ArtifactLinkBody>() with { Optional = true }, Answer = [Content.Of<ArtifactLinkView>()],
                Secrets = ["token", "path"], Problems = [409, 422],
            });
        routes.MapGet("/v1/shared/{sha256}", context => ReadByLinkAsync(context, services)).Is(
            new("getSharedArtifact", "Gets an artifact's content through a link.", null) { Caller = Caller.ArtifactLink, Answer = [Content.As("application/octet-stream")] });
    }

    private static async Task LinkAsync(HttpContext context, ApiServices services)
    {
        var maker = context.Principal();
        var hash = context.RouteText("sha256");
        var upload = await services.Uploads.FindAsync(maker.Tenant, hash, context.RequestAborted) ?? throw Missing(hash);
        var asked = (await context.ReadAsync(ApiJson.Default.ArtifactLinkBody, new ArtifactLinkBody())).ExpiresIn;
        var lasts = ArtifactLinks.Usual;
        if (asked is not null && (!Duration.TryParse(asked, out lasts) || lasts <= TimeSpan.Zero || lasts > ArtifactLinks.Longest))
        {
            throw new ApiException("request.body-invalid", 400, "'expiresIn' is not a length of time that a link may have.", [new("/expiresIn", "must be like 15m, 1h or 7d: at most 7 days")]);
        }

        var (token, expires) = await services.ArtifactLinks.MakeAsync(maker, upload, lasts, context.RequestAborted);
        await context.WriteAsync(new ArtifactLinkView(token, $"/v1/shared/{hash}#{token}", expires), ApiJson.Default.ArtifactLinkView);
    }

    private static async Task ReadByLinkAsync(HttpContext context, ApiServices services)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var token = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? header[Scheme.Length..].Trim()
            : throw new ApiException("artifact.link-missing", 401, "Send the link's token as 'Authorization: Artifact <token>'.");
        var link = services.ArtifactLinks.Read(token, context.RouteText("sha256"));
        PrincipalMiddleware.DemandTenant(context, link.Tenant);
        context.RefuseUnknownQuery();
        string[] makers = [Role.Admin, .. Permissions.Table[Permission.MakeLinks]];
        if (!await KeyHolders.HoldsAnyAsync(services.Core.Parts.Ledger, link.Tenant, link.Maker, makers, context.RequestAborted))
        {
            throw new ArtifactLinkException("artifact.link-invalid", "The person who made the link can no longer make links, so the link is not valid.");
        }

        await WriteAsync(context, services.Uploads, new Principal(link.Tenant, link.Maker, []), link.Sha256);
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
        await context.WriteAsync(new ArtifactPage(items, next is null ? null : context.Cursor(next)), ApiJson.Default.ArtifactPage);
    }

    private static Task ReadAsync(HttpContext context, Uploads uploads) =>
        WriteAsync(context, uploads, context.Principal(), context.RouteText("sha256"));

    private static async Task WriteAsync(HttpContext context, Uploads uploads, Principal reader, string hash)
    {
        var (_, content) = await uploads.ReadAsync(reader, hash, context.RequestAborted) ?? throw Missing(hash);
        context.Response.ContentType = "application/octet-stream";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{hash}\"";
        await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }

    private static ApiException Missing(string hash) => new("artifact.not-found", 404, $"There is no artifact '{hash}'.");
}
