using System.Text;

namespace Countersign.Expressions;

/// <summary>
/// Functions of strings (CEL langdef, "String Functions", and the strings extension). Positions count code points.
/// </summary>
internal static class TextFunctions
{
    /// <summary>Characters compared per step by searches, whose worst case is the product of both lengths.</summary>
    private const long ComparisonsPerStep = 65_536;

    internal static CelValue Size(ref Evaluation e, in CelValue a)
    {
        switch (a.Kind)
        {
            case CelKind.String:
                e.Scan(a.RawString.Length);
                return CelValue.Int(CodePoints.Count(a.RawString));
            case CelKind.Bytes:
                return CelValue.Int(a.RawBytes.Length);
            case CelKind.List:
                return CelValue.Int(a.RawList.Count);
            case CelKind.Map:
                return CelValue.Int(a.RawMap.CountEntries(ref e));
            default:
                return Overloads.None(ref e, "size()", a);
        }
    }

    internal static CelValue Contains(ref Evaluation e, in CelValue a, in CelValue b)
    {
        if (a.Kind != CelKind.String || b.Kind != CelKind.String)
        {
            return Overloads.None(ref e, "contains()", [a, b]);
        }

        ChargeSearch(ref e, a.RawString, b.RawString);
        return CelValue.Bool(a.RawString.Contains(b.RawString, StringComparison.Ordinal));
    }

    internal static CelValue StartsWith(ref Evaluation e, in CelValue a, in CelValue b) =>
        a.Kind == CelKind.String && b.Kind == CelKind.String
            ? CelValue.Bool(a.RawString.StartsWith(b.RawString, StringComparison.Ordinal))
            : Overloads.None(ref e, "startsWith()", [a, b]);

    internal static CelValue EndsWith(ref Evaluation e, in CelValue a, in CelValue b) =>
        a.Kind == CelKind.String && b.Kind == CelKind.String
            ? CelValue.Bool(a.RawString.EndsWith(b.RawString, StringComparison.Ordinal))
            : Overloads.None(ref e, "endsWith()", [a, b]);

    internal static CelValue CharAt(ref Evaluation e, in CelValue a, in CelValue b)
    {
        if (a.Kind != CelKind.String || b.Kind != CelKind.Int)
        {
            return Overloads.None(ref e, "charAt()", [a, b]);
        }

        e.Scan(a.RawString.Length);
        var start = CodePoints.Offset(a.RawString, b.RawInt);
        if (start < 0)
        {
            return OutOfRange(ref e, a.RawString, b.RawInt);
        }

        var end = Math.Min(a.RawString.Length, start + CodePoints.LengthAt(a.RawString, start));
        return CelValue.WrapString(a.RawString[start..end]);
    }

    internal static CelValue IndexOf(ref Evaluation e, CelValue[] args)
    {
        if (!SearchArguments(args))
        {
            return Overloads.None(ref e, "indexOf()", args);
        }

        string text = args[0].RawString, part = args[1].RawString;
        ChargeSearch(ref e, text, part);
        var start = args.Length == 3 ? CodePoints.Offset(text, args[2].RawInt) : 0;
        if (start < 0)
        {
            return OutOfRange(ref e, text, args[2].RawInt);
        }

        var found = text.AsSpan(start).IndexOf(part, StringComparison.Ordinal);
        return CelValue.Int(found < 0 ? -1 : CodePoints.Count(text.AsSpan(0, start + found)));
    }

    internal static CelValue LastIndexOf(ref Evaluation e, CelValue[] args)
    {
        if (!SearchArguments(args))
        {
            return Overloads.None(ref e, "lastIndexOf()", args);
        }

        string text = args[0].RawString, part = args[1].RawString;
        ChargeSearch(ref e, text, part);
        var last = args.Length == 3 ? CodePoints.Offset(text, args[2].RawInt) : text.Length;
        if (last < 0)
        {
            return OutOfRange(ref e, text, args[2].RawInt);
        }

        var end = Math.Min(text.Length, last + part.Length);
        var found = part.Length == 0 ? end : text.AsSpan(0, end).LastIndexOf(part, StringComparison.Ordinal);
        return CelValue.Int(found < 0 ? -1 : CodePoints.Count(text.AsSpan(0, found)));
    }

