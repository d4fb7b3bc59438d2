using Countersign.Access;
using Countersign.Api.Problems;
using Microsoft.AspNetCore.Http;

namespace Countersign.Api.Authentication;

/// <summary>Finds out who asks, before any endpoint is reached. The tenant is the key's; nothing in a request can change it.</summary>
internal sealed class PrincipalMiddleware(RequestDelegate next, ApiServices services)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is null && context.GetEndpoint() is not null)
        {
            var principal = await AuthenticateAsync(context);
            if (context.Request.Headers.TryGetValue("X-Tenant-ID", out var tenant) && tenant != principal.Tenant)
            {
                throw new ApiException("access.other-tenant", 403, "X-Tenant-ID names another tenant than your key's.");
            }

            context.Features.Set(principal);
        }

        await next(context);
    }

    private async ValueTask<Principal> AuthenticateAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            throw new ApiException("auth.missing", 401, "Send 'Authorization: Bearer <API key>'.");
        }

        const string Scheme = "Bearer ";
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && await services.Keys.AuthenticateAsync(header[Scheme.Length..].Trim(), context.RequestAborted) is { } principal
            ? principal
            : throw new ApiException("auth.invalid", 401, "The API key is unknown or was revoked.");
    }
}

/// <summary>Marks an endpoint that needs no key.</summary>
internal sealed class OpenToAll;

/// <summary>Who asks.</summary>
internal static class PrincipalOfRequest
{
    /// <summary>The principal, if it may do what the endpoint is for.</summary>
    /// <exception cref="AccessDeniedException">It may not.</exception>
    public static Principal Demand(this HttpContext context, Permission permission)
    {
        var principal = context.Features.Get<Principal>() ?? throw new ApiException("auth.missing", 401, "Send 'Authorization: Bearer <API key>'.");
        principal.Demand(permission);
        return principal;
    }
}
