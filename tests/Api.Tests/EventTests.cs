using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Countersign.Access;

namespace Countersign.Api.Tests;

public sealed class EventTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Run_Events_AreItsEntriesAsCloudEvents()
    {
        var run = (await server.StartAsync("hello", new { name = "sse" })).Text("id");
        var events = await EventReader.ReadAllAsync(server.Admin, $"/v1/executions/{run}/events", null);
        var log = (await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&limit=200")).Items();
        Assert.Equal(log.Select(entry => entry.GetProperty("sequence").GetInt64()), events.Select(happened => happened.Id));
        Assert.Equal(log.Select(entry => entry.Text("eventId")), events.Select(happened => happened.Data.Text("id")));
        Assert.All(events, happened =>
        {
            Assert.Equal("1.0", happened.Data.Text("specversion"));
            Assert.Equal("/v1/executions/" + run, happened.Data.Text("source"));
            Assert.Equal(happened.Type, happened.Data.Text("type"));
            Assert.Equal("application/json", happened.Data.Text("datacontenttype"));
        });
    }

    [Fact]
    public async Task Run_Ended_TellsAReaderThatSawAllOfItToStop()
    {
        var run = (await server.StartAsync("hello", new { name = "sse" })).Text("id");
        var last = (await EventReader.ReadAllAsync(server.Admin, $"/v1/executions/{run}/events", null))[^1].Id;
        using var again = await server.Admin.GetAsync($"/v1/executions/{run}/events?after={last}");
        Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
        Assert.Equal(last, Assert.Single(await EventReader.ReadAllAsync(server.Admin, $"/v1/executions/{run}/events", last - 1)).Id);
    }

    [Theory]
    [InlineData("abc", null)]
    [InlineData("-1", null)]
    [InlineData("99999999999999999999", null)]
    [InlineData(null, "x")]
    [InlineData(null, "-3")]
    public async Task Cursor_Bad_IsRefused(string? header, string? query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events" + (query is null ? "" : "?after=" + query));
        if (header is not null)
        {
            request.Headers.Add("Last-Event-ID", header);
        }

        await server.Admin.SendAsync(request).ProblemAsync(400, "request.invalid");
    }

    [Fact]
    public async Task Tenant_ReconnectingAtRandomCuts_LosesAndDoublesNothing()
    {
        using var admin = await server.InAsync("cuts", "root", Role.Admin);
        using var yaml = ApiServer.Yaml(Definitions.Hello());
        using var saved = await admin.PostAsync("/v1/workflows", yaml);
        await saved.ReadAsync(201);
        const int Runs = 40;
        var producing = Task.Run(async () =>
        {
            for (var n = 0; n < Runs; n++)
            {
                await server.StartAsync("hello", new { name = "n" + n }, admin);
            }
        });

        var seen = new List<Received>();
        var random = 20260301UL;
        while (seen.Count(happened => happened.Type == "run.completed") < Runs)
        {
            using var events = await EventReader.OpenAsync(admin, "/v1/events", seen.Count == 0 ? 0 : seen[^1].Id);
            random = (random * 6364136223846793005UL) + 1442695040888963407UL;
            for (var left = (int)(random >> 33) % 9 + 1; left > 0 && seen.Count(happened => happened.Type == "run.completed") < Runs; left--)
            {
                seen.Add((await events.NextAsync())!);
            }
        }

        await producing;
        var log = new List<long>();
        await foreach (var stored in server.Host.Api.Log.RangeAsync("cuts", 1, seen[^1].Id))
        {
            log.Add(Ledger.EntryCodec.Decode(stored.Bytes.Span).Sequence);
        }

        Assert.Equal(log, seen.Select(happened => happened.Id));
    }

    [Fact]
    public async Task Tenant_WithoutCursor_BeginsWithWhatHappensNext()
    {
        using var events = await EventReader.OpenAsync(server.Admin, "/v1/events", null);
        var run = (await server.StartAsync("hello", new { name = "next" })).Text("id");
        Assert.Equal("/v1/executions/" + run, (await events.NextAsync())!.Data.Text("source"));
    }

    [Theory]
    [InlineData("?after=0", null)]
    [InlineData("", "0")]
    public async Task Socket_OfARun_CarriesTheSameEvents(string query, string? header)
    {
        var (run, approval) = await server.StartApprovalAsync();
        using var socket = await ConnectAsync($"/v1/executions/{run}/events{query}", header);
        var decided = server.Approver.PostJsonAsync($"/v1/approvals/{approval.Text("id")}/decide", new { decision = "approved", shown = approval.Text("shownHash") });
        var received = await ReadAsync(socket);
        await decided;
        var stream = await EventReader.ReadAllAsync(server.Admin, $"/v1/executions/{run}/events", null);
        Assert.Equal(stream.Select(happened => happened.Data.GetRawText()), received.Select(happened => happened.GetRawText()));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task Socket_OfATenant_GoesOnAfterTheCursor()
    {
        var head = (await server.Admin.PostTextAsync("/v1/audit/verify", "", 200)).GetProperty("lastSequence").GetInt64();
        using var socket = await ConnectAsync($"/v1/events?after={head - 1}", null);
        Assert.Equal(head.ToString(System.Globalization.CultureInfo.InvariantCulture), (await NextAsync(socket))!.Value.Text("sequence"));
        var run = (await server.StartAsync("hello", new { name = "socket" })).Text("id");
        Assert.Equal("/v1/executions/" + run, (await NextAsync(socket))!.Value.Text("source"));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    [Fact]
    public async Task Socket_WithoutKeyOrOfAnotherTenant_IsRefused()
    {
        var (run, _) = await server.StartApprovalAsync();
        using var nobody = new ClientWebSocket();
        nobody.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => nobody.ConnectAsync(Socket($"/v1/executions/{run}/events"), CancellationToken.None));
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.HttpStatusCode);
        using var stranger = new ClientWebSocket();
        stranger.Options.CollectHttpResponseDetails = true;
        stranger.Options.SetRequestHeader("Authorization", server.Stranger.DefaultRequestHeaders.Authorization!.ToString());
        await Assert.ThrowsAsync<WebSocketException>(() => stranger.ConnectAsync(Socket($"/v1/executions/{run}/events"), CancellationToken.None));
        Assert.Equal(HttpStatusCode.NotFound, stranger.HttpStatusCode);
    }

    private static async Task<List<JsonElement>> ReadAsync(ClientWebSocket socket)
    {
        var all = new List<JsonElement>();
        while (await NextAsync(socket) is { } next)
        {
            all.Add(next);
        }

        return all;
    }

    private static async Task<JsonElement?> NextAsync(ClientWebSocket socket)
    {
        using var message = new MemoryStream();
        var buffer = new byte[4096];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, CancellationToken.None);
            if (part.MessageType is WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                return null;
            }

            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return JsonElement.Parse(message.ToArray());
            }
        }
    }

    private Uri Socket(string path) => new(server.Address.Replace("http://", "ws://", StringComparison.Ordinal) + path);

    private async Task<ClientWebSocket> ConnectAsync(string path, string? lastEventId)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", server.Admin.DefaultRequestHeaders.Authorization!.ToString());
        if (lastEventId is not null)
        {
            socket.Options.SetRequestHeader("Last-Event-ID", lastEventId);
        }

        await socket.ConnectAsync(Socket(path), CancellationToken.None);
        return socket;
    }
}
