namespace Countersign.Expressions;

/// <summary>The operators + − * / %, unary −, and the order of values (CEL langdef, "Arithmetic Operators", "Ordering").</summary>
internal static class Arithmetic
{
    internal static CelValue Add(ref Evaluation e, in CelValue a, in CelValue b)
    {
        switch (a.Kind, b.Kind)
        {
            case (CelKind.Int, CelKind.Int):
                var sum = unchecked(a.RawInt + b.RawInt);
                return ((a.RawInt ^ sum) & (b.RawInt ^ sum)) < 0 ? Overflow(ref e, "+", a, b) : CelValue.Int(sum);
            case (CelKind.Double, CelKind.Double):
                return CelValue.Double(a.RawDouble + b.RawDouble);
            case (CelKind.Uint, CelKind.Uint):
                var total = unchecked(a.RawUint + b.RawUint);
                return total < a.RawUint ? Overflow(ref e, "+", a, b) : CelValue.Uint(total);
            case (CelKind.String, CelKind.String):
                e.Allocate(2L * (a.RawString.Length + b.RawString.Length));
                e.Scan(a.RawString.Length + b.RawString.Length);
                return CelValue.WrapString(string.Concat(a.RawString, b.RawString));
            case (CelKind.Bytes, CelKind.Bytes):
                e.Allocate(a.RawBytes.Length + b.RawBytes.Length);
                return CelValue.WrapBytes([.. a.RawBytes, .. b.RawBytes]);
            case (CelKind.List, CelKind.List):
                return Concatenate(ref e, a.RawList, b.RawList);
            case (CelKind.Timestamp, CelKind.Duration):
                return Instant(ref e, "+", CelTime.ToNanos(a) + b.RawInt, a, b);
            case (CelKind.Duration, CelKind.Timestamp):
                return Instant(ref e, "+", CelTime.ToNanos(b) + a.RawInt, a, b);
            case (CelKind.Duration, CelKind.Duration):
                return Span(ref e, "+", (Int128)a.RawInt + b.RawInt, a, b);
            default:
                return Mixed(a, b, out var x, out var y) ? CelValue.Double(x + y) : Overloads.None(ref e, "+", a, b);
        }
    }

    internal static CelValue Subtract(ref Evaluation e, in CelValue a, in CelValue b)
    {
        switch (a.Kind, b.Kind)
        {
            case (CelKind.Int, CelKind.Int):
                var difference = unchecked(a.RawInt - b.RawInt);
                return ((a.RawInt ^ b.RawInt) & (a.RawInt ^ difference)) < 0 ? Overflow(ref e, "-", a, b) : CelValue.Int(difference);
            case (CelKind.Double, CelKind.Double):
                return CelValue.Double(a.RawDouble - b.RawDouble);
            case (CelKind.Uint, CelKind.Uint):
                return a.RawUint < b.RawUint ? Overflow(ref e, "-", a, b) : CelValue.Uint(a.RawUint - b.RawUint);
            case (CelKind.Timestamp, CelKind.Duration):
                return Instant(ref e, "-", CelTime.ToNanos(a) - b.RawInt, a, b);
            case (CelKind.Timestamp, CelKind.Timestamp):
                return Span(ref e, "-", CelTime.ToNanos(a) - CelTime.ToNanos(b), a, b);
            case (CelKind.Duration, CelKind.Duration):
                return Span(ref e, "-", (Int128)a.RawInt - b.RawInt, a, b);
            default:
                return Mixed(a, b, out var x, out var y) ? CelValue.Double(x - y) : Overloads.None(ref e, "-", a, b);
        }
    }

