using System.Globalization;
using System.Text;

namespace Countersign.Expressions;

/// <summary>The conversion functions (CEL langdef, "Types and Conversions").</summary>
internal static class Conversions
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    internal static CelValue ToInt(ref Evaluation e, in CelValue a)
    {
        switch (a.Kind)
        {
            case CelKind.Int:
                return a;
            case CelKind.Uint:
                return a.RawUint <= long.MaxValue ? CelValue.Int((long)a.RawUint) : OutOfRange(ref e, a, "int");
            case CelKind.Double:
                // The ends are excluded: they do not survive the way to double and back.
                return a.RawDouble is > -9223372036854775808.0 and < 9223372036854775808.0
                    ? CelValue.Int((long)a.RawDouble)
                    : OutOfRange(ref e, a, "int");
            case CelKind.String:
                return long.TryParse(a.RawString, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed)
                    ? CelValue.Int(parsed)
                    : Unreadable(ref e, a, "int", "digits with an optional sign, within 64 bits");
            case CelKind.Timestamp:
                return CelValue.Int(a.RawInt);
            default:
                return Overloads.None(ref e, "int()", a);
        }
    }

    internal static CelValue ToUint(ref Evaluation e, in CelValue a)
    {
        switch (a.Kind)
        {
            case CelKind.Uint:
                return a;
            case CelKind.Int:
                return a.RawInt >= 0 ? CelValue.Uint((ulong)a.RawInt) : OutOfRange(ref e, a, "uint");
            case CelKind.Double:
                return a.RawDouble is > -1.0 and < 18446744073709551616.0
                    ? CelValue.Uint((ulong)Math.Max(0, a.RawDouble))
                    : OutOfRange(ref e, a, "uint");
            case CelKind.String:
                return ulong.TryParse(a.RawString, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)
                    ? CelValue.Uint(parsed)
                    : Unreadable(ref e, a, "uint", "digits, within 64 bits");
            default:
                return Overloads.None(ref e, "uint()", a);
        }
    }

    internal static CelValue ToDouble(ref Evaluation e, in CelValue a) => a.Kind switch
    {
        CelKind.Double => a,
        CelKind.Int => CelValue.Double(a.RawInt),
        CelKind.Uint => CelValue.Double(a.RawUint),
        CelKind.String => ParseDouble(ref e, a),
        _ => Overloads.None(ref e, "double()", a),
    };

    internal static CelValue ToText(ref Evaluation e, in CelValue a)
    {
        switch (a.Kind)
        {
            case CelKind.String:
                return a;
            case CelKind.Bytes:
                e.Allocate(2L * a.RawBytes.Length);
                e.Scan(a.RawBytes.Length);
                try
                {
                    return CelValue.WrapString(StrictUtf8.GetString(a.RawBytes));
                }
                catch (DecoderFallbackException)
                {
                    return e.Fail(ExpressionErrorCodes.InvalidArgument, "the bytes are not valid UTF-8; write base64.encode(x) to show them as text");
                }

            case CelKind.Bool or CelKind.Int or CelKind.Uint or CelKind.Double or CelKind.Timestamp or CelKind.Duration:
                e.Allocate(64);
                return CelValue.WrapString(CelText.Of(a));
            default:
                return Overloads.None(ref e, "string()", a);
        }
    }

    internal static CelValue ToBytes(ref Evaluation e, in CelValue a)
    {
        if (a.Kind == CelKind.String)
        {
            e.Allocate(3L * a.RawString.Length);
            e.Scan(a.RawString.Length);
            return CelValue.WrapBytes(Encoding.UTF8.GetBytes(a.RawString));
        }

        return a.Kind == CelKind.Bytes ? a : Overloads.None(ref e, "bytes()", a);
    }

    internal static CelValue ToBool(ref Evaluation e, in CelValue a)
    {
        if (a.Kind != CelKind.String)
        {
            return a.Kind == CelKind.Bool ? a : Overloads.None(ref e, "bool()", a);
        }

        return a.RawString switch
        {
            "true" or "TRUE" or "True" or "t" or "1" => CelValue.True,
            "false" or "FALSE" or "False" or "f" or "0" => CelValue.False,
            _ => Unreadable(ref e, a, "bool", "'true' or 'false'"),
        };
    }

    internal static CelValue ToTimestamp(ref Evaluation e, in CelValue a)
    {
        switch (a.Kind)
        {
            case CelKind.Timestamp:
                return a;
            case CelKind.Int:
                return a.RawInt is >= CelTime.MinSeconds and <= CelTime.MaxSeconds
                    ? CelValue.RawTimestamp(a.RawInt, 0)
                    : OutOfRange(ref e, a, "a timestamp (years 1 to 9999)");
            case CelKind.String:
                return CelTime.TryParseTimestamp(a.RawString, out var parsed)
                    ? parsed
                    : Unreadable(ref e, a, "timestamp", "RFC 3339, as in '2026-08-26T12:39:00Z', years 1 to 9999");
            default:
                return Overloads.None(ref e, "timestamp()", a);
        }
    }

    internal static CelValue ToDuration(ref Evaluation e, in CelValue a)
    {
        if (a.Kind != CelKind.String)
        {
            return a.Kind == CelKind.Duration ? a : Overloads.None(ref e, "duration()", a);
        }

        if (CelTime.TryParseDuration(a.RawString, out var nanos, out var outOfRange))
        {
            return CelValue.Duration(nanos);
        }

        return outOfRange
            ? OutOfRange(ref e, a, "a duration (about 292 years)")
            : Unreadable(ref e, a, "duration", "numbers with the units h, m, s, ms, us, ns, as in '1h30m'; a day is '24h'");
    }

    internal static CelValue TypeOf(ref Evaluation e, in CelValue a) => CelValue.Type(a.TypeName);

    internal static CelValue Dynamic(ref Evaluation e, in CelValue a) => a;

    private static CelValue ParseDouble(ref Evaluation e, in CelValue a)
    {
        var text = a.RawString.AsSpan();
        var unsigned = text.Length > 0 && text[0] is '+' or '-' ? text[1..] : text;
        if (unsigned is "Infinity" or "Inf")
        {
            return CelValue.Double(text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity);
        }

        if (text is "NaN")
        {
            return CelValue.Double(double.NaN);
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        e.Scan(text.Length);
        if (unsigned.IsEmpty || !(char.IsAsciiDigit(unsigned[0]) || unsigned[0] == '.')
            || !double.TryParse(text, Style, CultureInfo.InvariantCulture, out var parsed))
        {
            return Unreadable(ref e, a, "double", "a decimal number, as in '1.5' or '-2e10'");
        }

        return double.IsFinite(parsed) ? CelValue.Double(parsed) : OutOfRange(ref e, a, "double");
    }

    // Texts come from the data of a run, so that no message shows them: errors are logged, data is not.
    private static CelValue OutOfRange(ref Evaluation e, in CelValue a, string type) =>
        e.Fail(ExpressionErrorCodes.Overflow, $"{(a.Kind == CelKind.String ? "the text" : CelText.Of(a))} does not fit {type}");

    private static CelValue Unreadable(ref Evaluation e, in CelValue a, string type, string form) =>
        e.Fail(ExpressionErrorCodes.InvalidArgument, $"the text cannot be read as {type}: it takes {form}");
}
