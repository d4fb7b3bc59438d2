using System.Collections.Immutable;
using Countersign.Access;
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
/// <param name="Key">The key itself; it cannot be had again.</param>
public sealed record NewKey(string Id, string Key);

/// <summary>API keys.</summary>
internal static class KeyEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ApiServices services)
    {
        routes.MapPost("/v1/api-keys", async context =>
        {
            var maker = context.Demand(Permission.ManageKeys);
            var request = await context.ReadAsync(ApiJson.Default.KeyRequest);
            var (secret, key) = await services.Keys.CreateAsync(maker, request.User, request.Roles.IsDefault ? [] : request.Roles, context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status201Created;
            await context.WriteAsync(new NewKey(key.Id, secret), ApiJson.Default.NewKey);
        });
        routes.MapDelete("/v1/api-keys/{id}", async context =>
        {
            var actor = context.Demand(Permission.ManageKeys);
            await services.Keys.RevokeAsync(actor, context.RouteText("id"), context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
    }
}
