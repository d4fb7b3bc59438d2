using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Countersign.Canonical;

/// <summary>Names a place in a text as people name it.</summary>
internal static class JsonPlace
{
    /// <summary>The JSON pointer (RFC 6901) of the value at or around an offset; that of the innermost one that began before the text ended or broke.</summary>
    /// <param name="utf8">One JSON value.</param>
    /// <param name="offset">In bytes, from 0.</param>
    /// <param name="options">How the text is read.</param>
    public static string PointerAt(ReadOnlySpan<byte> utf8, long offset, JsonReaderOptions options)
    {
        var places = new Stack<Place>();
        var reader = new Utf8JsonReader(utf8, options);
        try
        {
            while (reader.Read() && reader.TokenStartIndex <= offset)
            {
                Step(ref reader, places);
            }
        }
        catch (JsonException)
        {
            // It goes no further than this.
        }

        return string.Concat(places.Reverse().Where(place => place.Name is not null).Select(place => "/" + Escape(place.Name!)));
    }

    private static void Step(ref Utf8JsonReader reader, Stack<Place> places)
    {
        if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
        {
            places.Pop();
        }
        else if (reader.TokenType is JsonTokenType.PropertyName)
        {
            places.Push(places.Pop() with { Name = NameOf(ref reader) });
        }
        else
        {
            if (places.TryPeek(out var around) && around.Index is { } index)
            {
                places.Pop();
                places.Push(new Place((index + 1).ToString(CultureInfo.InvariantCulture), index + 1));
            }

            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                places.Push(new Place(null, reader.TokenType is JsonTokenType.StartArray ? -1 : null));
            }
        }
    }

    private static string NameOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair has no text; the pointer says as much as it can.
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    // In an object or an array: the name or index that was read last.
    private readonly record struct Place(string? Name, int? Index);
}
