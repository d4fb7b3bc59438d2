using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Canonical;
using Countersign.Schemas;

namespace Countersign.Ai;

/// <summary>What became of an answer that should be JSON.</summary>
/// <param name="Value">The value; null where the answer is wrong.</param>
/// <param name="Errors">What is wrong with it, in words that hold nothing of the answer; empty where it is right.</param>
public sealed record ReadAnswer(JsonElement? Value, ImmutableArray<string> Errors);

/// <summary>
/// Reads JSON out of a model's answer, where there is no doubt what is meant: the whole of it, behind a byte order mark or the end of its thinking,
/// or the one fence in it. Duplicates are refused.
/// </summary>
public static class AnswerReader
{
    private const int MostErrors = 20;
    private const string Fence = "```";
    private const string ThinkingEnds = "</think>";
    private const string Language = "json";

    private static readonly SearchValues<char> LanguageCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-_.");

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = CanonicalJson.MaxDepth };

    /// <summary>Reads and checks an answer.</summary>
    /// <param name="text">The answer.</param>
    /// <param name="schema">What it must satisfy.</param>
    public static ReadAnswer Read(string text, JsonSchema schema)
    {
        var said = Said(text);
        var (value, problem) = Parse(said);
        if (value is null && problem is JsonException && Fenced(said) is { } fenced)
        {
            (value, problem) = Parse(fenced);
        }

        if (value is not { } read)
        {
            return new ReadAnswer(null, [Words(problem!)]);
        }

        var result = schema.Validate(read);
        return result.Valid
            ? new ReadAnswer(read, [])
            : new ReadAnswer(null, [.. result.Errors.Take(MostErrors).Select(error => $"{(error.InstanceLocation.Length == 0 ? "/" : error.InstanceLocation)}: {error.Message}")]);
    }

    private static (JsonElement? Value, Exception? Problem) Parse(ReadOnlyMemory<char> text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            var value = document.RootElement.Clone();
            CanonicalJson.ToBytes(value);
            return (value, null);
        }
        catch (Exception exception) when (exception is JsonException or CanonicalJsonException or InvalidOperationException or ArgumentException)
        {
            return (null, exception);
        }
    }

    private static string Words(Exception problem) => problem switch
    {
        JsonException json => string.Create(CultureInfo.InvariantCulture, $"The answer is not JSON, or has a member twice (line {json.LineNumber + 1}, byte {json.BytePositionInLine + 1})."),
        CanonicalJsonException { Pointer.Length: > 0 } canonical => $"{canonical.Pointer}: {canonical.Rule}.",
        CanonicalJsonException canonical => $"The answer cannot be kept: {canonical.Rule}.",
        _ => "The answer holds half of a surrogate pair.",
    };

    // Local reasoning models say what they think before what they answer.
    private static ReadOnlyMemory<char> Said(string text)
    {
        var end = text.LastIndexOf(ThinkingEnds, StringComparison.Ordinal);
        var said = text.AsMemory(end < 0 ? 0 : end + ThinkingEnds.Length).Trim();
        return said.Span.StartsWith("\ufeff", StringComparison.Ordinal) ? said[1..].Trim() : said;
    }

    /// <summary>What is in the fence around the whole of an answer, or in the only one in it; null where there is no such fence.</summary>
    private static ReadOnlyMemory<char>? Fenced(ReadOnlyMemory<char> text)
    {
        var span = text.Span;
        var first = span.IndexOf(Fence, StringComparison.Ordinal);
        var last = span.LastIndexOf(Fence, StringComparison.Ordinal);
        if (first < 0 || last < first + Fence.Length)
        {
            return null;
        }

        var isWhole = first == 0 && last == span.Length - Fence.Length;
        if (!isWhole && span[(first + Fence.Length)..last].Contains(Fence, StringComparison.Ordinal))
        {
            return null;
        }

        // The word behind the fence is a language where the line ends behind it, or where it is the one that is meant.
        var inside = text[(first + Fence.Length)..last];
        var line = inside.Span.IndexOf('\n');
        var isNamed = line >= 0 && inside.Span[..line].Trim().IndexOfAnyExcept(LanguageCharacters) < 0;
        return isNamed ? inside[(line + 1)..].Trim()
            : inside.Span.StartsWith(Language, StringComparison.OrdinalIgnoreCase) ? inside[Language.Length..].Trim()
            : inside.Trim();
    }
}
