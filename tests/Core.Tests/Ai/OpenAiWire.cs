using System.Text.Json;
using Countersign.Core.Tests.Egress;
using Microsoft.AspNetCore.Http;

namespace Countersign.Core.Tests.Ai;

/// <summary>What a server says that speaks OpenAI's chat interface.</summary>
internal static class OpenAiWire
{
    public static Task AnswerAsync(HttpContext context, string text, string model, int promptTokens, int outputTokens, bool truncated) =>
        context.Json(JsonSerializer.Serialize(new
        {
            id = "c-1",
            @object = "chat.completion",
            created = 1,
            model,
            choices = new[] { new { index = 0, finish_reason = truncated ? "length" : "stop", message = new { role = "assistant", content = text } } },
            usage = new { prompt_tokens = promptTokens, completion_tokens = outputTokens, total_tokens = promptTokens + outputTokens },
        }));

    public static async Task StreamAsync(HttpContext context, IReadOnlyList<string> parts, int promptTokens, int outputTokens, bool complete)
    {
        context.Response.ContentType = "text/event-stream";
        async Task SendAsync(object choices, object? usage = null) =>
            await context.Response.WriteAsync($"data: {JsonSerializer.Serialize(new { id = "c-1", @object = "chat.completion.chunk", created = 1, model = "m-1", choices, usage })}\n\n");
        foreach (var part in parts)
        {
            await SendAsync(new[] { new { index = 0, delta = new { role = "assistant", content = part }, finish_reason = (string?)null } });
        }

        if (complete)
        {
            await SendAsync(new[] { new { index = 0, delta = new { }, finish_reason = "stop" } });
            await SendAsync(Array.Empty<object>(), new { prompt_tokens = promptTokens, completion_tokens = outputTokens, total_tokens = promptTokens + outputTokens });
            await context.Response.WriteAsync("data: [DONE]\n\n");
        }
    }
}
