using System.Globalization;
using System.Numerics;
using System.Text;

namespace Countersign.Expressions;

/// <summary><c>string.format(list)</c> (CEL strings extension, "Format"). Digits are exact and rounded half to even.</summary>
internal static class FormatFunction
{
    internal static CelValue Format(ref Evaluation e, in CelValue format, in CelValue arguments)
    {
        if (format.Kind != CelKind.String || arguments.Kind != CelKind.List)
        {
            return Overloads.None(ref e, "format()", [format, arguments]);
        }

        var source = format.RawString;
        var text = new StringBuilder();
        var next = 0;
        for (var i = 0; i < source.Length; i++)
        {
            e.Visit();
            e.Allocate(4);
            if (source[i] != '%')
            {
                text.Append(source[i]);
                continue;
            }

            if (i + 1 < source.Length && source[i + 1] == '%')
            {
                text.Append('%');
                i++;
                continue;
            }

            i++;
            if (Clause(ref e, source, ref i, arguments.RawList, ref next, text) is { IsError: true } error)
            {
                return error;
            }
        }

        return CelValue.WrapString(text.ToString());
    }

    private static CelValue Clause(ref Evaluation e, string source, ref int at, CelList arguments, ref int next, StringBuilder text)
    {
        if (!FormatClause.TryRead(source, ref at, out var clause, out var problem))
        {
            return e.Fail(ExpressionErrorCodes.InvalidArgument, problem);
        }

        if (next >= arguments.Count)
        {
            return e.Fail(ExpressionErrorCodes.InvalidArgument, FormatClause.TooFew(arguments.Count));
        }

        var value = arguments[next++];
        e.Decoded(value);
        e.Allocate(4L * clause.Precision);
        var piece = new StringBuilder();
        if (!Append(ref e, piece, clause.Letter, clause.Precision, value))
        {
            return e.Fail(ExpressionErrorCodes.Type, clause.Refusal(value.TypeName));
        }

        e.Allocate(4L * piece.Length);
        e.Scan(piece.Length);
        text.Append(piece);
        return value.IsError ? value : CelValue.Null;
    }

    private static bool Append(ref Evaluation e, StringBuilder text, char clause, int precision, in CelValue value)
    {
        switch (clause)
        {
            case 's':
                return AppendAny(ref e, text, value, 0);
            case 'd' when value.IsNumber:
                text.Append(CelText.Of(value));
                return true;
            case 'f' or 'e' when value.IsNumber:
                text.Append(DecimalDigits.Format(ToDouble(value), precision, clause == 'e'));
                return true;
            case 'x' or 'X' when value.Kind is CelKind.String or CelKind.Bytes:
                var bytes = value.Kind == CelKind.Bytes ? value.RawBytes : Encoding.UTF8.GetBytes(value.RawString);
                e.Allocate(8L * bytes.Length);
                text.Append(clause == 'x' ? Convert.ToHexStringLower(bytes) : Convert.ToHexString(bytes));
                return true;
            case 'b' when value.Kind == CelKind.Bool:
                text.Append(value.RawBool ? '1' : '0');
                return true;
            case 'x' or 'X' or 'o' or 'b' when value.Kind is CelKind.Int or CelKind.Uint:
                AppendBase(text, value, clause);
                return true;
            default:
                return false;
        }
    }

    private static double ToDouble(in CelValue value) => value.Kind switch
    {
        CelKind.Int => value.RawInt,
        CelKind.Uint => value.RawUint,
        _ => value.RawDouble,
    };

    private static void AppendBase(StringBuilder text, in CelValue value, char clause)
    {
        var negative = value.Kind == CelKind.Int && value.RawInt < 0;
        var magnitude = negative ? (ulong)-(Int128)value.RawInt : value.RawUint;
        var digits = clause switch
        {
            'x' => magnitude.ToString("x", CultureInfo.InvariantCulture),
            'X' => magnitude.ToString("X", CultureInfo.InvariantCulture),
            'b' => magnitude.ToString("B", CultureInfo.InvariantCulture),
            _ => Octal(magnitude),
        };
        text.Append(negative ? "-" : "").Append(digits);
    }

    private static string Octal(ulong value)
    {
        var digits = "";
        do
        {
            digits = (char)('0' + (value & 7)) + digits;
            value >>= 3;
        }
        while (value != 0);
        return digits;
    }

