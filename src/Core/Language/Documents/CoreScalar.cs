using System.Globalization;
using System.Text;
using Countersign.Canonical;

namespace Countersign.Language;

/// <summary>Plain scalars after the YAML 1.2.2 core schema (§10.3.2): <c>no</c>, <c>on</c> and <c>12:30</c> are texts.</summary>
internal static class CoreScalar
{
    /// <summary>Integers beyond this are not all doubles (RFC 8259 §6), so they are refused rather than rounded.</summary>
    private const long LargestExactInteger = 9007199254740992;

    /// <summary>What a plain scalar is.</summary>
    /// <param name="text">The scalar as written.</param>
    /// <param name="json">Its JSON text; null for a number that JSON or a double does not have.</param>
    public static NodeKind Resolve(string text, out string? json)
    {
        json = text;
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                json = "null";
                return NodeKind.Null;
            case "true" or "True" or "TRUE":
                json = "true";
                return NodeKind.Boolean;
            case "false" or "False" or "FALSE":
                json = "false";
                return NodeKind.Boolean;
            case ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF" or ".nan" or ".NaN" or ".NAN":
                json = null;
                return NodeKind.Number;
        }

        if (text.StartsWith("0x", StringComparison.Ordinal) && text.Length > 2 && text.Skip(2).All(char.IsAsciiHexDigit))
        {
            json = Radix(text[2..], 16);
            return NodeKind.Number;
        }

        if (text.StartsWith("0o", StringComparison.Ordinal) && text.Length > 2 && text.Skip(2).All(c => c is >= '0' and <= '7'))
        {
            json = Radix(text[2..], 8);
            return NodeKind.Number;
        }

        if (!IsDecimal(text))
        {
            return NodeKind.Text;
        }

        json = Normalise(text);
        return NodeKind.Number;
    }

    /// <summary>Whether a JSON number is a double without loss of whole digits.</summary>
    public static bool Fits(string number)
        => double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && double.IsFinite(value)
            && (number.AsSpan().IndexOfAny(".eE") >= 0
                ? !RoundedNumber.Is(Encoding.UTF8.GetBytes(number), value)
                : (long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole)
                    && whole is >= -LargestExactInteger and <= LargestExactInteger));

    private static bool IsDecimal(string text)
    {
        int at = text[0] is '-' or '+' ? 1 : 0;
        int whole = Digits(text, ref at);
        int fraction = 0;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            fraction = Digits(text, ref at);
        }

        if (whole + fraction == 0)
        {
            return false;
        }

        if (at < text.Length && text[at] is 'e' or 'E')
        {
            at++;
            at += at < text.Length && text[at] is '-' or '+' ? 1 : 0;
            if (Digits(text, ref at) == 0)
            {
                return false;
            }
        }

        return at == text.Length;
    }

    private static int Digits(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return at - start;
    }

    /// <summary>JSON knows no <c>+5</c>, <c>.5</c>, <c>5.</c> and <c>007</c>.</summary>
    private static string? Normalise(string text)
    {
        int exponent = text.AsSpan().IndexOfAny("eE");
        string mantissa = exponent < 0 ? text : text[..exponent];
        string sign = mantissa[0] == '-' ? "-" : "";
        mantissa = mantissa.TrimStart('-', '+');
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        string whole = (point < 0 ? mantissa : mantissa[..point]).TrimStart('0');
        string fraction = point < 0 ? "" : mantissa[(point + 1)..];
        StringBuilder json = new(sign);
        json.Append(whole.Length == 0 ? "0" : whole);
        json.Append(fraction.Length == 0 ? "" : "." + fraction);
        json.Append(exponent < 0 ? "" : text[exponent..]);
        string result = json.ToString();
        return Fits(result) ? result : null;
    }

    private static string? Radix(string digits, int radix)
    {
        long value = 0;
        foreach (char digit in digits)
        {
            value = (value * radix) + Convert.ToInt32(digit.ToString(), 16);
            if (value > LargestExactInteger)
            {
                return null;
            }
        }

        return value.ToString(CultureInfo.InvariantCulture);
    }
}
