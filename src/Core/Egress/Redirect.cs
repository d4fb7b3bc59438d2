using System.Net;

namespace Countersign.Egress;

/// <summary>Makes the next request of a redirect, as the Fetch standard does (section 4.4, HTTP-redirect fetch), but stricter with what may be secret.</summary>
internal static class Redirect
{
    // Any other header may hold a credential under a name of its own, so only these go to another origin.
    private static readonly HashSet<string> Harmless = new(StringComparer.OrdinalIgnoreCase) { "Accept", "Accept-Encoding", "Accept-Language", "User-Agent" };

    public static bool Is(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is not null;

    public static async ValueTask<HttpRequestMessage> NextAsync(HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var from = request.RequestUri!;
        if (!Uri.TryCreate(from, response.Headers.Location!, out var to))
        {
            throw new EgressRefusedException(EgressCodes.BadRedirect, "A redirect's target is no URL.");
        }

        if (from.Scheme == Uri.UriSchemeHttps && to.Scheme == Uri.UriSchemeHttp)
        {
            throw new EgressRefusedException(EgressCodes.Scheme, $"A redirect leads from https to http at '{to.IdnHost}'.");
        }

        var isKept = IsKept(request, to);
        var sameOrigin = from.Scheme == to.Scheme && from.Port == to.Port && string.Equals(from.IdnHost, to.IdnHost, StringComparison.OrdinalIgnoreCase);
        var method = Method(request.Method, response.StatusCode);
        var next = new HttpRequestMessage(method, to) { Version = request.Version, VersionPolicy = request.VersionPolicy };
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            if (sameOrigin || (isKept && Harmless.Contains(name)))
            {
                next.Headers.TryAddWithoutValidation(name, values);
            }
        }

        foreach (var option in request.Options)
        {
            ((IDictionary<string, object?>)next.Options)[option.Key] = option.Value;
        }

        if (method == request.Method && request.Content is { } content)
        {
            next.Content = await RepeatAsync(request, content, sameOrigin, to, cancellationToken);
        }

        return next;
    }

    /// <summary>
    /// Whether a redirect stays with origins that the request's secrets are bound to. If it does not, nothing of the request that may hold
    /// a secret goes along: no header, and no body that was made with one; and a target that holds one is refused.
    /// </summary>
    private static bool IsKept(HttpRequestMessage request, Uri to)
    {
        if (!request.Options.TryGetValue(EgressRequest.Secrets, out var secrets) || secrets.Allow(Origin.Of(to)))
        {
            return true;
        }

        if (secrets.AreIn(to.OriginalString) || secrets.AreIn(to.AbsoluteUri) || secrets.AreIn(to.IdnHost))
        {
            secrets.Demand(Origin.Of(to));
        }

        return false;
    }

    private static async ValueTask<HttpContent> RepeatAsync(HttpRequestMessage request, HttpContent content, bool sameOrigin, Uri to, CancellationToken cancellationToken)
    {
        if (!sameOrigin && request.Options.TryGetValue(EgressRequest.ConfidentialBody, out var confidential) && confidential)
        {
            if (request.Options.TryGetValue(EgressRequest.Secrets, out var secrets))
            {
                secrets.Demand(Origin.Of(to));
            }

            throw new EgressRefusedException(EgressCodes.ConfidentialBody, $"A redirect to '{to.IdnHost}' would repeat a body that holds a secret.");
        }

        var repeated = new ByteArrayContent(await content.ReadAsByteArrayAsync(cancellationToken));
        foreach (var (name, values) in content.Headers.NonValidated)
        {
            repeated.Headers.TryAddWithoutValidation(name, values);
        }

        return repeated;
    }

    private static HttpMethod Method(HttpMethod method, HttpStatusCode status) => status switch
    {
        HttpStatusCode.MovedPermanently or HttpStatusCode.Found when method == HttpMethod.Post => HttpMethod.Get,
        HttpStatusCode.SeeOther when method != HttpMethod.Head => HttpMethod.Get,
        _ => method,
    };
}