    private static bool AppendAny(ref Evaluation e, StringBuilder text, in CelValue value, int depth)
    {
        Evaluation.Enter(depth);
        e.Visit();
        e.Allocate(16);
        switch (value.Kind)
        {
            case CelKind.List:
                text.Append('[');
                var separator = "";
                foreach (var item in value.RawList)
                {
                    text.Append(separator);
                    AppendAny(ref e, text, item, depth + 1);
                    separator = ", ";
                }

                text.Append(']');
                return true;
            case CelKind.Map:
                AppendMap(ref e, text, value.RawMap, depth);
                return true;
            case CelKind.Bytes:
                e.Allocate(4L * value.RawBytes.Length);
                AppendUtf8(text, value.RawBytes);
                return true;
            case CelKind.String:
                e.Allocate(4L * value.RawString.Length);
                text.Append(value.RawString);
                return true;
            default:
                text.Append(CelText.Of(value));
                return true;
        }
    }

    /// <summary>Each run of invalid bytes becomes one U+FFFD, as the extension asks; .NET alone would write several.</summary>
    private static void AppendUtf8(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        var broken = false;
        while (!bytes.IsEmpty)
        {
            var valid = Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == System.Buffers.OperationStatus.Done;
            if (valid || !broken)
            {
                text.Append(rune.ToString());
            }

            broken = !valid;
            bytes = bytes[consumed..];
        }
    }

    private static void AppendMap(ref Evaluation e, StringBuilder text, CelMap map, int depth)
    {
        var entries = new List<(string Key, string Value)>();
        foreach (var key in map.ReadKeys(ref e))
        {
            if (map.Find(ref e, key, out var value))
            {
                var shown = new StringBuilder();
                AppendAny(ref e, shown, value, depth + 1);
                entries.Add((CelText.Of(key), shown.ToString()));
            }
        }

        entries.Sort(static (a, b) => CelComparison.CompareStrings(a.Key, b.Key));
        text.Append('{').AppendJoin(", ", entries.Select(entry => $"{entry.Key}: {entry.Value}")).Append('}');
    }
}

/// <summary>Decimal digits of doubles, exact to any precision.</summary>
internal static class DecimalDigits
{
    internal static string Format(double value, int precision, bool scientific)
    {
        if (!double.IsFinite(value))
        {
            return CelText.OfDouble(value);
        }

        var sign = double.IsNegative(value) ? "-" : "";
        return sign + (scientific ? Scientific(Math.Abs(value), precision) : Fixed(Math.Abs(value), precision));
    }

    private static string Fixed(double value, int precision)
    {
        var digits = Scaled(value, precision).ToString(CultureInfo.InvariantCulture).PadLeft(precision + 1, '0');
        return precision == 0 ? digits : $"{digits[..^precision]}.{digits[^precision..]}";
    }

    private static string Scientific(double value, int precision)
    {
        var exponent = 0;
        var digits = new string('0', precision + 1);
        if (value != 0)
        {
            // The estimate may be one too low or high next to a power of ten; the number of digits tells.
            exponent = (int)Math.Floor(Math.Log10(value));
            do
            {
                digits = Scaled(value, precision - exponent).ToString(CultureInfo.InvariantCulture);
                exponent += digits.Length - precision - 1;
            }
            while (digits.Length != precision + 1);
        }

        var fraction = precision == 0 ? "" : "." + digits[1..];
        return $"{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";
    }

    /// <summary>value × 10^power, rounded half to even.</summary>
    private static BigInteger Scaled(double value, int power)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var biased = (int)((bits >> 52) & 0x7FF);
        var mantissa = bits & 0xF_FFFF_FFFF_FFFF;
        var exponent = biased == 0 ? -1074 : biased - 1075;
        BigInteger numerator = biased == 0 ? mantissa : mantissa | (1L << 52);
        var denominator = BigInteger.One;
        numerator = exponent > 0 ? numerator << exponent : numerator;
        denominator = exponent < 0 ? denominator << -exponent : denominator;
        numerator *= power > 0 ? BigInteger.Pow(10, power) : BigInteger.One;
        denominator *= power < 0 ? BigInteger.Pow(10, -power) : BigInteger.One;
        var quotient = BigInteger.DivRem(numerator, denominator, out var rest);
        var half = (rest * 2).CompareTo(denominator);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }
}
