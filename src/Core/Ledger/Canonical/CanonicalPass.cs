using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Countersign.Canonical;

/// <summary>
/// One pass over a JSON text that writes the canonical form as it goes. Members are written where they come; only an
/// object whose keys prove to be out of order is rearranged, once, when it ends. So sorted input costs no sorting.
/// </summary>
internal sealed class CanonicalPass : IDisposable
{
    private const int Kept = 16 * 1024;
    private const int KeptMembers = 256;

    // The next pass of the same thread, its buffers warm: most texts are small, and renting three buffers for each costs more than the text.
    [ThreadStatic]
    private static CanonicalPass? _next;

    private readonly Frame[] _frames = new Frame[CanonicalJson.MaxDepth];
    private byte[] _output = [];
    private Member[] _members = new Member[64];
    private LargeIntegers _integers;
    private int _length;
    private int _memberCount;
    private int _depth;

    private CanonicalPass()
    {
    }

    public ReadOnlySpan<byte> Written => _output.AsSpan(0, _length);

    /// <summary>Takes a pass; dispose of it on the same thread.</summary>
    public static CanonicalPass Rent(int sizeHint, LargeIntegers integers)
    {
        var pass = _next ?? new CanonicalPass();
        _next = null;
        (pass._integers, pass._length, pass._memberCount, pass._depth) = (integers, 0, 0, 0);
        if (pass._output.Length < sizeHint)
        {
            ArrayPool<byte>.Shared.Return(pass._output);
            pass._output = ArrayPool<byte>.Shared.Rent(sizeHint);
        }

        return pass;
    }

    public void Dispose()
    {
        // What one large text needed is not held on to.
        if (_output.Length > Kept)
        {
            ArrayPool<byte>.Shared.Return(_output);
            _output = [];
        }

        if (_members.Length > KeptMembers)
        {
            _members = new Member[64];
        }

        _next = this;
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
                _length += CanonicalNumber.Write(value, _integers, reader.TokenStartIndex, room);
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
            var larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(Math.Max(_output.Length * 2, 64), _length + count)));
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
            Array.Resize(ref _members, _members.Length * 2);
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
