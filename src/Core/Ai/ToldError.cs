using System.Globalization;
using System.Text.Json;

namespace Countersign.Ai;

/// <summary>The error in a provider's body, as far as it may be kept: a provider's sentence may repeat the key or the prompt, its code is a word.</summary>
/// <param name="Word">The code or the type; null where it is no plain word.</param>
/// <param name="Status">The status that the error names, 400 to 599; null where it names none.</param>
internal sealed record ToldError(string? Word, int? Status)
{
    private const int LongestCode = 64;

    private static readonly string[] Limits = ["rate_limit", "insufficient_quota", "too_many_requests"];
    private static readonly string[] Faults = ["overloaded", "server_error", "internal", "unavailable", "timeout", "api_error"];

    /// <summary>The error of a body, or of one of its choices; null where it has none.</summary>
    public static ToldError? In(JsonElement body) =>
        Of(body)
        ?? (IsError(body) ? From(body) : null)
        ?? (body.ValueKind == JsonValueKind.Object && body.TryGetProperty("choices", out var choices) && choices.ValueKind == JsonValueKind.Array
            ? choices.EnumerateArray().Select(Of).FirstOrDefault(error => error is not null)
            : null);

    /// <summary>The error that a body is, where something beside the body says that it is one.</summary>
    public static ToldError From(JsonElement body) => Of(body)
        ?? (body.ValueKind == JsonValueKind.Object
            ? new ToldError(WordOf(body, "code") ?? WordOf(body, "type"), StatusOf(body, "code") ?? StatusOf(body, "status"))
            : new ToldError(null, null));

    private static bool IsError(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object
        && (Is(body, "object") || Is(body, "type"));

    private static bool Is(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() == "error";

    private static ToldError? Of(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("error", out var error) || error.ValueKind is JsonValueKind.Null or JsonValueKind.False)
        {
            return null;
        }

        return From(error);
    }

    /// <summary>The status that an answer of 200 with this error stands for.</summary>
    public int Meant() => Status
        ?? (Word is null ? 400
            : Array.Exists(Limits, word => Word.Contains(word, StringComparison.Ordinal)) ? 429
            : Array.Exists(Faults, word => Word.Contains(word, StringComparison.Ordinal)) ? 503
            : 400);

    private static string? WordOf(JsonElement error, string name) =>
        error.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 and <= LongestCode } word
        && !char.IsAsciiDigit(word[0])
        && word.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-' or '.')
            ? word
            : null;

    private static int? StatusOf(JsonElement error, string name)
    {
        if (!error.TryGetProperty(name, out var value))
        {
            return null;
        }

        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : value.ValueKind == JsonValueKind.Number ? value.GetRawText() : null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 400 and <= 599 ? status : null;
    }
}
