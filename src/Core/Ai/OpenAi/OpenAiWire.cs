using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Countersign.Ai;

/// <summary>
/// Writes what a server of the chat interface sent with the members that are read here, each in the form that the official client takes.
/// Servers fill the others with what they like, and the client refuses a whole answer because of one of them.
/// </summary>
internal static class OpenAiWire
{
    /// <summary>The finish that stands for any that the interface does not know; <see cref="ModelFinish.Other"/> is made of it.</summary>
    public const string OtherFinish = "function_call";

    /// <summary>The finish that stands for any that says "not finished"; <see cref="ModelFinish.Unfinished"/> is made of it. No tools are declared.</summary>
    private const string UnfinishedFinish = "tool_calls";

    /// <summary>A whole answer; null where it is none, and the client says so.</summary>
    public static byte[]? Completion(JsonElement body)
    {
        if (FirstChoice(body) is not { } choice || !choice.TryGetProperty("message", out var message) || message.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        return Bytes(body, "chat.completion", new JsonObject
        {
            ["index"] = 0,
            ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = TextOf(message) ?? "", ["refusal"] = RefusalOf(message) },
            ["finish_reason"] = Finish(choice) ?? OtherFinish,
        });
    }

    /// <summary>A part of a streamed answer.</summary>
    /// <param name="body">The part.</param>
    /// <param name="finished">Whether it says that the answer has ended.</param>
    /// <returns>The part; null where it is none.</returns>
    public static byte[]? Part(JsonElement body, out bool finished)
    {
        finished = false;
        if (body.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (FirstChoice(body) is not { } choice)
        {
            return Bytes(body, "chat.completion.chunk", null);
        }

        var finish = Finish(choice);
        finished = finish is not null;
        var delta = new JsonObject();
        if (choice.TryGetProperty("delta", out var said) && said.ValueKind == JsonValueKind.Object)
        {
            if (TextOf(said) is { } text)
            {
                delta["content"] = text;
            }

            if (RefusalOf(said) is { } refusal)
            {
                delta["refusal"] = refusal;
            }
        }

        return Bytes(body, "chat.completion.chunk", new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finish });
    }

    /// <summary>The part that ends a streamed answer whose server named no reason.</summary>
    public static byte[] LastPart() => Bytes(
        JsonElement.Parse("{}"u8), "chat.completion.chunk", new JsonObject { ["index"] = 0, ["delta"] = new JsonObject(), ["finish_reason"] = OtherFinish });

    private static byte[] Bytes(JsonElement body, string kind, JsonObject? choice)
    {
        var written = new JsonObject
        {
            ["id"] = Word(body, "id") ?? "",
            ["object"] = kind,
            ["created"] = 0,
            ["model"] = Word(body, "model") ?? "",
            ["choices"] = choice is null ? [] : new JsonArray(choice),
        };
        if (body.TryGetProperty("usage", out var usage)
            && TokenCount.Told(usage, "prompt_tokens") is { } prompt
            && TokenCount.Told(usage, "completion_tokens") is { } output)
        {
            written["usage"] = new JsonObject { ["prompt_tokens"] = prompt, ["completion_tokens"] = output, ["total_tokens"] = prompt + output };
        }

        return Encoding.UTF8.GetBytes(written.ToJsonString());
    }

    private static JsonElement? FirstChoice(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object
        && body.TryGetProperty("choices", out var choices)
        && choices.ValueKind == JsonValueKind.Array
        && choices.GetArrayLength() > 0
        && choices[0].ValueKind == JsonValueKind.Object
            ? choices[0]
            : null;

    private static string? Finish(JsonElement choice) => FinishWord.Meaning(Word(choice, "finish_reason")) switch
    {
        null => null,
        ModelFinish.Stop => "stop",
        ModelFinish.Length => "length",
        ModelFinish.Refused => "content_filter",
        ModelFinish.Unfinished => UnfinishedFinish,
        _ => OtherFinish,
    };

    private static string? TextOf(JsonElement message)
    {
        if (!message.TryGetProperty("content", out var content))
        {
            return null;
        }

        return content.ValueKind switch
        {
            JsonValueKind.String => content.GetString(),
            JsonValueKind.Array => string.Concat(content.EnumerateArray().Select(part => Word(part, "text"))),
            _ => null,
        };
    }

    private static string? RefusalOf(JsonElement message) => Word(message, "refusal") is { Length: > 0 } refusal ? refusal : null;

    private static string? Word(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}
