using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Countersign.Api.Live;

/// <summary>Where events go: a stream of server-sent events, or a WebSocket.</summary>
internal interface IEventSink : IAsyncDisposable
{
    /// <summary>Sends an event.</summary>
    Task SendAsync(CloudEvent happened, CancellationToken cancellation);

    /// <summary>Sends what a model is saying. It moves no cursor.</summary>
    Task SendAsync(DeltaEvent said, CancellationToken cancellation);

    /// <summary>Says that nothing happened for a while, so that whatever is in between keeps the connection.</summary>
    Task BeatAsync(CancellationToken cancellation);
}

/// <summary>Opens what the request asks for.</summary>
internal static class EventSinks
{
    /// <summary>Opens the sink.</summary>
    /// <param name="context">The request.</param>
    /// <param name="end">Canceled where the reader says that it goes.</param>
    public static async Task<IEventSink> OpenAsync(HttpContext context, CancellationTokenSource end)
    {
        if (context.WebSockets.IsWebSocketRequest)
        {
            return new SocketSink(await context.WebSockets.AcceptWebSocketAsync(), end);
        }

        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync("retry: 1000\n\n", end.Token);
        await context.Response.Body.FlushAsync(end.Token);
        return new StreamSink(context.Response);
    }
}

/// <summary>Server-sent events (WHATWG HTML, section 9.2).</summary>
internal sealed class StreamSink(HttpResponse response) : IEventSink
{
    /// <inheritdoc/>
    public Task SendAsync(CloudEvent happened, CancellationToken cancellation) => WriteAsync(
        $"id: {happened.Sequence}\nevent: {happened.Type}\ndata: {JsonSerializer.Serialize(happened, ApiJson.Default.CloudEvent)}\n\n", cancellation);

    /// <inheritdoc/>
    public Task SendAsync(DeltaEvent said, CancellationToken cancellation) => WriteAsync(
        $"event: {said.Type}\ndata: {JsonSerializer.Serialize(said, ApiJson.Default.DeltaEvent)}\n\n", cancellation);

    /// <inheritdoc/>
    public Task BeatAsync(CancellationToken cancellation) => WriteAsync(": still here\n\n", cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task WriteAsync(string text, CancellationToken cancellation)
    {
        await response.WriteAsync(text, cancellation);
        await response.Body.FlushAsync(cancellation);
    }
}

/// <summary>One text message for each event. The reader says nothing; what it sends is dropped.</summary>
internal sealed class SocketSink : IEventSink
{
    private readonly WebSocket socket;
    private readonly Task reading;

    public SocketSink(WebSocket socket, CancellationTokenSource end) => (this.socket, reading) = (socket, ReadAsync(socket, end));

    /// <inheritdoc/>
    public Task SendAsync(CloudEvent happened, CancellationToken cancellation) =>
        WriteAsync(JsonSerializer.SerializeToUtf8Bytes(happened, ApiJson.Default.CloudEvent), cancellation);

    /// <inheritdoc/>
    public Task SendAsync(DeltaEvent said, CancellationToken cancellation) =>
        WriteAsync(JsonSerializer.SerializeToUtf8Bytes(said, ApiJson.Default.DeltaEvent), cancellation);

    private async Task WriteAsync(byte[] message, CancellationToken cancellation)
    {
        try
        {
            await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellation);
        }
        catch (WebSocketException exception)
        {
            throw new OperationCanceledException("The reader has gone.", exception);
        }
    }

    /// <inheritdoc/>
    public Task BeatAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "end", CancellationToken.None);
                await reading.WaitAsync(TimeSpan.FromSeconds(5));
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or TimeoutException)
        {
            socket.Abort();
        }

        socket.Dispose();
    }

    // Somebody has to read, or a close and a ping of the other side are never seen.
    private static async Task ReadAsync(WebSocket socket, CancellationTokenSource end)
    {
        var buffer = new byte[256];
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)).MessageType is not WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It went without a word.
        }

        try
        {
            await end.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The stream has ended already.
        }
    }
}
