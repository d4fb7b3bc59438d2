using Countersign.Access;
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
            var principal = await AuthenticateAsync(context, services.Keys)
                ?? throw new ApiException("auth.invalid", 401, "The API key is unknown or was revoked.");
            DemandTenant(context, principal.Tenant);
            await DemandAsync(context, principal, operation);
            context.Features.Set(principal);
        }

        await next(context);
    }

    /// <summary>Refuses a request that names another tenant than the caller's.</summary>
    public static void DemandTenant(HttpContext context, string tenant)
    {
        if (context.Request.Headers.TryGetValue("X-Tenant-ID", out var named) && named != tenant)
        {
            throw new ApiException("access.other-tenant", 403, "X-Tenant-ID names another tenant than yours.");
        }
    }

    private async ValueTask DemandAsync(HttpContext context, Principal principal, Operation? operation)
    {
        if (operation?.Permission is not { } permission || principal.May(permission))
        {
            return;
        }

        var entry = new EntryDraft
        {
            EventId = EventId.Outside(Guid.NewGuid().ToString("N"), EventTypes.AccessDenied),
            Type = EventTypes.AccessDenied,
            Actor = principal.User,
            Payload = new LogPayload()
                .Add("method", context.Request.Method)
                .Add("permission", permission.ToString())
                .Add("route", (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText)
                .ToBytes(),
        };
        await services.Core.Parts.Ledger.CommitAsync(principal.Tenant, new LedgerCommit { Entries = [entry] }, context.RequestAborted);
        throw new AccessDeniedException(permission);
    }

    /// <summary>Whom the request's key stands for now; null where it is unknown or was revoked.</summary>
    public static async ValueTask<Principal?> AuthenticateAsync(HttpContext context, ApiKeys keys)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            throw new ApiException("auth.missing", 401, "Send 'Authorization: Bearer <API key>'.");
        }

        const string Scheme = "Bearer ";
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? await keys.AuthenticateAsync(header[Scheme.Length..].Trim(), context.RequestAborted)
            : null;
    }
}

/// <summary>Who asks.</summary>
internal static class PrincipalOfRequest
{
    /// <summary>The principal; it is there on every endpoint that takes a key.</summary>
    public static Principal Principal(this HttpContext context) =>
        (context.Features.Get<Principal>() ?? throw new ApiException("auth.missing", 401, "Send 'Authorization: Bearer <API key>'.")) with { Request = context.RequestKey() };
}