    internal static CelValue Substring(ref Evaluation e, CelValue[] args)
    {
        if (args[0].Kind != CelKind.String || args[1].Kind != CelKind.Int || (args.Length == 3 && args[2].Kind != CelKind.Int))
        {
            return Overloads.None(ref e, "substring()", args);
        }

        var text = args[0].RawString;
        e.Scan(text.Length);
        var start = CodePoints.Offset(text, args[1].RawInt);
        var end = args.Length == 3 ? CodePoints.Offset(text, args[2].RawInt) : text.Length;
        if (start < 0 || end < 0)
        {
            return OutOfRange(ref e, text, args[start < 0 ? 1 : 2].RawInt);
        }

        if (start > end)
        {
            return e.Fail(
                ExpressionErrorCodes.IndexOutOfRange, $"substring() ends ({args[2].RawInt}) before it starts ({args[1].RawInt})");
        }

        e.Allocate(2L * (end - start));
        return CelValue.WrapString(text[start..end]);
    }

    internal static CelValue Trim(ref Evaluation e, in CelValue a) =>
        a.Kind == CelKind.String ? Changed(ref e, a.RawString, static s => s.Trim()) : Overloads.None(ref e, "trim()", a);

    internal static CelValue LowerAscii(ref Evaluation e, in CelValue a) => a.Kind == CelKind.String
        ? Changed(ref e, a.RawString, static s => MapAscii(s, char.IsAsciiLetterUpper))
        : Overloads.None(ref e, "lowerAscii()", a);

    internal static CelValue UpperAscii(ref Evaluation e, in CelValue a) => a.Kind == CelKind.String
        ? Changed(ref e, a.RawString, static s => MapAscii(s, char.IsAsciiLetterLower))
        : Overloads.None(ref e, "upperAscii()", a);

    internal static CelValue Reverse(ref Evaluation e, in CelValue a) => a.Kind == CelKind.String
        ? Changed(ref e, a.RawString, CodePoints.Reverse)
        : Overloads.None(ref e, "reverse()", a);

    internal static CelValue Quote(ref Evaluation e, in CelValue a)
    {
        if (a.Kind != CelKind.String)
        {
            return Overloads.None(ref e, "strings.quote()", a);
        }

        e.Allocate(12L * a.RawString.Length);
        e.Scan(a.RawString.Length * 2L);
        return CelValue.WrapString(Quoting.Quote(a.RawString));
    }

    internal static CelValue Replace(ref Evaluation e, CelValue[] args)
    {
        var typed = args.Length == 3 || args[3].Kind == CelKind.Int;
        if (!typed || args[0].Kind != CelKind.String || args[1].Kind != CelKind.String || args[2].Kind != CelKind.String)
        {
            return Overloads.None(ref e, "replace()", args);
        }

        string text = args[0].RawString, old = args[1].RawString, with = args[2].RawString;
        var limit = args.Length == 4 ? args[3].RawInt : -1;
        ChargeSearch(ref e, text, old);
        var result = new StringBuilder();
        var at = 0;
        for (; limit != 0; limit--)
        {
            var found = old.Length == 0 ? at : text.IndexOf(old, at, StringComparison.Ordinal);
            if (found < 0)
            {
                break;
            }

            e.Visit();
            e.Allocate(2L * (found - at + with.Length));
            result.Append(text, at, found - at).Append(with);
            at = found + old.Length;
            if (old.Length == 0)
            {
                if (at >= text.Length)
                {
                    break;
                }

                var length = CodePoints.LengthAt(text, at);
                result.Append(text, at, length);
                at += length;
            }
        }

        e.Allocate(2L * (result.Length + text.Length - at));
        return CelValue.WrapString(result.Append(text, at, text.Length - at).ToString());
    }

