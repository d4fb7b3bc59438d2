using System.Collections.Immutable;
using Countersign.Access;
using Countersign.Api.OpenApi;
using Countersign.Secrets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.Authentication;

/// <summary>Sets a secret, or binds it to other origins.</summary>
public sealed record SecretBody
{
    /// <summary>The value, 4 to 32,768 characters; left out, the secret keeps the value that it has.</summary>
    public string? Value { get; init; }

    /// <summary>The origins that steps may send it to, such as <c>https://pay.example</c>, 1 to 32; left out, the secret keeps those that it has.</summary>
    public ImmutableArray<string>? For { get; init; }
}

/// <summary>A secret without its value, which is never returned.</summary>
/// <param name="Name">Its name.</param>
/// <param name="For">The origins that steps may send it to; empty for a secret that is sent nowhere until it is bound.</param>
/// <param name="Changed">When it was last set or bound; left out for one that an older build stored.</param>
public sealed record SecretView(string Name, ImmutableArray<string> For, DateTimeOffset? Changed);

/// <summary>The secrets of a tenant.</summary>
/// <param name="Items">Sorted by name.</param>
public sealed record SecretPage(ImmutableArray<SecretView> Items);

/// <summary>Secrets, while the host runs.</summary>
internal static class SecretEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ApiServices services)
    {
        routes.MapGet("/v1/secrets", context => ListAsync(context, services)).Is(
            new("listSecrets", "Lists the tenant's secrets by name, without their values.", Permission.ManageSecrets) { Answer = [Content.Of<SecretPage>()], Problems = [409] });
        routes.MapGet("/v1/secrets/{name}", context => GetAsync(context, services)).Is(
            new("getSecret", "Gets a secret without its value.", Permission.ManageSecrets) { Answer = [Content.Of<SecretView>()], Problems = [409] });
        routes.MapPut("/v1/secrets/{name}", context => SetAsync(context, services)).Is(
            new("setSecret", "Sets a secret, and binds it to the origins that steps may send it to.", Permission.ManageSecrets)
            {
                Body = Content.Of<SecretBody>(), Answer = [Content.Of<SecretView>()], Problems = [409, 422],
            });
        routes.MapDelete("/v1/secrets/{name}", context => DeleteAsync(context, services)).Is(
            new("deleteSecret", "Deletes a secret. Steps that name it fail from then on.", Permission.ManageSecrets) { Status = 204, Problems = [409] });
    }

    private static async Task ListAsync(HttpContext context, ApiServices services)
    {
        var secrets = await Changes(services).ListAsync(context.Principal().Tenant, context.RequestAborted);
        await context.WriteAsync(new SecretPage([.. secrets.Select(ViewOf)]), ApiJson.Default.SecretPage);
    }

    private static async Task GetAsync(HttpContext context, ApiServices services)
    {
        var secret = await Changes(services).GetAsync(context.Principal().Tenant, context.RouteText("name"), context.RequestAborted);
        await context.WriteAsync(ViewOf(secret), ApiJson.Default.SecretView);
    }

    private static async Task SetAsync(HttpContext context, ApiServices services)
    {
        var body = await context.ReadAsync(ApiJson.Default.SecretBody);
        var secret = await Changes(services).SetAsync(context.Principal(), context.RouteText("name"), body.Value, body.For ?? [], context.RequestAborted);
        await context.WriteAsync(ViewOf(secret), ApiJson.Default.SecretView);
    }

    private static async Task DeleteAsync(HttpContext context, ApiServices services)
    {
        await Changes(services).DeleteAsync(context.Principal(), context.RouteText("name"), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static SecretChanges Changes(ApiServices services) =>
        services.Secrets ?? throw new SecretStoreException(SecretCodes.ReadOnly, "The secrets of this host are app settings: change COUNTERSIGN_SECRET__<tenant>__<name> there.");

    private static SecretView ViewOf(SecretInfo secret) => new(secret.Name, [.. secret.Origins.Select(origin => origin.ToString())], secret.Changed);
}
