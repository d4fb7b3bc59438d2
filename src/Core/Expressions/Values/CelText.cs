using System.Globalization;
using System.Text;

namespace Countersign.Expressions;

/// <summary>Values as text: canonical JSON (RFC 8785) for lists and maps, and descriptions for people.</summary>
internal static class CelText
{
    internal static string Of(in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.String:
                return value.RawString;
            case CelKind.Double:
                return EcmaNumber.Format(value.RawDouble);
            case CelKind.Int:
                return value.RawInt.ToString(CultureInfo.InvariantCulture);
            case CelKind.Uint:
                return value.RawUint.ToString(CultureInfo.InvariantCulture);
            case CelKind.Type:
                return value.RawString;
            case CelKind.List:
            case CelKind.Map:
                var text = new StringBuilder();
                Append(text, value, 0);
                return text.ToString();
            default:
                return Scalar(value);
        }
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

    private static string Scalar(in CelValue value) => value.Kind switch
    {
        CelKind.Null => "null",
        CelKind.Bool => value.RawBool ? "true" : "false",
        CelKind.Bytes => Convert.ToBase64String(value.RawBytes),
        CelKind.Timestamp => CelTime.FormatTimestamp(value),
        CelKind.Duration => CelTime.FormatDuration(value.RawInt),
        _ => throw new ExpressionException(ExpressionErrorCodes.NotJson, $"a value of type {value.TypeName} has no JSON form"),
    };

    private static void Append(StringBuilder text, in CelValue value, int depth)
    {
        if (depth > CelComparison.MaxDepth)
        {
            throw new ExpressionException(ExpressionErrorCodes.Limit, "the value is nested too deeply");
        }

        switch (value.Kind)
        {
            case CelKind.Null:
            case CelKind.Bool:
                text.Append(Scalar(value));
                break;
            case CelKind.Int:
            case CelKind.Uint:
            case CelKind.Double:
                text.Append(CelJson.CheckedNumber(value));
                break;
            case CelKind.String:
                AppendString(text, value.RawString);
                break;
            case CelKind.List:
                AppendList(text, value.RawList, depth);
                break;
            case CelKind.Map:
                AppendMap(text, value.RawMap, depth);
                break;
            default:
                AppendString(text, Scalar(value));
                break;
        }
    }

    private static void AppendList(StringBuilder text, CelList list, int depth)
    {
        text.Append('[');
        var separator = "";
        foreach (var item in list)
        {
            text.Append(separator);
            Append(text, item, depth + 1);
            separator = ",";
        }

        text.Append(']');
    }

    private static void AppendMap(StringBuilder text, CelMap map, int depth)
    {
        // RFC 8785 §3.2.3: by UTF-16 units, which is what ordinal comparison does.
        var entries = new SortedDictionary<string, CelValue>(StringComparer.Ordinal);
        foreach (var (name, value) in CelJson.Entries(map))
        {
            entries.Add(name, value);
        }

        text.Append('{');
        var separator = "";
        foreach (var (name, value) in entries)
        {
            text.Append(separator);
            AppendString(text, name);
            text.Append(':');
            Append(text, value, depth + 1);
            separator = ",";
        }

        text.Append('}');
    }

    /// <summary>RFC 8785 §3.2.2.2: only what JSON requires is escaped.</summary>
    private static void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            switch (c)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\b': text.Append("\\b"); break;
                case '\f': text.Append("\\f"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case < ' ': text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"); break;
                default: text.Append(c); break;
            }
        }

        text.Append('"');
    }
}
