using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Countersign.Ledger;

namespace Countersign.Canonical;

/// <summary>Walks an element in canonical order and hashes what it would write.</summary>
internal sealed class CanonicalWalk(LargeIntegers integers) : IDisposable
{
    private const int BufferLength = 16 * 1024;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
    private int _length;

    public void Dispose()
    {
        _hash.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    public Hash256 Finish()
    {
        Flush();
        Span<byte> digest = stackalloc byte[Hash256.Length];
        _hash.GetHashAndReset(digest);
        return new Hash256(digest);
    }

    public void Value(JsonElement element, int depth)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                Object(element, Enter(depth));
                break;
            case JsonValueKind.Array:
                Array(element, Enter(depth));
                break;
            case JsonValueKind.String:
                Text(JsonMarshal.GetRawUtf8Value(element)[1..^1]);
                break;
            case JsonValueKind.Number:
                Span<byte> number = stackalloc byte[EcmaNumber.MaxLength];
                Append(number[..CanonicalNumber.Write(JsonMarshal.GetRawUtf8Value(element), integers, -1, number)]);
                break;
            default:
                Append(JsonMarshal.GetRawUtf8Value(element));
                break;
        }
    }

    private static int Enter(int depth) => depth < CanonicalJson.MaxDepth
        ? depth + 1
        : throw new CanonicalJsonException(
            CanonicalJsonErrorCodes.Depth, $"nested more than {CanonicalJson.MaxDepth} deep", -1);

    private void Array(JsonElement array, int depth)
    {
        Append("["u8);
        var first = true;
        foreach (var item in array.EnumerateArray())
        {
            if (!first)
            {
                Append(","u8);
            }

            first = false;
            Value(item, depth);
        }

        Append("]"u8);
    }

    private void Object(JsonElement element, int depth)
    {
        Append("{"u8);
        var members = Sorted(element);
        for (var i = 0; i < members.Length; i++)
        {
            if (i > 0)
            {
                Append(","u8);
            }

            Text(JsonMarshal.GetRawUtf8PropertyName(members[i].Property));
            Append(":"u8);
            Value(members[i].Property.Value, depth);
        }

        Append("}"u8);
    }

    private static (string Name, JsonProperty Property)[] Sorted(JsonElement element)
    {
        var members = new (string Name, JsonProperty Property)[element.GetPropertyCount()];
        var count = 0;
        foreach (var property in element.EnumerateObject())
        {
            members[count++] = (Name(property), property);
        }

        System.Array.Sort(members, static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        for (var i = 1; i < members.Length; i++)
        {
            if (members[i - 1].Name == members[i].Name)
            {
                throw new CanonicalJsonException(CanonicalJsonErrorCodes.DuplicateKey, "the object holds the same key twice", -1);
            }
        }

        return members;
    }

    private static string Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException error)
        {
            throw new CanonicalJsonException(
                CanonicalJsonErrorCodes.LoneSurrogate, "an escape names half of a surrogate pair", -1, error);
        }
    }

    private void Text(ReadOnlySpan<byte> source)
    {
        Append("\""u8);
        if (source.IndexOf((byte)'\\') < 0)
        {
            Append(source);
        }
        else
        {
            Escaped(source);
        }

        Append("\""u8);
    }

    private void Escaped(ReadOnlySpan<byte> source)
    {
        var scratch = ArrayPool<byte>.Shared.Rent(source.Length);
        try
        {
            Append(scratch.AsSpan(0, CanonicalText.Write(source, -1, scratch)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _buffer.Length - _length)
        {
            Flush();
            if (bytes.Length > _buffer.Length)
            {
                _hash.AppendData(bytes);
                return;
            }
        }

        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Flush()
    {
        _hash.AppendData(_buffer, 0, _length);
        _length = 0;
    }
}
