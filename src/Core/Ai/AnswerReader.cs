using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Countersign.Canonical;
using Countersign.Language;
using Countersign.Schemas;

namespace Countersign.Ai;

/// <summary>What became of an answer that should be JSON.</summary>
/// <param name="Value">The value; null where the answer is wrong.</param>
/// <param name="Errors">What is wrong with it, in words that hold nothing of the answer; empty where it is right.</param>
/// <param name="IsIncomplete">Whether it is wrong because it may not be the whole answer.</param>
public sealed record ReadAnswer(JsonElement? Value, ImmutableArray<string> Errors, bool IsIncomplete = false);

/// <summary>
/// Reads JSON out of a model's answer, where there is no doubt what is meant: the whole of it, behind a byte order mark or the end of its thinking,
/// or the one fence in it. Duplicates are refused.
/// </summary>
public static class AnswerReader
{
    private const int MostErrors = 20;
    private const string Fence = "```";
    private const string ThinkingBegins = "<think>";
    private const string ThinkingEnds = "</think>";
    private const string Language = "json";

    private static readonly SearchValues<char> LanguageCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-_.");

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = CanonicalJson.MaxDepth };

    /// <summary>Reads and checks an answer.</summary>
    /// <param name="text">The answer.</param>
    /// <param name="schema">What it must satisfy.</param>
    /// <param name="finish">Why it ended.</param>
    public static ReadAnswer Read(string text, JsonSchema schema, ModelFinish finish = ModelFinish.Stop)
    {
        if (finish == ModelFinish.Unfinished)
        {
            return Incomplete("The answer did not finish.");
        }

        if (IsUnendedThought(text))
        {
            return Incomplete("The thinking has no end, so there is no answer behind it.");
        }

        var said = Said(text);
        var isCut = finish == ModelFinish.Length;
        var (value, problem) = Parse(said);
        if (value is null && problem is JsonException && Fenced(said, out var isWhole) is { } fenced)
        {
            if (isCut && !isWhole)
            {
                return Incomplete("The text around the fence was cut off.");
            }

            (value, problem) = Parse(fenced);
        }

        if (value is not { } read)
        {
            return new ReadAnswer(null, [Words(problem!)]);
        }

        // Every other value shows its end; the first digits of a number are a number too.
        if (isCut && read.ValueKind == JsonValueKind.Number)
        {
            return Incomplete("The answer was cut off, so the number may lack digits.");
        }

        var result = schema.Validate(read);
        return result.Valid
            ? new ReadAnswer(read, [])
            : new ReadAnswer(null, [.. result.Errors.Take(MostErrors).Select(error => $"{(error.InstanceLocation.Length == 0 ? "/" : error.InstanceLocation)}: {error.Message}")]);
    }

    /// <summary>Whether a text has nothing to read behind the thinking: only blanks and characters that are not visible, or thinking that does not end.</summary>
    /// <param name="text">The answer.</param>
    public static bool IsBlank(string text) => IsUnendedThought(text) || Seen(text).IsEmpty;

    private static ReadAnswer Incomplete(string error) => new(null, [error], IsIncomplete: true);

    private static bool IsUnendedThought(string text) => Seen(text).StartsWith(ThinkingBegins, StringComparison.OrdinalIgnoreCase);

    // From the first character behind the thinking that a reader can see.
    private static ReadOnlySpan<char> Seen(string text)
    {
        var said = Said(text).Span;
        var at = 0;
        foreach (var rune in said.EnumerateRunes())
        {
            if (!Rune.IsWhiteSpace(rune) && !HiddenCharacter.Is(rune))
            {
                return said[at..];
            }

            at += rune.Utf16SequenceLength;
        }

        return [];
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
        var end = text.LastIndexOf(ThinkingEnds, StringComparison.OrdinalIgnoreCase);
        var said = text.AsMemory(end < 0 ? 0 : end + ThinkingEnds.Length).Trim();
        return said.Span.StartsWith("\ufeff", StringComparison.Ordinal) ? said[1..].Trim() : said;
    }

    /// <summary>What is in the fence around the whole of an answer, or in the only one in it; null where there is no such fence.</summary>
    private static ReadOnlyMemory<char>? Fenced(ReadOnlyMemory<char> text, out bool isWhole)
    {
        isWhole = false;
        var span = text.Span;
        var first = span.IndexOf(Fence, StringComparison.Ordinal);
        var last = span.LastIndexOf(Fence, StringComparison.Ordinal);
        if (first < 0 || last < first + Fence.Length)
        {
            return null;
        }

        isWhole = first == 0 && last == span.Length - Fence.Length;
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
