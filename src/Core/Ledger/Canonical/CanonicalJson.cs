using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Countersign.Ledger;

namespace Countersign.Canonical;

/// <summary>
/// The canonical form of JSON (RFC 8785): no white space, keys by UTF-16 code units, numbers as ECMAScript writes them,
/// strings with the fewest escapes. Equal values have equal bytes. Linear in the input's length but for sorting keys;
/// safe for concurrent use. See docs/canonical-json.md.
/// </summary>
public static class CanonicalJson
{
    /// <summary>How deep objects and arrays may be nested: 64.</summary>
    public const int MaxDepth = 64;

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = MaxDepth + 2 };

    // An element was parsed by somebody else, by rules of their own; comments and trailing commas mean nothing.
    private static readonly JsonReaderOptions Lenient =
        new() { MaxDepth = MaxDepth + 2, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Writes the canonical form of an element.</summary>
    /// <param name="element">Any JSON value.</param>
    /// <param name="output">Receives the bytes; nothing is written when an error is thrown.</param>
    /// <param name="integers">What to do with integers that would be rounded; refuse them by default.</param>
    /// <exception cref="CanonicalJsonException">The value has no canonical form; see <see cref="CanonicalJsonErrorCodes"/>.</exception>
    /// <exception cref="InvalidOperationException">The element is undefined, or its document is disposed of.</exception>
    public static void Write(JsonElement element, IBufferWriter<byte> output, LargeIntegers integers = LargeIntegers.Refuse)
    {
        var result = new ToWriter(output);
        Run(JsonMarshal.GetRawUtf8Value(element), Lenient, integers, ref result);
    }

    /// <summary>The canonical form of an element, in a new array; otherwise as <see cref="Write"/>.</summary>
    /// <exception cref="CanonicalJsonException">The value has no canonical form; see <see cref="CanonicalJsonErrorCodes"/>.</exception>
    public static byte[] ToBytes(JsonElement element, LargeIntegers integers = LargeIntegers.Refuse)
    {
        var result = new ToArray();
        Run(JsonMarshal.GetRawUtf8Value(element), Lenient, integers, ref result);
        return result.Bytes;
    }

    /// <summary>Parses strictly by RFC 8259 and gives the canonical form in a new array.</summary>
    /// <param name="utf8">One JSON value in UTF-8, without a byte order mark.</param>
    /// <param name="integers">What to do with integers that would be rounded; refuse them by default.</param>
    /// <exception cref="CanonicalJsonException">The text is not JSON or has no canonical form.</exception>
    public static byte[] Canonicalize(ReadOnlySpan<byte> utf8, LargeIntegers integers = LargeIntegers.Refuse)
    {
        var result = new ToArray();
        Run(utf8, Strict, integers, ref result);
        return result.Bytes;
    }

    /// <summary>Parses strictly by RFC 8259 and writes the canonical form.</summary>
    /// <param name="utf8">One JSON value in UTF-8, without a byte order mark.</param>
    /// <param name="output">Receives the bytes; nothing is written when an error is thrown.</param>
    /// <param name="integers">What to do with integers that would be rounded; refuse them by default.</param>
    /// <exception cref="CanonicalJsonException">The text is not JSON or has no canonical form.</exception>
    public static void Canonicalize(
        ReadOnlySpan<byte> utf8, IBufferWriter<byte> output, LargeIntegers integers = LargeIntegers.Refuse)
    {
        var result = new ToWriter(output);
        Run(utf8, Strict, integers, ref result);
    }

    /// <summary>SHA-256 and length of the canonical form of an element, for values that are small enough to be in memory whole.</summary>
    /// <param name="element">Any JSON value.</param>
    /// <exception cref="CanonicalJsonException">The value has no canonical form; see <see cref="CanonicalJsonErrorCodes"/>.</exception>
    internal static (Hash256 Hash, int Length) HashOf(JsonElement element)
    {
        var result = new ToHash();
        Run(JsonMarshal.GetRawUtf8Value(element), Lenient, LargeIntegers.Refuse, ref result);
        return (result.Hash, result.Length);
    }

    internal static void RequireUtf8(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
        {
            throw new CanonicalJsonException(CanonicalJsonErrorCodes.Syntax, "the text is not valid UTF-8", -1);
        }
    }

    private static void Run<TResult>(ReadOnlySpan<byte> text, JsonReaderOptions options, LargeIntegers integers, ref TResult result)
        where TResult : struct, IResult
    {
        RequireUtf8(text);
        using var pass = CanonicalPass.Rent(text.Length, integers);
        var reader = new Utf8JsonReader(text, options);
        try
        {
            pass.Run(ref reader);
            result.Take(pass.Written);
        }
        catch (JsonException error)
        {
            throw new CanonicalJsonException(CanonicalJsonErrorCodes.Syntax, error.Message, reader.BytesConsumed, error);
        }
        catch (CanonicalJsonException error) when (error.Offset >= 0)
        {
            throw new CanonicalJsonException(error, JsonPlace.PointerAt(text, error.Offset, options));
        }
    }

    private interface IResult
    {
        void Take(ReadOnlySpan<byte> written);
    }

    private readonly struct ToWriter(IBufferWriter<byte> output) : IResult
    {
        public void Take(ReadOnlySpan<byte> written) => output.Write(written);
    }

    private struct ToArray() : IResult
    {
        public byte[] Bytes { get; private set; } = [];

        public void Take(ReadOnlySpan<byte> written) => Bytes = written.ToArray();
    }

    private struct ToHash : IResult
    {
        public Hash256 Hash { get; private set; }

        public int Length { get; private set; }

        public void Take(ReadOnlySpan<byte> written) => (Hash, Length) = (Hash256.Of(written), written.Length);
    }
}
