using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Countersign.Access;
using Countersign.Api.Limits;

namespace Countersign.Api.Tests;

public sealed class LimitTests : IAsyncLifetime
{
    private readonly ApiServer server = new()
    {
        Limits = new ApiLimits { RequestsPerSecond = 20, Burst = 60, HeavyReads = 1, HeavyReadsWaiting = 2, Streams = 3 },
    };

    public Task InitializeAsync() => server.InitializeAsync();

    public Task DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Requests_MoreThanTheRate_Are429AndAnotherUserIsNot()
    {
        using var busy = await server.AsAsync("busy", Role.Viewer);
        using var quiet = await server.AsAsync("quiet", Role.Viewer);
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => busy.GetAsync("/v1/workflows")));

        var refused = answers.Where(answer => answer.StatusCode is HttpStatusCode.TooManyRequests).ToList();
        Assert.NotEmpty(refused);
        Assert.True(answers.Count(answer => answer.StatusCode is HttpStatusCode.OK) >= 60);
        Assert.All(refused, answer => Assert.True(answer.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1)));
        Assert.Equal("limit.requests", (await refused[0].ReadAsync(429)).Text("title"));
        await quiet.GetJsonAsync("/v1/workflows");
        foreach (var answer in answers)
        {
            answer.Dispose();
        }
    }

    [Fact]
    public async Task Denied_AgainAndAgain_FillsNoLog()
    {
        using var viewer = await server.AsAsync("denied", Role.Viewer);
        for (var request = 0; request < 150; request++)
        {
            using var answer = await viewer.PostAsync("/v1/executions", new StringContent("{}"));
            Assert.True(answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests);
        }

        var denied = await server.Host.Core.Parts.Ledger.ReadEntriesAsync(ApiServer.Tenant, 1, 1_000);
        Assert.InRange(denied.Select(stored => Ledger.EntryCodec.Decode(stored.Bytes.Span)).Count(entry => entry is { Type: "access.denied", Actor: "denied" }), 1, 100);
    }

    [Fact]
    public async Task Key_UnknownOrRevoked_IsInTheLog()
    {
        var made = await server.Admin.PostJsonAsync("/v1/api-keys", new { user = "leaver", roles = new[] { "viewer" } }, 201);
        using var leaver = server.With(made.Text("key"));
        using var revoked = await server.Admin.DeleteAsync("/v1/api-keys/" + made.Text("id"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/workflows");
        await leaver.SendAsync(request).ProblemAsync(401, "auth.invalid");
        using var stranger = server.With("cs_nobody");
        using var other = new HttpRequestMessage(HttpMethod.Get, "/v1/workflows");
        await stranger.SendAsync(other).ProblemAsync(401, "auth.invalid");

        var entry = Assert.Single((await server.Admin.GetJsonAsync("/v1/audit/events?type=auth.refused")).Items());
        Assert.Equal(("leaver", "revoked"), (entry.Text("actor"), entry.GetProperty("data").Text("reason")));
        Assert.Single(await server.Host.Core.Parts.Ledger.ReadEntriesAsync(ApiKeys.KeyTenant, 1, 10));
    }

    [Theory]
    [InlineData("{0} ")]
    [InlineData(" {0}")]
    [InlineData("{0}=")]
    [InlineData("{0}\t")]
    public async Task Key_WithAnythingAroundIt_IsNotTheKey(string form)
    {
        var (secret, _) = await server.Host.Api.Keys.CreateAsync(Principal.System(ApiServer.Tenant), "padded", [Role.Viewer]);
        var uri = new Uri(server.Address);
        using var socket = new TcpClient();
        await socket.ConnectAsync(uri.Host, uri.Port);
        await using var stream = socket.GetStream();
        var token = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, secret);

        // Blanks at the end of a header are the protocol's, and are taken off before anything of ours sees them.
        var padded = form is "{0} " or "{0}\t";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /v1/workflows HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream);
        Assert.Contains(padded ? " 200 " : " 401 ", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task Streams_MoreThanAUserMayHave_Are429UntilOneIsClosed()
    {
        using var auditor = await server.AsAsync("reader", Role.Auditor);
        var open = new List<EventReader>();
        for (var number = 0; number < 3; number++)
        {
            open.Add(await EventReader.OpenAsync(auditor, "/v1/events", null));
        }

        using (var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events"))
        {
            await auditor.SendAsync(request).ProblemAsync(429, "limit.streams");
        }

        open[0].Dispose();
        for (var look = 0; ; look++)
        {
            using var again = new HttpRequestMessage(HttpMethod.Get, "/v1/events");
            using var answer = await auditor.SendAsync(again, HttpCompletionOption.ResponseHeadersRead);
            if (answer.IsSuccessStatusCode)
            {
                break;
            }

            Assert.True(look < 100, "The place of a closed stream did not become free.");
            await Task.Delay(100);
        }

        open.ForEach(reader => reader.Dispose());
    }

    [Fact]
    public async Task HeavyReads_MoreThanMayWait_Are429AndTheOthersAreAnswered()
    {
        var run = (await server.StartAsync("hello", new { name = "heavy" })).Text("id");
        using var viewer = await server.AsAsync("heavy", Role.Viewer);
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => viewer.GetAsync($"/v1/executions/{run}/context")));

        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.TooManyRequests));
        Assert.Contains(answers, answer => answer.StatusCode is HttpStatusCode.OK);
        foreach (var answer in answers)
        {
            answer.Dispose();
        }
    }

    [Fact]
    public async Task Key_WithOneRoleTwice_IsRefusedByItsField()
    {
        var problem = await server.Admin.PostJsonAsync("/v1/api-keys", new { user = "twice", roles = new[] { "admin", "admin" } }, 422);
        Assert.Equal(("api-key.invalid", "/roles"), (problem.Text("title"), problem.GetProperty("errors")[0].Text("pointer")));
    }

    [Fact]
    public async Task AuditEvents_CursorBeyondEveryEntry_IsAnEmptyPage()
    {
        // A real cursor of the list begins with 12 digits that stand for the list; the sequence follows.
        var given = Encoding.ASCII.GetString(System.Buffers.Text.Base64Url.DecodeFromChars((await server.Admin.GetJsonAsync("/v1/audit/events?limit=1")).Text("cursor")));
        var cursor = System.Buffers.Text.Base64Url.EncodeToString(Encoding.ASCII.GetBytes(given[..12] + long.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Empty((await server.Admin.GetJsonAsync($"/v1/audit/events?cursor={cursor}")).Items());
    }

    [Fact]
    public async Task Stream_ReaderThatTakesNothing_IsDropped()
    {
        var (secret, _) = await server.Host.Api.Keys.CreateAsync(Principal.System(ApiServer.Tenant), "slow", [Role.Auditor]);
        var uri = new Uri(server.Address);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(uri.Host, uri.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /v1/events?after=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\n\r\n"));

        // More than every buffer between host and reader takes.
        var filler = new string('x', 8_000);
        for (var entry = 0; entry < 1_500; entry++)
        {
            await server.Host.Core.Parts.Ledger.CommitAsync(ApiServer.Tenant, new Ledger.LedgerCommit
            {
                Entries =
                [
                    new Ledger.EntryDraft
                    {
                        EventId = Ledger.EventId.Outside($"filler-{entry}", "custom.filler"), Type = "custom.filler", Actor = "test",
                        Payload = new Ledger.LogPayload().Add("filler", filler).ToBytes(),
                    },
                ],
            });
        }

        // The host gives up first; what it had sent until then is still there to be read, and then comes the end.
        await Task.Delay(TimeSpan.FromSeconds(13));
        var buffer = new byte[64 * 1024];
        long read = 0;
        try
        {
            int got;
            while ((got = await socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(10))) > 0)
            {
                read += got;
            }
        }
        catch (SocketException)
        {
            // It was reset, which is an end as well.
        }

        Assert.True(read < 1_500L * 8_000, $"{read} bytes came: the reader was not dropped.");
    }
}