    internal static CelValue Split(ref Evaluation e, CelValue[] args)
    {
        if (args[0].Kind != CelKind.String || args[1].Kind != CelKind.String || (args.Length == 3 && args[2].Kind != CelKind.Int))
        {
            return Overloads.None(ref e, "split()", args);
        }

        string text = args[0].RawString, separator = args[1].RawString;
        var limit = args.Length == 3 ? args[2].RawInt : -1;
        ChargeSearch(ref e, text, separator);
        e.Allocate(2L * text.Length);
        var parts = new List<CelValue>();
        var at = 0;
        while (limit < 0 || parts.Count < limit - 1)
        {
            var end = separator.Length == 0
                ? (at < text.Length ? at + CodePoints.LengthAt(text, at) : -1)
                : text.IndexOf(separator, at, StringComparison.Ordinal);
            if (end < 0 || (separator.Length == 0 && end >= text.Length))
            {
                break;
            }

            e.Visit();
            e.Allocate(72);
            parts.Add(CelValue.WrapString(text[at..end]));
            at = end + separator.Length;
        }

        if (limit != 0 && (separator.Length > 0 || at < text.Length))
        {
            parts.Add(CelValue.WrapString(text[at..]));
        }

        return CelValue.WrapArray(parts.ToArray());
    }

    internal static CelValue Join(ref Evaluation e, CelValue[] args)
    {
        if (args[0].Kind != CelKind.List || (args.Length == 2 && args[1].Kind != CelKind.String))
        {
            return Overloads.None(ref e, "join()", args);
        }

        var separator = args.Length == 2 ? args[1].RawString : "";
        var text = new StringBuilder();
        var first = true;
        foreach (var item in args[0].RawList)
        {
            e.Visit();
            if (item.Kind != CelKind.String)
            {
                return e.Fail(
                    ExpressionErrorCodes.Type,
                    $"join() takes a list of strings, and this one holds {item.TypeName}; write list.map(x, string(x)).join(…)");
            }

            e.Allocate(4L * (item.RawString.Length + separator.Length));
            e.Scan(item.RawString.Length);
            text.Append(first ? "" : separator).Append(item.RawString);
            first = false;
        }

        return CelValue.WrapString(text.ToString());
    }

    internal static CelValue OutOfRange(ref Evaluation e, string text, long position) => e.Fail(
        ExpressionErrorCodes.IndexOutOfRange, $"the text has {CodePoints.Count(text)} characters, counted from 0; {position} is outside");

    private static void ChargeSearch(ref Evaluation e, string text, string part)
    {
        e.Scan(text.Length);
        var comparisons = (long)text.Length * part.Length;
        if (comparisons >= ComparisonsPerStep)
        {
            e.Charge(comparisons / ComparisonsPerStep);
        }
    }

    private static bool SearchArguments(CelValue[] args) =>
        args[0].Kind == CelKind.String && args[1].Kind == CelKind.String && (args.Length == 2 || args[2].Kind == CelKind.Int);

    private static CelValue Changed(ref Evaluation e, string text, Func<string, string> change)
    {
        e.Allocate(2L * text.Length);
        e.Scan(text.Length);
        return CelValue.WrapString(change(text));
    }

    private static string MapAscii(string text, Func<char, bool> flips) => string.Create(text.Length, (text, flips), static (span, state) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            var c = state.text[i];
            span[i] = state.flips(c) ? (char)(c ^ 0x20) : c;
        }
    });
}

/// <summary>Strings as sequences of code points, though they are stored in UTF-16.</summary>
internal static class CodePoints
{
    internal static int Count(ReadOnlySpan<char> text)
    {
        var count = 0;
        for (var i = 0; i < text.Length; i += LengthAt(text, i))
        {
            count++;
        }

        return count;
    }

    /// <summary>The UTF-16 position of a code point; the length for the one after the last; −1 where there is none.</summary>
    internal static int Offset(string text, long position)
    {
        if (position < 0 || position > text.Length)
        {
            return -1;
        }

        var at = 0;
        for (; position > 0 && at < text.Length; position--)
        {
            at += LengthAt(text, at);
        }

        return position == 0 ? at : -1;
    }

    internal static int LengthAt(ReadOnlySpan<char> text, int at) =>
        char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;

    internal static int LengthAt(string text, int at) => at < text.Length ? LengthAt(text.AsSpan(), at) : 0;

    internal static string Reverse(string text) => string.Create(text.Length, text, static (span, source) =>
    {
        var end = span.Length;
        for (var i = 0; i < source.Length;)
        {
            var length = LengthAt(source.AsSpan(), i);
            end -= length;
            source.AsSpan(i, length).CopyTo(span[end..]);
            i += length;
        }
    });
}
