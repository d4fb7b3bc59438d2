using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Countersign.Canonical;

/// <summary>
/// One pass over a JSON text that writes the canonical form as it goes. Members are written where they come; only an
/// object whose keys prove to be out of order is rearranged, once, when it ends. So sorted input costs no sorting.
/// </summary>
internal sealed class CanonicalPass(int sizeHint, LargeIntegers integers) : IDisposable
{
    private readonly Frame[] _frames = ArrayPool<Frame>.Shared.Rent(CanonicalJson.MaxDepth);
    private byte[] _output = ArrayPool<byte>.Shared.Rent(Math.Max(sizeHint, 64));
    private Member[] _members = ArrayPool<Member>.Shared.Rent(64);
    private int _length;
    private int _memberCount;
    private int _depth;

    public ReadOnlySpan<byte> Written => _output.AsSpan(0, _length);

    public void Dispose()
    {
        ArrayPool<Frame>.Shared.Return(_frames);
        ArrayPool<byte>.Shared.Return(_output);
        ArrayPool<Member>.Shared.Return(_members);
    }

    public void Run(ref Utf8JsonReader reader)
    {
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    Key(ref reader);
                    break;
                case JsonTokenType.StartObject:
                    Open((byte)'{', ref reader);
                    break;
                case JsonTokenType.StartArray:
                    Open((byte)'[', ref reader);
                    break;
                case JsonTokenType.EndObject:
                    CloseObject(reader.TokenStartIndex);
                    break;
                case JsonTokenType.EndArray:
                    _depth--;
                    Append((byte)']');
                    break;
                default:
                    Scalar(ref reader);
                    break;
            }
        }
    }

    private void Scalar(ref Utf8JsonReader reader)
    {
        Separate();
        var value = reader.ValueSpan;
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                Text(ref reader);
                break;
            case JsonTokenType.Number:
                var room = Room(Math.Max(EcmaNumber.MaxLength, value.Length));
                _length += CanonicalNumber.Write(value, integers, reader.TokenStartIndex, room);
                break;
            default:
                value.CopyTo(Room(value.Length));
                _length += value.Length;
                break;
        }
    }

    private void Key(ref Utf8JsonReader reader)
    {
        ref var frame = ref _frames[_depth - 1];
        if (frame.HasItems)
        {
            _members[_memberCount - 1].End = _length;
            Append((byte)',');
        }

        var member = new Member { Start = _length, Escaped = reader.ValueIsEscaped };
        Text(ref reader);
        member.KeyEnd = _length;
        Append((byte)':');
        if (frame.HasItems && frame.IsSorted)
        {
            var order = Compare(_output, _members[_memberCount - 1], member);
            if (order == 0)
            {
                throw Duplicate(reader.TokenStartIndex);
            }

            frame.IsSorted = order < 0;
        }

        frame.HasItems = true;
        Push(member);
    }

    private void Open(byte bracket, ref Utf8JsonReader reader)
    {
        if (_depth == CanonicalJson.MaxDepth)
        {
            throw new CanonicalJsonException(
                CanonicalJsonErrorCodes.Depth, $"nested more than {CanonicalJson.MaxDepth} deep", reader.TokenStartIndex);
        }

        Separate();
        _frames[_depth++] = new Frame { IsObject = bracket == (byte)'{', IsSorted = true, FirstMember = _memberCount };
        Append(bracket);
    }

    private void CloseObject(long offset)
    {
        var frame = _frames[--_depth];
        if (!frame.IsSorted)
        {
            _members[_memberCount - 1].End = _length;
            Rearrange(_members.AsSpan(frame.FirstMember, _memberCount - frame.FirstMember), offset);
        }

        _memberCount = frame.FirstMember;
        Append((byte)'}');
    }

    private void Rearrange(Span<Member> members, long offset)
    {
        var start = members[0].Start;
        var output = _output;
        members.Sort((left, right) => Compare(output, left, right));
        for (var i = 1; i < members.Length; i++)
        {
            if (Compare(output, members[i - 1], members[i]) == 0)
            {
                throw Duplicate(offset);
            }
        }

        var copy = ArrayPool<byte>.Shared.Rent(_length - start);
        output.AsSpan(start, _length - start).CopyTo(copy);
        var at = start;
        foreach (var member in members)
        {
            if (at != start)
            {
                output[at++] = (byte)',';
            }

            copy.AsSpan(member.Start - start, member.End - member.Start).CopyTo(output.AsSpan(at));
            at += member.End - member.Start;
        }

        ArrayPool<byte>.Shared.Return(copy);
    }

    // A comma before every array item but the first. Members get theirs with their key.
    private void Separate()
    {
        if (_depth == 0)
        {
            return;
        }

        ref var frame = ref _frames[_depth - 1];
        if (frame.IsObject)
        {
            return;
        }

        if (frame.HasItems)
        {
            Append((byte)',');
        }

        frame.HasItems = true;
    }

    private void Text(ref Utf8JsonReader reader)
    {
        var source = reader.ValueSpan;
        var room = Room(source.Length + 2);
        room[0] = (byte)'"';
        var length = source.Length;
        if (reader.ValueIsEscaped)
        {
            length = CanonicalText.Write(source, reader.TokenStartIndex + 1, room[1..]);
        }
        else
        {
            source.CopyTo(room[1..]);
        }

        room[length + 1] = (byte)'"';
        _length += length + 2;
    }

    private void Append(byte b)
    {
        Room(1)[0] = b;
        _length++;
    }

    private Span<byte> Room(int count)
    {
        if (_output.Length - _length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(_output.Length * 2, _length + count)));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_output);
            _output = larger;
        }

        return _output.AsSpan(_length);
    }

    private void Push(Member member)
    {
        if (_memberCount == _members.Length)
        {
            var larger = ArrayPool<Member>.Shared.Rent(_members.Length * 2);
            _members.CopyTo(larger, 0);
            ArrayPool<Member>.Shared.Return(_members);
            _members = larger;
        }

        _members[_memberCount++] = member;
    }

    private static int Compare(byte[] output, in Member left, in Member right) => KeyOrder.Compare(
        output.AsSpan(left.Start + 1, left.KeyEnd - left.Start - 2),
        output.AsSpan(right.Start + 1, right.KeyEnd - right.Start - 2),
        left.Escaped || right.Escaped);

    private static CanonicalJsonException Duplicate(long offset) =>
        new(CanonicalJsonErrorCodes.DuplicateKey, "the object holds the same key twice", offset);

    /// <summary>An open object or array.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal struct Frame
    {
        public int FirstMember;
        public bool IsObject;
        public bool IsSorted;
        public bool HasItems;
    }

    /// <summary>A member as it stands in the output: key from Start to KeyEnd, value up to End.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal struct Member
    {
        public int Start;
        public int KeyEnd;
        public int End;
        public bool Escaped;
    }
}
