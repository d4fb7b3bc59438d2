using System.Net;

namespace Countersign.Egress;

/// <summary>
/// The only code that opens connections to the outside. It serves as the handler of any HTTP client, the official ones of model
/// vendors included. No proxy, no cookies, no system credentials; redirects are followed here, each checked like a first call.
/// Safe for concurrent use. See docs/egress.md.
/// </summary>
public sealed class EgressHandler : DelegatingHandler
{
    private readonly EgressOptions options;

    /// <summary>A handler.</summary>
    /// <param name="options">What calls may do.</param>
    /// <param name="resolve">Resolves names; null for the system's resolver.</param>
    /// <exception cref="FormatException">An entry of the allow-list cannot be read.</exception>
    public EgressHandler(EgressOptions options, ResolveHost? resolve = null)
        : this(options, resolve, null)
    {
    }

    internal EgressHandler(EgressOptions options, ResolveHost? resolve, DialAddress? dial)
        : base(Sockets(options, new EgressConnector(options.Allowed, resolve, dial)))
    {
        options.Check();
        this.options = options;
    }

    /// <summary>Sends a request and follows its redirects.</summary>
    /// <exception cref="EgressRefusedException">The call, or a redirect of it, is refused.</exception>
    /// <exception cref="HttpRequestException">The host could not be reached, or does not speak HTTP.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Options.TryGetValue(EgressRequest.Secrets, out var secrets) && request.RequestUri is { IsAbsoluteUri: true } target)
        {
            Check(target);
            secrets.Demand(Origin.Of(target));
        }

        var follow = !request.Options.TryGetValue(EgressRequest.FollowRedirects, out var wanted) || wanted;
        for (var redirects = 0; ; redirects++)
        {
            Check(request.RequestUri);
            var response = await SendOnceAsync(request, cancellationToken);
            if (!follow || !Redirect.Is(response))
            {
                return Limit(response);
            }

            using (response)
            {
                if (request.Options.TryGetValue(EgressRequest.Redirected, out var redirected))
                {
                    redirected(request.Method, (int)response.StatusCode);
                }

                if (redirects == options.MaxRedirects)
                {
                    throw new EgressRefusedException(EgressCodes.TooManyRedirects, $"More than {options.MaxRedirects} redirects were answered.");
                }

                request = await Redirect.NextAsync(request, response, cancellationToken);
            }
        }
    }

    /// <summary>Not offered: it would block a thread for as long as a remote side likes.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Calls to the outside are asynchronous.");

    private static SocketsHttpHandler Sockets(EgressOptions options, EgressConnector connector) => new()
    {
        ConnectCallback = connector.ConnectAsync,
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.All,
        Credentials = null,
        PreAuthenticate = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = options.ConnectTimeout,
        MaxResponseHeadersLength = options.MaxResponseHeaderKilobytes,
        MaxResponseDrainSize = 64 * 1024,
        ResponseDrainTimeout = TimeSpan.FromSeconds(1),
        MaxConnectionsPerServer = options.MaxConnectionsPerOrigin,

        // A connection outlives the answer of the resolver; not for long.
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
    };

    private static void Check(Uri? uri)
    {
        if (uri is not { IsAbsoluteUri: true } || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            throw new EgressRefusedException(EgressCodes.Scheme, "Only http and https can be called.");
        }

        if (uri.UserInfo.Length > 0)
        {
            throw new EgressRefusedException(EgressCodes.CredentialsInUrl, "The URL holds a user name or a password; credentials go into a header.");
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException exception) when (EgressRefusedException.In(exception) is { } refused)
        {
            throw new EgressRefusedException(refused.Code, refused.Message) { Status = refused.Status };
        }
    }

    private HttpResponseMessage Limit(HttpResponseMessage response)
    {
        if (response.RequestMessage?.Method != HttpMethod.Head && response.Content.Headers.ContentLength > options.MaxResponseBytes)
        {
            response.Dispose();
            throw LimitedContent.TooLarge(options.MaxResponseBytes, (int)response.StatusCode);
        }

        response.Content = new LimitedContent(response.Content, options.MaxResponseBytes);
        return response;
    }
}