    internal static CelValue Multiply(ref Evaluation e, in CelValue a, in CelValue b)
    {
        switch (a.Kind, b.Kind)
        {
            case (CelKind.Int, CelKind.Int):
                var product = (Int128)a.RawInt * b.RawInt;
                return product > long.MaxValue || product < long.MinValue ? Overflow(ref e, "*", a, b) : CelValue.Int((long)product);
            case (CelKind.Double, CelKind.Double):
                return CelValue.Double(a.RawDouble * b.RawDouble);
            case (CelKind.Uint, CelKind.Uint):
                return Math.BigMul(a.RawUint, b.RawUint, out var low) != 0 ? Overflow(ref e, "*", a, b) : CelValue.Uint(low);
            default:
                return Mixed(a, b, out var x, out var y) ? CelValue.Double(x * y) : Overloads.None(ref e, "*", a, b);
        }
    }

    internal static CelValue Divide(ref Evaluation e, in CelValue a, in CelValue b)
    {
        switch (a.Kind, b.Kind)
        {
            case (CelKind.Int, CelKind.Int):
                if (b.RawInt == 0)
                {
                    return ByZero(ref e, "/");
                }

                return a.RawInt == long.MinValue && b.RawInt == -1 ? Overflow(ref e, "/", a, b) : CelValue.Int(a.RawInt / b.RawInt);
            case (CelKind.Double, CelKind.Double):
                return CelValue.Double(a.RawDouble / b.RawDouble);
            case (CelKind.Uint, CelKind.Uint):
                return b.RawUint == 0 ? ByZero(ref e, "/") : CelValue.Uint(a.RawUint / b.RawUint);
            default:
                if (!Mixed(a, b, out var dividend, out var divisor))
                {
                    return Overloads.None(ref e, "/", a, b);
                }

                return divisor == 0 && b.Kind != CelKind.Double ? ByZero(ref e, "/") : CelValue.Double(dividend / divisor);
        }
    }

    internal static CelValue Remainder(ref Evaluation e, in CelValue a, in CelValue b)
    {
        switch (a.Kind, b.Kind)
        {
            case (CelKind.Int, CelKind.Int):
                // -1 apart: the processor faults on MinValue % -1, whose result is 0.
                return b.RawInt == 0 ? ByZero(ref e, "%") : CelValue.Int(b.RawInt == -1 ? 0 : a.RawInt % b.RawInt);
            case (CelKind.Uint, CelKind.Uint):
                return b.RawUint == 0 ? ByZero(ref e, "%") : CelValue.Uint(a.RawUint % b.RawUint);
            default:
                return Overloads.None(ref e, "%", a, b);
        }
    }

    internal static CelValue Negate(ref Evaluation e, in CelValue a) => a.Kind switch
    {
        CelKind.Int when a.RawInt == long.MinValue => e.Fail(ExpressionErrorCodes.Overflow, "-(-9223372036854775808) does not fit int"),
        CelKind.Int => CelValue.Int(-a.RawInt),
        CelKind.Double => CelValue.Double(-a.RawDouble),
        _ => Overloads.None(ref e, "unary '-'", a),
    };

    internal static CelValue Equal(ref Evaluation e, in CelValue a, in CelValue b) => CelValue.Bool(CelComparison.AreEqual(ref e, a, b, 0));

    internal static CelValue NotEqual(ref Evaluation e, in CelValue a, in CelValue b) => CelValue.Bool(!CelComparison.AreEqual(ref e, a, b, 0));

    internal static CelValue Less(ref Evaluation e, in CelValue a, in CelValue b) =>
        Compare(ref e, a, b, out var order) ? CelValue.Bool(order == -1) : Overloads.None(ref e, "<", a, b);

    internal static CelValue LessOrEqual(ref Evaluation e, in CelValue a, in CelValue b) =>
        Compare(ref e, a, b, out var order) ? CelValue.Bool(order is -1 or 0) : Overloads.None(ref e, "<=", a, b);

    internal static CelValue Greater(ref Evaluation e, in CelValue a, in CelValue b) =>
        Compare(ref e, a, b, out var order) ? CelValue.Bool(order == 1) : Overloads.None(ref e, ">", a, b);

