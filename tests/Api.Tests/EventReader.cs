using System.Text.Json;

namespace Countersign.Api.Tests;

/// <summary>One server-sent event.</summary>
internal sealed record Received(long Id, string Type, JsonElement Data);

/// <summary>Reads server-sent events off a connection.</summary>
internal sealed class EventReader : IDisposable
{
    private readonly HttpResponseMessage response;
    private readonly StreamReader reader;

    private EventReader(HttpResponseMessage response, StreamReader reader) => (this.response, this.reader) = (response, reader);

    /// <summary>How many comments came.</summary>
    public int Comments { get; private set; }

    public static async Task<EventReader> OpenAsync(HttpClient client, string path, long? lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is { } id)
        {
            request.Headers.Add("Last-Event-ID", id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return new EventReader(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    public static async Task<IReadOnlyList<Received>> ReadAllAsync(HttpClient client, string path, long? lastEventId)
    {
        using var events = await OpenAsync(client, path, lastEventId);
        var all = new List<Received>();
        while (await events.NextAsync() is { } next)
        {
            all.Add(next);
        }

        return all;
    }

    /// <summary>The next event; null at the end.</summary>
    public async Task<Received?> NextAsync()
    {
        (long id, string type, string data) = (0, "", "");
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Length == 0 && data.Length > 0)
            {
                return new Received(id, type, JsonElement.Parse(data));
            }

            Comments += line.StartsWith(':') ? 1 : 0;
            id = line.StartsWith("id: ", StringComparison.Ordinal) ? long.Parse(line.AsSpan(4), System.Globalization.CultureInfo.InvariantCulture) : id;
            type = line.StartsWith("event: ", StringComparison.Ordinal) ? line[7..] : type;
            data = line.StartsWith("data: ", StringComparison.Ordinal) ? line[6..] : data;
        }

        return null;
    }

    /// <summary>Reads until a comment comes.</summary>
    public async Task<string> CommentAsync()
    {
        string? line;
        while ((line = await reader.ReadLineAsync()) is not null && !line.StartsWith(':'))
        {
        }

        return line ?? "";
    }

    /// <summary>All lines to the end.</summary>
    public async Task<IReadOnlyList<string>> RestAsync()
    {
        var lines = new List<string>();
        while (await reader.ReadLineAsync() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }
}
