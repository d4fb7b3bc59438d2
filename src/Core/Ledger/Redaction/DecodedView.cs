using System.Buffers;
using System.Text;

namespace Countersign.Ledger;

/// <summary>A text with its escapes resolved, and where each of its characters came from.</summary>
internal sealed class DecodedView
{
    private readonly StringBuilder _text = new();
    private readonly List<int> _starts = [];

    private DecodedView(int length) => SourceLength = length;

    public int SourceLength { get; }

    public string Text => _text.ToString();

    /// <summary>The place in the source of the characters from start to end.</summary>
    public (int Start, int End) Source(int start, int end) => (_starts[start], end < _starts.Count ? _starts[end] : SourceLength);

    /// <summary>Resolves <c>%XX</c>; null when there is none.</summary>
    public static DecodedView? Percent(ReadOnlySpan<char> text)
    {
        if (!text.Contains('%'))
        {
            return null;
        }

        var view = new DecodedView(text.Length);
        Span<byte> bytes = stackalloc byte[4];
        for (var at = 0; at < text.Length;)
        {
            var count = 0;
            while (count < bytes.Length && TryByte(text, at + (3 * count), out bytes[count]))
            {
                count++;
            }

            if (count > 0 && Rune.DecodeFromUtf8(bytes[..count], out var rune, out var used) == OperationStatus.Done)
            {
                view.Add(rune.ToString(), at);
                at += 3 * used;
            }
            else
            {
                view.Add(text[at], at);
                at++;
            }
        }

        return view;
    }

    /// <summary>Resolves the escapes of JSON strings; null when there is none.</summary>
    public static DecodedView? JsonEscapes(ReadOnlySpan<char> text)
    {
        if (!text.Contains('\\'))
        {
            return null;
        }

        var view = new DecodedView(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var (c, length) = text[at] == '\\' && at + 1 < text.Length ? Escape(text[at..]) : (text[at], 1);
            view.Add(c, at);
            at += length;
        }

        return view;
    }

    /// <summary>Takes out line breaks, and the blanks around them, between characters of base64 (RFC 2045, section 6.8); null when there is none.</summary>
    public static DecodedView? Unfolded(ReadOnlySpan<char> text)
    {
        if (text.IndexOfAny('\r', '\n') < 0)
        {
            return null;
        }

        var view = new DecodedView(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var end = at;
            while (end < text.Length && text[end] is '\r' or '\n' or ' ' or '\t')
            {
                end++;
            }

            var isBreak = end > at && at > 0 && end < text.Length && Base64Text.Is(text[at - 1]) && Base64Text.Is(text[end]) && text[at..end].IndexOfAny('\r', '\n') >= 0;
            if (!isBreak)
            {
                end = Math.Max(end, at + 1);
                for (var i = at; i < end; i++)
                {
                    view.Add(text[i], i);
                }
            }

            at = end;
        }

        return view;
    }

    private static (char Character, int Length) Escape(ReadOnlySpan<char> text) => text[1] switch
    {
        'b' => ('\b', 2),
        'f' => ('\f', 2),
        'n' => ('\n', 2),
        'r' => ('\r', 2),
        't' => ('\t', 2),
        '"' or '\\' or '/' => (text[1], 2),
        'u' when text.Length >= 6 && ushort.TryParse(
            text[2..6], System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var unit) =>
            ((char)unit, 6),
        _ => ('\\', 1),
    };

    private static bool TryByte(ReadOnlySpan<char> text, int at, out byte value)
    {
        value = 0;
        return at + 2 < text.Length && text[at] == '%' && byte.TryParse(
            text.Slice(at + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out value);
    }

    private void Add(string characters, int source)
    {
        foreach (var c in characters)
        {
            Add(c, source);
        }
    }

    private void Add(char c, int source)
    {
        _text.Append(c);
        _starts.Add(source);
    }
}