    internal static CelValue GreaterOrEqual(ref Evaluation e, in CelValue a, in CelValue b) =>
        Compare(ref e, a, b, out var order) ? CelValue.Bool(order is 1 or 0) : Overloads.None(ref e, ">=", a, b);

    // JSON has one kind of number, and it is a double: an integer beside it counts as the double next to it.
    private static bool Mixed(in CelValue a, in CelValue b, out double left, out double right)
    {
        var mixed = a.IsNumber && b.IsNumber && (a.Kind is CelKind.Double) != (b.Kind is CelKind.Double);
        left = mixed ? AsDouble(a) : 0;
        right = mixed ? AsDouble(b) : 0;
        return mixed;
    }

    private static double AsDouble(in CelValue number) => number.Kind switch
    {
        CelKind.Int => number.RawInt,
        CelKind.Uint => number.RawUint,
        _ => number.RawDouble,
    };

    private static bool Compare(ref Evaluation e, in CelValue a, in CelValue b, out int order)
    {
        if (a.IsNumber && b.IsNumber)
        {
            order = CelComparison.CompareNumbers(a, b);
            return true;
        }

        order = 0;
        if (a.Kind != b.Kind)
        {
            return false;
        }

        switch (a.Kind)
        {
            case CelKind.String:
                e.Scan(Math.Min(a.RawString.Length, b.RawString.Length));
                order = CelComparison.CompareStrings(a.RawString, b.RawString);
                return true;
            case CelKind.Bytes:
                e.Scan(Math.Min(a.RawBytes.Length, b.RawBytes.Length));
                order = Math.Sign(a.RawBytes.AsSpan().SequenceCompareTo(b.RawBytes));
                return true;
            case CelKind.Bool:
            case CelKind.Duration:
                order = a.RawInt.CompareTo(b.RawInt);
                return true;
            case CelKind.Timestamp:
                order = CelTime.ToNanos(a).CompareTo(CelTime.ToNanos(b));
                return true;
            default:
                return false;
        }
    }

    private static CelValue Concatenate(ref Evaluation e, CelList a, CelList b)
    {
        long count = (long)a.Count + b.Count;
        e.Allocate(24 * count);
        e.Charge(count / 16);
        var values = new CelValue[count];
        var at = 0;
        foreach (var list in (ReadOnlySpan<CelList>)[a, b])
        {
            foreach (var value in list)
            {
                e.Decoded(value);
                values[at++] = value;
            }
        }

        return CelValue.WrapArray(values);
    }

    private static CelValue Instant(ref Evaluation e, string operation, Int128 nanos, in CelValue a, in CelValue b) =>
        CelTime.TryFromNanos(nanos, out var timestamp) ? timestamp : Overflow(ref e, operation, a, b);

    private static CelValue Span(ref Evaluation e, string operation, Int128 nanos, in CelValue a, in CelValue b) =>
        nanos > long.MaxValue || nanos < long.MinValue ? Overflow(ref e, operation, a, b) : CelValue.Duration((long)nanos);

    private static CelValue Overflow(ref Evaluation e, string operation, in CelValue a, in CelValue b)
    {
        var range = (a.Kind, b.Kind) switch
        {
            (CelKind.Int, _) => "int (64 bits)",
            (CelKind.Uint, _) => operation == "-" ? "uint, which has no negative numbers" : "uint (64 bits)",
            (CelKind.Timestamp, CelKind.Timestamp) or (CelKind.Duration, CelKind.Duration) => "a duration (about 292 years)",
            _ => "a timestamp (years 1 to 9999)",
        };
        return e.Fail(ExpressionErrorCodes.Overflow, $"{CelText.Of(a)} {operation} {CelText.Of(b)} does not fit {range}");
    }

    private static CelValue ByZero(ref Evaluation e, string operation) => e.Fail(
        ExpressionErrorCodes.DivisionByZero, $"the right side of '{operation}' is 0; test it before, as in y != 0 ? x {operation} y : 0");
}
