using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Canonical;
using Countersign.Schemas;

namespace Countersign.Ai;

/// <summary>What became of an answer that should be JSON.</summary>
/// <param name="Value">The value; null where the answer is wrong.</param>
/// <param name="Errors">What is wrong with it, in words that hold nothing of the answer; empty where it is right.</param>
public sealed record ReadAnswer(JsonElement? Value, ImmutableArray<string> Errors);

/// <summary>Reads JSON out of a model's answer: all of it or nothing, duplicates refused.</summary>
public static class AnswerReader
{
    private const int MostErrors = 20;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = CanonicalJson.MaxDepth };

    /// <summary>Reads and checks an answer.</summary>
    /// <param name="text">The answer; a Markdown fence around the whole of it is not part of it.</param>
    /// <param name="schema">What it must satisfy.</param>
    public static ReadAnswer Read(string text, JsonSchema schema)
    {
        JsonElement value;
        try
        {
            using var document = JsonDocument.Parse(Unfenced(text), Strict);
            value = document.RootElement.Clone();
            CanonicalJson.ToBytes(value);
        }
        catch (JsonException exception)
        {
            return new ReadAnswer(null, [$"The answer is not JSON, or has a member twice (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1})."]);
        }
        catch (Exception exception) when (exception is CanonicalJsonException or InvalidOperationException or ArgumentException)
        {
            return new ReadAnswer(null, ["The answer holds a number beyond the range of a double, or half of a surrogate pair."]);
        }

        var result = schema.Validate(value);
        return result.Valid
            ? new ReadAnswer(value, [])
            : new ReadAnswer(null, [.. result.Errors.Take(MostErrors).Select(error => $"{(error.InstanceLocation.Length == 0 ? "/" : error.InstanceLocation)}: {error.Message}")]);
    }

    private static ReadOnlyMemory<char> Unfenced(string text)
    {
        var trimmed = text.AsMemory().Trim();
        var span = trimmed.Span;
        if (!span.StartsWith("```", StringComparison.Ordinal) || !span.EndsWith("```", StringComparison.Ordinal) || span.Length < 6)
        {
            return trimmed;
        }

        var line = span.IndexOf('\n');
        return line < 0 || line > span.Length - 3 ? trimmed : trimmed[(line + 1)..^3].Trim();
    }
}
