using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Countersign.Egress;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.Core.Tests.Ai;

/// <summary>A real HTTPS server with a certificate of its own, and connections that trust that one certificate.</summary>
internal sealed class SecureServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly X509Certificate2 certificate;

    private SecureServer(WebApplication app, X509Certificate2 certificate) => (this.app, this.certificate) = (app, certificate);

    public string Url { get; private set; } = "";

    public List<string> Paths { get; } = [];

    public List<string> Authorizations { get; } = [];

    public static async Task<SecureServer> StartAsync(RequestDelegate answer)
    {
        var certificate = MakeCertificate();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var server = new SecureServer(builder.Build(), certificate);
        server.app.Run(context =>
        {
            lock (server.Paths)
            {
                server.Paths.Add(context.Request.Path);
                server.Authorizations.Add(context.Request.Headers.Authorization.ToString());
            }

            return answer(context);
        });
        await server.app.StartAsync();
        server.Url = server.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return server;
    }

    /// <summary>Connections to this server.</summary>
    public EgressHandler Egress()
    {
        var egress = new EgressHandler(new EgressOptions { Allowed = [new Uri(Url).Authority] });
        var expected = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        ((SocketsHttpHandler)egress.InnerHandler!).SslOptions.RemoteCertificateValidationCallback =
            (_, shown, _, _) => shown?.GetCertHashString(HashAlgorithmName.SHA256) == expected;
        return egress;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        certificate.Dispose();
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
