using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Countersign.Azure.Tests.Checkpoints;

/// <summary>
/// A key vault: what the public description of the REST interface says of "Get Key" and "Sign", over TLS, with a bearer token.
/// </summary>
internal sealed class VaultServer : IAsyncDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly WebApplication app;

    private VaultServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(Certificate())));
        app = builder.Build();
        app.Use(AuthorizeAsync);
        app.MapGet("/keys/seal/{version?}", () => Results.Json(new { key = Jwk(), attributes = new { enabled = true } }));
        app.MapPost("/keys/seal/{version}/sign", (Delegate)SignAsync);
    }

    /// <summary>The key's address, without version.</summary>
    public Uri Key => new(app.Urls.Single() + "/keys/seal");

    /// <summary>The requests that came.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>The statuses that the next requests are answered with.</summary>
    public Queue<int> Failures { get; } = new();

    /// <summary>Changes the key that is answered.</summary>
    public Action<Dictionary<string, string>> ChangeKey { get; set; } = _ => { };

    /// <summary>What is answered in place of a signature.</summary>
    public string? Answer { get; set; }

    /// <summary>A client that knows this server's certificate.</summary>
    public static HttpPipelineTransport Transport() => new HttpClientTransport(new HttpClient(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=vault" },
    }));

    public static async Task<VaultServer> StartAsync()
    {
        var server = new VaultServer();
        await server.app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        key.Dispose();
    }

    private async Task AuthorizeAsync(HttpContext context, RequestDelegate next)
    {
        Requests.Add($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        if (Failures.TryDequeue(out var status))
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "0";
            return;
        }

        if (context.Request.Headers.Authorization != "Bearer token-of-https://vault.azure.net/.default" || context.Request.Query["api-version"] != "7.4")
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        await next(context);
    }

    private Dictionary<string, string> Jwk()
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var jwk = new Dictionary<string, string>
        {
            ["kid"] = Key + "/7f3a",
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["x"] = Base64Url.EncodeToString(point.X),
            ["y"] = Base64Url.EncodeToString(point.Y),
        };
        ChangeKey(jwk);
        return jwk;
    }

    private async Task<IResult> SignAsync(HttpContext context)
    {
        var body = await JsonSerializer.DeserializeAsync<Dictionary<string, string>>(context.Request.Body);
        var digest = Base64Url.DecodeFromChars(body!["value"]);
        return body["alg"] == "ES256" && digest.Length == 32
            ? Results.Json(new { kid = Key + "/7f3a", value = Answer ?? Base64Url.EncodeToString(key.SignHash(digest)) })
            : Results.BadRequest();
    }

    private static X509Certificate2 Certificate()
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=vault", own, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}

/// <summary>A token for whatever is asked for.</summary>
internal sealed class TestCredential : TokenCredential
{
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        new($"token-of-{string.Join(' ', requestContext.Scopes)}", TimeProvider.System.GetUtcNow().AddHours(1));

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        new(GetToken(requestContext, cancellationToken));
}
