using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Countersign.Egress;
using Microsoft.AspNetCore.Http;

namespace Countersign.Core.Tests.Egress;

public sealed class EgressHandlerTests
{
    private static readonly IPAddress Public = IPAddress.Parse("93.184.215.14");

    [Fact]
    public async Task SendAsync_HostileUrls_AllRefusedWithoutAConnection()
    {
        var dialed = 0;
        using var invoker = new HttpMessageInvoker(new EgressHandler(new EgressOptions(), (host, _) => new(HostileUrls.Resolve(host)), (_, _, _) =>
        {
            dialed++;
            throw new SocketException((int)SocketError.ConnectionRefused);
        }));
        var count = 0;
        foreach (var text in HostileUrls.All)
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
            {
                continue;
            }

            // The handler itself, because a client refuses some schemes before it is asked.
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            var exception = await Record.ExceptionAsync(() => invoker.SendAsync(request, default));
            Assert.True(exception is EgressRefusedException, $"{text}: {exception?.GetType().Name} {exception?.Message}");
            count++;
        }

        Assert.True(count >= 150, $"Only {count} URLs were tried.");
        Assert.Equal(0, dialed);
    }

    [Fact]
    public async Task SendAsync_RebindingName_ConnectsOnlyToWhatWasChecked()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("{}"));
        var dialed = new ConcurrentQueue<IPAddress>();
        var (resolved, refused) = (0, 0);
        for (var round = 0; round < 1000; round++)
        {
            var (first, at) = (true, round);

            // Public when it is checked, inside when it is asked again, and now and then both at once.
            ResolveHost rebinding = (_, _) =>
            {
                resolved++;
                IReadOnlyList<IPAddress> answer = at % 3 == 2 ? [Public, IPAddress.Loopback] : first ? [Public] : [IPAddress.Loopback];
                first = false;
                return new(answer);
            };
            using var client = Client(new EgressOptions(), rebinding, async (address, _, cancellationToken) =>
            {
                dialed.Enqueue(address);
                return await DialAsync(server.Port, cancellationToken);
            });
            try
            {
                using var response = await client.GetAsync(new Uri("http://rebind.example/"));
                Assert.NotEqual(2, at % 3);
            }
            catch (EgressRefusedException exception)
            {
                Assert.Equal((EgressCodes.BlockedAddress, 2), (exception.Code, at % 3));
                refused++;
            }
        }

        Assert.Equal(1000, resolved);
        Assert.Equal(333, refused);
        Assert.Equal(667, dialed.Count);
        Assert.All(dialed, address => Assert.Equal(Public, address));
    }

    [Theory]
    [InlineData("127.0.0.1:{0}", true)]
    [InlineData("127.0.0.0/8:*", true)]
    [InlineData("127.0.0.0/8:{0}", true)]
    [InlineData("127.0.0.1:1", false)]
    [InlineData("127.0.0.2:{0}", false)]
    [InlineData("localhost:{0}", false)]
    [InlineData("[::1]:{0}", false)]
    public async Task SendAsync_AllowList_OpensExactlyWhatItNames(string entry, bool allowed)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("{}"));
        using var client = Client(new EgressOptions { Allowed = [string.Format(System.Globalization.CultureInfo.InvariantCulture, entry, server.Port)] });

        var exception = await Record.ExceptionAsync(() => client.GetAsync(new Uri(server.Url)));

        Assert.Equal(allowed, exception is null);
        Assert.Equal(allowed ? 1 : 0, server.Requests.Count);
    }

    [Fact]
    public async Task SendAsync_AllowedByName_OnlyThatName()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("{}"));
        ResolveHost resolve = (_, _) => new([IPAddress.Loopback]);
        using var client = Client(new EgressOptions { Allowed = [$"Inside.Example:{server.Port}"] }, resolve);

        using var response = await client.GetAsync(new Uri($"http://inside.example:{server.Port}/"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Assert.ThrowsAsync<EgressRefusedException>(() => client.GetAsync(new Uri($"http://outside.example:{server.Port}/")));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData(":80")]
    [InlineData("localhost:0")]
    [InlineData("localhost:65536")]
    [InlineData("localhost:http")]
    [InlineData("10.0.0.0/33:80")]
    [InlineData("fd00::/8:80")]
    public void Constructor_BadAllowList_Refused(string entry)
    {
        var exception = Record.Exception(() => new EgressHandler(new EgressOptions { Allowed = [entry] }));

        Assert.IsType<FormatException>(exception);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public async Task SendAsync_Redirects_ThreeAreFollowed(int redirects, bool arrives)
    {
        await using var server = await LocalServer.StartAsync((context, asked) =>
        {
            var left = int.Parse(asked.Path.Trim('/'), System.Globalization.CultureInfo.InvariantCulture);
            return left == 0 ? context.Json("{}") : context.Redirect($"/{left - 1}", 302);
        });
        using var client = Client(new EgressOptions { Allowed = [server.Target] });

        var exception = await Record.ExceptionAsync(() => client.GetAsync(new Uri($"{server.Url}/{redirects}")));

        Assert.Equal(arrives ? null : EgressCodes.TooManyRedirects, (exception as EgressRefusedException)?.Code);
        Assert.Equal(4, server.Requests.Count);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/", EgressCodes.BlockedAddress)]
    [InlineData("http://[::1]/", EgressCodes.BlockedAddress)]
    [InlineData("//169.254.169.254/latest/meta-data", EgressCodes.BlockedAddress)]
    [InlineData("http://user:pw@127.0.0.1/", EgressCodes.CredentialsInUrl)]
    [InlineData("file:///etc/passwd", EgressCodes.Scheme)]
    [InlineData("ftp://public.example/", EgressCodes.Scheme)]
    public async Task SendAsync_RedirectToWhatIsRefused_IsCheckedLikeAFirstCall(string location, string code)
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Redirect(location, 302));
        using var client = Client(new EgressOptions { Allowed = [server.Target] });

        var exception = await Assert.ThrowsAsync<EgressRefusedException>(() => client.GetAsync(new Uri(server.Url)));

        Assert.Equal(code, exception.Code);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task SendAsync_RedirectToAnotherOrigin_CredentialsStayBehind()
    {
        await using var other = await LocalServer.StartAsync((context, _) => context.Json("{}"));
        await using var server = await LocalServer.StartAsync((context, asked) => asked.Path == "/own" ? context.Redirect("/next", 307) : context.Redirect(other.Url + "/there", 307));
        using var client = Client(new EgressOptions { Allowed = [server.Target, other.Target] });
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Url + "/own") { Content = new StringContent("body", Encoding.UTF8, "text/x-own") };
        foreach (var (name, value) in new[] { ("Authorization", "Bearer k"), ("Cookie", "c=1"), ("X-Api-Key", "k"), ("api-key", "k"), ("Idempotency-Key", "i"), ("Accept", "text/plain") })
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request);

        Assert.Equal("Bearer k", server.Requests.Last().Headers["Authorization"]);
        Assert.Equal("k", server.Requests.Last().Headers["X-Api-Key"]);
        var arrived = Assert.Single(other.Requests);
        Assert.Equal(("POST", "body", "text/x-own; charset=utf-8", "text/plain"), (arrived.Method, arrived.Body, arrived.Headers["Content-Type"], arrived.Headers["Accept"]));
        foreach (var name in new[] { "Authorization", "Cookie", "X-Api-Key", "api-key", "Idempotency-Key" })
        {
            Assert.DoesNotContain(name, arrived.Headers.Keys);
        }
    }

    [Theory]
    [InlineData("POST", 301, "GET")]
    [InlineData("POST", 302, "GET")]
    [InlineData("POST", 303, "GET")]
    [InlineData("PUT", 303, "GET")]
    [InlineData("PUT", 301, "PUT")]
    [InlineData("DELETE", 302, "DELETE")]
    [InlineData("HEAD", 303, "HEAD")]
    [InlineData("POST", 307, "POST")]
    [InlineData("POST", 308, "POST")]
    public async Task SendAsync_Redirect_MethodAndBodyFollowTheFetchStandard(string method, int status, string then)
    {
        await using var server = await LocalServer.StartAsync((context, asked) => asked.Path == "/" ? context.Redirect("/next", status) : Task.CompletedTask);
        using var client = Client(new EgressOptions { Allowed = [server.Target] });
        using var request = new HttpRequestMessage(new HttpMethod(method), server.Url);
        if (method != "HEAD")
        {
            request.Content = new StringContent("body");
        }

        using var response = await client.SendAsync(request);

        var last = server.Requests.Last();
        Assert.Equal(then, last.Method);
        Assert.Equal(then is "GET" or "HEAD" ? "" : "body", last.Body);
        Assert.Equal(then is not ("GET" or "HEAD"), last.Headers.ContainsKey("Content-Type"));
    }

    [Fact]
    public async Task SendAsync_ConfidentialBodyToAnotherOrigin_Refused()
    {
        await using var other = await LocalServer.StartAsync((context, _) => context.Json("{}"));
        await using var server = await LocalServer.StartAsync((context, _) => context.Redirect(other.Url, 307));
        using var client = Client(new EgressOptions { Allowed = [server.Target, other.Target] });
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Url) { Content = new StringContent("secret") };
        request.Options.Set(EgressRequest.ConfidentialBody, true);

        var exception = await Assert.ThrowsAsync<EgressRefusedException>(() => client.SendAsync(request));

        Assert.Equal(EgressCodes.ConfidentialBody, exception.Code);
        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task SendAsync_LargeResponse_CutOffWhetherItSaysItsLengthOrNot(bool length, bool compressed)
    {
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            var body = new byte[200_000];
            if (length)
            {
                context.Response.ContentLength = body.Length;
            }

            if (compressed)
            {
                context.Response.Headers.ContentEncoding = "gzip";
                await using var zip = new System.IO.Compression.GZipStream(context.Response.Body, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true);
                await zip.WriteAsync(body);
                return;
            }

            await context.Response.Body.WriteAsync(body);
        });
        using var client = Client(new EgressOptions { Allowed = [server.Target], MaxResponseBytes = 100_000 });

        var exception = await Record.ExceptionAsync(() => client.GetByteArrayAsync(new Uri(server.Url)));

        Assert.Equal(EgressCodes.ResponseTooLarge, EgressRefusedException.In(exception)?.Code);
    }

    [Fact]
    public async Task SendAsync_ResponseOfExactlyTheLimit_Read()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Response.Body.WriteAsync(new byte[1000]).AsTask());
        using var client = Client(new EgressOptions { Allowed = [server.Target], MaxResponseBytes = 1000 });

        Assert.Equal(1000, (await client.GetByteArrayAsync(new Uri(server.Url))).Length);
    }

    [Fact]
    public async Task SendAsync_LargeHead_Refused()
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.Headers["X-Large"] = new string('x', 5000);
            return Task.CompletedTask;
        });
        using var client = Client(new EgressOptions { Allowed = [server.Target], MaxResponseHeaderKilobytes = 4 });

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri(server.Url)));
    }

    [Fact]
    public async Task SendAsync_CookieIsSet_NotSentBack()
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.Headers.SetCookie = "a=1";
            return Task.CompletedTask;
        });
        using var client = Client(new EgressOptions { Allowed = [server.Target] });

        using var first = await client.GetAsync(new Uri(server.Url));
        using var second = await client.GetAsync(new Uri(server.Url));

        Assert.All(server.Requests, asked => Assert.False(asked.Headers.ContainsKey("Cookie")));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task SendAsync_FirstAddressDead_NextCheckedOneIsTried()
    {
        await using var server = await LocalServer.StartAsync((context, _) => context.Json("{}"));
        List<IPAddress> dialed = [];
        using var client = Client(new EgressOptions(), (_, _) => new([Public, IPAddress.Parse("1.1.1.1")]), async (address, _, cancellationToken) =>
        {
            dialed.Add(address);
            return dialed.Count == 1 ? throw new SocketException((int)SocketError.ConnectionRefused) : await DialAsync(server.Port, cancellationToken);
        });

        using var response = await client.GetAsync(new Uri("http://public.example/"));

        Assert.Equal([Public, IPAddress.Parse("1.1.1.1")], dialed);
    }

    [Fact]
    public void Send_Synchronous_NotOffered()
    {
        using var client = Client(new EgressOptions());
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://127.0.0.1/");

        Assert.Throws<NotSupportedException>(() => client.Send(request));
    }

    private static HttpClient Client(EgressOptions options, ResolveHost? resolve = null, DialAddress? dial = null) =>
        new(new EgressHandler(options, resolve, dial)) { Timeout = Timeout.InfiniteTimeSpan };

    private static async Task<Stream> DialAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
