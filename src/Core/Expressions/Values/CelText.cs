using System.Globalization;
using System.Text;
using Countersign.Canonical;

namespace Countersign.Expressions;

/// <summary>Values as text: canonical JSON (RFC 8785) for lists and maps, and descriptions for people.</summary>
internal static class CelText
{
    internal static string Of(in CelValue value) => value.Kind switch
    {
        CelKind.String or CelKind.Type => value.RawString,
        CelKind.Double => OfDouble(value.RawDouble),
        CelKind.Int => value.RawInt.ToString(CultureInfo.InvariantCulture),
        CelKind.Uint => value.RawUint.ToString(CultureInfo.InvariantCulture),
        CelKind.Null => "null",
        CelKind.Bool => value.RawBool ? "true" : "false",
        CelKind.Bytes => Convert.ToBase64String(value.RawBytes),
        CelKind.Timestamp => CelTime.FormatTimestamp(value),
        CelKind.Duration => CelTime.FormatDuration(value.RawInt),
        CelKind.List or CelKind.Map => Canonical(value),
        _ => throw new ExpressionException(ExpressionErrorCodes.NotJson, $"a value of type {value.TypeName} has no text"),
    };

    /// <summary>As ECMAScript writes numbers, its names for what is no finite number included.</summary>
    internal static string OfDouble(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
        }

        Span<byte> text = stackalloc byte[EcmaNumber.MaxLength];
        return Encoding.ASCII.GetString(text[..EcmaNumber.Format(value, text)]);
    }

    /// <summary>Like text, but whole for every kind: what JSON cannot hold is still shown.</summary>
    internal static string Describe(in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.List:
                return "[" + string.Join(", ", value.RawList) + "]";
            case CelKind.Map:
                var map = value.RawMap;
                return "{" + string.Join(", ", map.Keys.Select(key => $"{key}: {(map.TryGet(key, out var v) ? v : default)}")) + "}";
            default:
                return Of(value);
        }
    }

    private static string Canonical(in CelValue value)
    {
        try
        {
            // Numbers of the input are doubles here already, so that an integer beyond 2^53 has the text of its double.
            return Encoding.UTF8.GetString(CanonicalJson.ToBytes(CelJson.ToElement(value), LargeIntegers.Round));
        }
        catch (CanonicalJsonException e)
        {
            throw new ExpressionException(new ExpressionError(ExpressionErrorCodes.NotJson, e.Message, 0, 0, 0), e);
        }
    }
}
