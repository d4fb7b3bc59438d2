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
        if (Choice(body, null) is not { } choice || !choice.TryGetProperty("message", out var message) || message.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        return Bytes(body, "chat.completion", new JsonObject
        {
            ["index"] = 0,
            ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = TextOf(message) ?? "", ["refusal"] = RefusalOf(message) },
            ["finish_reason"] = Word(Meaning(body, choice, message)) ?? OtherFinish,
        });
    }

    /// <summary>A part of a streamed answer.</summary>
    /// <param name="body">The part.</param>
    /// <param name="heard">What the parts before it said; it is changed.</param>
    /// <returns>The part; null where it is none.</returns>
    public static byte[]? Part(JsonElement body, OpenAiHeard heard)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        heard.Any = true;
        if (Choice(body, heard) is not { } choice)
        {
            return Bytes(body, "chat.completion.chunk", null);
        }

        var delta = new JsonObject();
        choice.TryGetProperty("delta", out var said);
        var finish = Meaning(body, choice, said);
        heard.Add(finish);
        if (said.ValueKind == JsonValueKind.Object)
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

        return Bytes(body, "chat.completion.chunk", new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finish is null ? null : Word(heard.Finish) });
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

    // One question has one answer. The parts of a stream that belong to another choice are no part of it.
    private static JsonElement? Choice(JsonElement body, OpenAiHeard? heard)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("choices", out var choices) || choices.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var all = choices.EnumerateArray().Where(choice => choice.ValueKind == JsonValueKind.Object).ToArray();
        if (all.Length == 0)
        {
            return null;
        }

        var place = heard?.Choice ?? (Array.Exists(all, choice => IndexOf(choice) == 0) ? 0 : IndexOf(all[0]));
        if (heard is not null)
        {
            heard.Choice = place;
        }

        return Array.FindIndex(all, choice => IndexOf(choice) == place) is >= 0 and var found ? all[found] : null;
    }

    private static double IndexOf(JsonElement choice) =>
        choice.TryGetProperty("index", out var index) && index.ValueKind == JsonValueKind.Number ? index.GetDouble() : 0;

    // The text beside a tool call is a preamble: no tools are declared, so the call is not made and there is no answer.
    private static bool IsUnfinished(JsonElement body, JsonElement choice, JsonElement message) =>
        Calls(message)
        || Incomplete(body)
        || Incomplete(choice)
        || Incomplete(message);

    private static bool Calls(JsonElement message) =>
        message.ValueKind == JsonValueKind.Object
        && ((message.TryGetProperty("tool_calls", out var tools) && tools.ValueKind == JsonValueKind.Array && tools.GetArrayLength() > 0)
            || (message.TryGetProperty("function_call", out var function) && function.ValueKind == JsonValueKind.Object));

    private static bool Incomplete(JsonElement value) =>
        FinishWord.Meaning(Word(value, "status")) is ModelFinish.Unfinished or ModelFinish.Refused
        || (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("incomplete_details", out var details) && details.ValueKind == JsonValueKind.Object);

    private static ModelFinish? Meaning(JsonElement body, JsonElement choice, JsonElement message) =>
        OpenAiHeard.Worse(Meaning(choice), IsUnfinished(body, choice, message) ? ModelFinish.Unfinished : null);

    // Some servers send an object with a type instead of the word. What is no word at all says nothing known.
    private static ModelFinish? Meaning(JsonElement choice) =>
        !choice.TryGetProperty("finish_reason", out var reason) || reason.ValueKind == JsonValueKind.Null ? null
        : reason.ValueKind == JsonValueKind.String ? FinishWord.Meaning(reason.GetString())
        : FinishWord.Meaning(Word(reason, "type")) ?? ModelFinish.Length;

    private static string? Word(ModelFinish? finish) => finish switch
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
            JsonValueKind.Array => string.Concat(content.EnumerateArray().Where(IsText).Select(part => Word(part, "text"))),
            _ => null,
        };
    }

    // Parts of other types, such as the model's thinking, are no part of the answer.
    private static bool IsText(JsonElement part) => Word(part, "type") is null or "text" or "output_text";

    private static string? RefusalOf(JsonElement message)
    {
        if (Word(message, "refusal") is { Length: > 0 } refusal)
        {
            return refusal;
        }

        return message.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array
            && content.EnumerateArray().FirstOrDefault(part => Word(part, "type") == "refusal") is { ValueKind: JsonValueKind.Object } refused
                ? Word(refused, "refusal") ?? "refusal"
                : null;
    }

    private static string? Word(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}
