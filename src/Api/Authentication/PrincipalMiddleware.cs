using Countersign.Access;
using Countersign.Api.Limits;
using Countersign.Api.OpenApi;
using Countersign.Api.Problems;
using Countersign.Ledger;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.Authentication;

/// <summary>
/// Finds out who asks and whether they may, before any endpoint is reached and any body is read. The tenant is the key's; nothing in a
/// request can change it. What has not declared who may call it takes a key.
/// </summary>
internal sealed class PrincipalMiddleware(RequestDelegate next, ApiServices services)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var operation = context.GetEndpoint()?.Metadata.GetMetadata<Operation>();
        if (operation is null or { Caller: Caller.Key })
        {
            var principal = await AuthenticateAsync(context, services.Keys) ?? throw await RefusedAsync(context);
            if (NamesAnotherTenant(context, principal.Tenant))
            {
                await services.Refusals.RecordAsync(principal.Tenant, principal.User, EventTypes.AccessDenied, Denied(context).Add("rule", "other-tenant"), context.RequestAborted);
                throw OtherTenant();
            }

            services.Bounds.DemandRate(principal);
            await DemandAsync(context, principal, operation);
            context.Features.Set(principal);
            using var turn = await services.Bounds.EnterAsync(principal, operation?.Cost ?? Cost.Light, context.RequestAborted);
            await next(context);
            return;
        }

        await next(context);
    }

    // A revoked key belongs to a tenant's log; an unknown one to that of the keys themselves, which belongs to the host's operator.
    private async Task<ApiException> RefusedAsync(HttpContext context)
    {
        var (tenant, user, reason) = await services.Keys.FindAsync(TokenOf(context) ?? "", context.RequestAborted) is { } revoked
            ? (revoked.Tenant, revoked.User, "revoked")
            : (ApiKeys.KeyTenant, "unknown", "unknown");
        var payload = new LogPayload().Add("method", context.Request.Method).Add("reason", reason);
        await services.Refusals.RecordAsync(tenant, user, EventTypes.AuthRefused, payload, context.RequestAborted);
        return new ApiException("auth.invalid", 401, "The API key is unknown or was revoked.");
    }

    /// <summary>Refuses a request that names another tenant than the caller's.</summary>
    public static void DemandTenant(HttpContext context, string tenant)
    {
        if (NamesAnotherTenant(context, tenant))
        {
            throw OtherTenant();
        }
    }

    private static bool NamesAnotherTenant(HttpContext context, string tenant) =>
        context.Request.Headers.TryGetValue("X-Tenant-ID", out var named) && named != tenant;

    private static ApiException OtherTenant() => new("access.other-tenant", 403, "X-Tenant-ID names another tenant than yours.");

    private static LogPayload Denied(HttpContext context) => new LogPayload()
        .Add("method", context.Request.Method)
        .Add("route", (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText);

    private async ValueTask DemandAsync(HttpContext context, Principal principal, Operation? operation)
    {
        if (operation?.Permission is not { } permission || principal.May(permission))
        {
            return;
        }

        var payload = Denied(context).Add("permission", permission.ToString());
        await services.Refusals.RecordAsync(principal.Tenant, principal.User, EventTypes.AccessDenied, payload, context.RequestAborted);
        throw new AccessDeniedException(permission);
    }

    /// <summary>Whom the request's key stands for now; null where it is unknown or was revoked.</summary>
    public static async ValueTask<Principal?> AuthenticateAsync(HttpContext context, ApiKeys keys)
    {
        if (context.Request.Headers.Authorization.ToString().Length == 0)
        {
            throw new ApiException("auth.missing", 401, "Send 'Authorization: Bearer <API key>'.");
        }

        return TokenOf(context) is { } token ? await keys.AuthenticateAsync(token, context.RequestAborted) : null;
    }

    // Exactly one space: a key with anything around it is not the key.
    private static string? TokenOf(HttpContext context)
    {
        const string Scheme = "Bearer ";
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..] : null;
    }
}

/// <summary>Who asks.</summary>
internal static class PrincipalOfRequest
{
    /// <summary>The principal; it is there on every endpoint that takes a key.</summary>
    public static Principal Principal(this HttpContext context) =>
        (context.Features.Get<Principal>() ?? throw new ApiException("auth.missing", 401, "Send 'Authorization: Bearer <API key>'.")) with { Request = context.RequestKey() };
}
