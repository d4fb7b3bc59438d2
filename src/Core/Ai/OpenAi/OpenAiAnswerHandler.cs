using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Countersign.Ai;

/// <summary>Hands the client library the answers of <see cref="OpenAiWire"/>; what is none passes as it is.</summary>
internal sealed class OpenAiAnswerHandler(HttpMessageHandler inner, ModelFailureHandler failures) : DelegatingHandler(inner)
{
    private const string EventStream = "text/event-stream";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            return response;
        }

        if (string.Equals(response.Content.Headers.ContentType?.MediaType, EventStream, StringComparison.OrdinalIgnoreCase))
        {
            var parts = new OpenAiPartStream(await response.Content.ReadAsStreamAsync(cancellationToken), failures);
            response.Content = new StreamContent(parts) { Headers = { ContentType = new MediaTypeHeaderValue(EventStream) } };
            return response;
        }

        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        response.Content = new ByteArrayContent(Rewritten(body) ?? body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return response;
    }

    private byte[]? Rewritten(byte[] body)
    {
        try
        {
            using var document = failures.Parse(body);
            return OpenAiWire.Completion(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Also where a text holds half of a surrogate pair: the client says what it makes of it.
            return null;
        }
    }
}

/// <summary>A stream of events whose parts are rewritten, one line at a time.</summary>
internal sealed class OpenAiPartStream(Stream inner, ModelFailureHandler failures) : Stream
{
    private const string Data = "data:";
    private const string Event = "event:";
    private const int LongestLine = 1024 * 1024;

    private readonly StreamReader reader = new(inner, Encoding.UTF8);
    private readonly OpenAiHeard heard = new();
    private ReadOnlyMemory<byte> ready;
    private string name = "";

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (ready.IsEmpty)
        {
            if (await reader.ReadLineAsync(cancellationToken) is not { } line)
            {
                return 0;
            }

            ready = Encoding.UTF8.GetBytes(line.Length > LongestLine ? line[..LongestLine] : Rewritten(line) + "\n");
        }

        var count = Math.Min(buffer.Length, ready.Length);
        ready[..count].CopyTo(buffer);
        ready = ready[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            reader.Dispose();
        }

        base.Dispose(disposing);
    }

    private string Rewritten(string line)
    {
        if (!line.StartsWith(Data, StringComparison.Ordinal))
        {
            name = line.Length == 0 ? "" : line.StartsWith(Event, StringComparison.Ordinal) ? line[Event.Length..].Trim() : name;
            return line;
        }

        var text = line[Data.Length..].Trim();
        if (text == "[DONE]")
        {
            return heard.Any && heard.Finish is null ? $"{Data} {Encoding.UTF8.GetString(OpenAiWire.LastPart())}\n\n{line}" : line;
        }

        try
        {
            using var document = failures.Parse(Encoding.UTF8.GetBytes(text));
            if (IsError)
            {
                throw failures.Told(ToldError.From(document.RootElement));
            }

            if (OpenAiWire.Part(document.RootElement, heard) is not { } part)
            {
                return line;
            }

            return $"{Data} {Encoding.UTF8.GetString(part)}";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return IsError ? throw failures.Told(new ToldError(null, null)) : line;
        }
    }

    private bool IsError => string.Equals(name, "error", StringComparison.OrdinalIgnoreCase);
}
