using Countersign.Api.Authentication;
using Countersign.Api.OpenApi;
using Microsoft.AspNetCore.Http;

namespace Countersign.Api.Idempotency;

/// <summary>Carries out once what an <c>Idempotency-Key</c> marks, on every endpoint that declares the header and knows its caller by an API key.</summary>
internal sealed class IdempotencyMiddleware(RequestDelegate next, ApiServices services)
{
    public Task InvokeAsync(HttpContext context)
    {
        var operation = context.GetEndpoint()?.Metadata.GetMetadata<Operation>();
        if (operation is not { Caller: Caller.Key } || !operation.Headers.Contains(Parameter.IdempotencyKey))
        {
            return next(context);
        }

        var principal = context.Principal();
        return services.Once.AnswerAsync(context, principal.Tenant, principal.User, () => next(context));
    }
}
