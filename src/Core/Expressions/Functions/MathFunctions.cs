namespace Countersign.Expressions;

/// <summary>The functions of the math extension: <c>math.greatest</c>, <c>math.round</c>, <c>math.bitAnd</c> and so on.</summary>
internal static class MathFunctions
{
    internal static Variadic Extreme(string name, int wanted) => (ref Evaluation e, CelValue[] args) =>
    {
        IEnumerable<CelValue> values = args is [{ Kind: CelKind.List } list] ? list.RawList : args;
        CelValue best = default;
        var any = false;
        foreach (var value in values)
        {
            e.Visit();
            if (!value.IsNumber)
            {
                return Overloads.None(ref e, name + "()", args is [{ Kind: CelKind.List }] ? [value] : args);
            }

            if (!any || CelComparison.CompareNumbers(value, best) == wanted)
            {
                best = value;
                any = true;
            }
        }

        return any ? best : e.Fail(ExpressionErrorCodes.InvalidArgument, $"{name}() of an empty list has no value");
    };

    internal static Unary OfDouble(string name, Func<double, double> function) => (ref Evaluation e, in CelValue a) =>
        a.Kind == CelKind.Double ? CelValue.Double(function(a.RawDouble)) : Overloads.None(ref e, name + "()", a);

    internal static Unary TestDouble(string name, Func<double, bool> test) => (ref Evaluation e, in CelValue a) =>
        a.Kind == CelKind.Double ? CelValue.Bool(test(a.RawDouble)) : Overloads.None(ref e, name + "()", a);

    internal static Binary Bits(string name, Func<ulong, ulong, ulong> function) => (ref Evaluation e, in CelValue a, in CelValue b) =>
        (a.Kind, b.Kind) switch
        {
            (CelKind.Int, CelKind.Int) => CelValue.Int((long)function(a.RawUint, b.RawUint)),
            (CelKind.Uint, CelKind.Uint) => CelValue.Uint(function(a.RawUint, b.RawUint)),
            _ => Overloads.None(ref e, name + "()", [a, b]),
        };

    internal static Binary Shift(string name, Func<ulong, int, ulong> function) => (ref Evaluation e, in CelValue a, in CelValue b) =>
    {
        if (a.Kind is not (CelKind.Int or CelKind.Uint) || b.Kind != CelKind.Int)
        {
            return Overloads.None(ref e, name + "()", [a, b]);
        }

        if (b.RawInt < 0)
        {
            return e.Fail(ExpressionErrorCodes.InvalidArgument, $"{name}() shifts by 0 or more, not by {b.RawInt}");
        }

        // The processor shifts modulo 64; the extension says that everything is shifted out.
        var shifted = b.RawInt > 63 ? 0 : function(a.RawUint, (int)b.RawInt);
        return a.Kind == CelKind.Int ? CelValue.Int((long)shifted) : CelValue.Uint(shifted);
    };

    internal static CelValue BitNot(ref Evaluation e, in CelValue a) => a.Kind switch
    {
        CelKind.Int => CelValue.Int(~a.RawInt),
        CelKind.Uint => CelValue.Uint(~a.RawUint),
        _ => Overloads.None(ref e, "math.bitNot()", a),
    };

    internal static CelValue Abs(ref Evaluation e, in CelValue a) => a.Kind switch
    {
        CelKind.Int when a.RawInt == long.MinValue => e.Fail(ExpressionErrorCodes.Overflow, "math.abs(-9223372036854775808) does not fit int"),
        CelKind.Int => CelValue.Int(Math.Abs(a.RawInt)),
        CelKind.Uint => a,
        CelKind.Double => CelValue.Double(Math.Abs(a.RawDouble)),
        _ => Overloads.None(ref e, "math.abs()", a),
    };

    internal static CelValue Sign(ref Evaluation e, in CelValue a) => a.Kind switch
    {
        CelKind.Int => CelValue.Int(Math.Sign(a.RawInt)),
        CelKind.Uint => CelValue.Uint(a.RawUint == 0 ? 0u : 1u),
        CelKind.Double => CelValue.Double(double.IsNaN(a.RawDouble) ? double.NaN : Math.Sign(a.RawDouble)),
        _ => Overloads.None(ref e, "math.sign()", a),
    };

    internal static CelValue Encode(ref Evaluation e, in CelValue a)
    {
        if (a.Kind != CelKind.Bytes)
        {
            return Overloads.None(ref e, "base64.encode()", a);
        }

        e.Allocate(3L * a.RawBytes.Length);
        e.Scan(a.RawBytes.Length);
        return CelValue.WrapString(Convert.ToBase64String(a.RawBytes));
    }

    internal static CelValue Decode(ref Evaluation e, in CelValue a)
    {
        if (a.Kind != CelKind.String)
        {
            return Overloads.None(ref e, "base64.decode()", a);
        }

        e.Allocate(4L * a.RawString.Length);
        e.Scan(a.RawString.Length);
        var padded = a.RawString.PadRight((a.RawString.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length / 4 * 3];
        return Convert.TryFromBase64String(padded, bytes, out var written)
            ? CelValue.WrapBytes(bytes[..written])
            : e.Fail(ExpressionErrorCodes.InvalidArgument, "the text is not base64");
    }
}
