using System.Collections.Immutable;
using Countersign.Access;
using Countersign.Api.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.Authentication;

/// <summary>Asks for an API key.</summary>
/// <param name="User">Whom it stands for: an opaque id.</param>
/// <param name="Roles">Its roles.</param>
public sealed record KeyRequest(string User, ImmutableArray<string> Roles);

/// <summary>A new API key.</summary>
/// <param name="Id">Its id, by which it is revoked.</param>
/// <param name="Key">The key itself, shown once: left out where the request is repeated.</param>
public sealed record NewKey(string Id, string? Key);

/// <summary>API keys.</summary>
internal static class KeyEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ApiServices services)
    {
        routes.MapPost("/v1/api-keys", context => CreateAsync(context, services.Keys)).Is(
            new("createApiKey", "Makes an API key, which is shown once.", Permission.ManageKeys)
            {
                Headers = [Parameter.IdempotencyKey], Body = Content.Of<KeyRequest>(), Status = 201, Answer = [Content.Of<NewKey>()], Secrets = ["key"], Problems = [409, 422],
            });
        routes.MapDelete("/v1/api-keys/{id}", context => RevokeAsync(context, services.Keys)).Is(
            new("revokeApiKey", "Revokes an API key, from the next request on.", Permission.ManageKeys) { Status = 204 });
    }

    private static async Task CreateAsync(HttpContext context, ApiKeys keys)
    {
        var request = await context.ReadAsync(ApiJson.Default.KeyRequest);
        var (secret, key) = await keys.CreateAsync(context.Principal(), request.User, request.Roles.IsDefault ? [] : request.Roles, context.RequestKey()?.Id, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status201Created;
        await context.WriteAsync(new NewKey(key.Id, secret), ApiJson.Default.NewKey);
    }

    private static async Task RevokeAsync(HttpContext context, ApiKeys keys)
    {
        await keys.RevokeAsync(context.Principal(), context.RouteText("id"), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
