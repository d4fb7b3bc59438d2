using System.Text;

namespace Countersign.Schemas.Formats;

/// <summary>The encoding of labels beyond ASCII, RFC 3492, for labels of at most 63 characters.</summary>
internal static class Punycode
{
    private const int Base = 36;
    private const int TMin = 1;
    private const int TMax = 26;
    private const int Skew = 38;
    private const int Damp = 700;
    private const int InitialBias = 72;
    private const int InitialPoint = 128;
    private const int Longest = 1024;

    /// <summary>Decodes lower-case text without its prefix; null when it is not Punycode.</summary>
    public static int[]? Decode(string text)
    {
        int hyphen = text.LastIndexOf('-');
        var output = new List<int>(text[..Math.Max(0, hyphen)].Select(c => (int)c));
        long point = InitialPoint;
        long index = 0;
        int bias = InitialBias;
        int at = hyphen + 1;
        while (at < text.Length)
        {
            long before = index;
            if (!TryReadDelta(text, ref at, bias, ref index))
            {
                return null;
            }

            int size = output.Count + 1;
            bias = Adapt(index - before, size, before == 0);
            point += index / size;
            index %= size;
            if (point > 0x10FFFF || point is >= 0xD800 and <= 0xDFFF)
            {
                return null;
            }

            output.Insert((int)index++, (int)point);
        }

        return [.. output];
    }

    /// <summary>Encodes a label; null when it is far too long for one.</summary>
    public static string? Encode(int[] points)
    {
        if (points.Length > Longest)
        {
            return null;
        }

        var output = new StringBuilder();
        foreach (int point in points.Where(p => p < InitialPoint))
        {
            output.Append((char)point);
        }

        int basic = output.Length;
        int handled = basic;
        output.Append(basic > 0 ? "-" : "");
        int current = InitialPoint;
        long delta = 0;
        int bias = InitialBias;
        while (handled < points.Length)
        {
            int next = points.Where(p => p >= current).Min();
            delta += (long)(next - current) * (handled + 1);
            current = next;
            foreach (int point in points)
            {
                delta += point < current ? 1 : 0;
                if (point == current)
                {
                    WriteDelta(output, delta, bias);
                    bias = Adapt(delta, handled + 1, handled == basic);
                    delta = 0;
                    handled++;
                }
            }

            delta++;
            current++;
        }

        return output.ToString();
    }

    private static bool TryReadDelta(string text, ref int at, int bias, ref long index)
    {
        long weight = 1;
        for (int k = Base; ; k += Base)
        {
            int digit = at < text.Length ? DigitOf(text[at++]) : -1;
            if (digit < 0 || weight > int.MaxValue || index > int.MaxValue)
            {
                return false;
            }

            index += digit * weight;
            int threshold = Math.Clamp(k - bias, TMin, TMax);
            if (digit < threshold)
            {
                return true;
            }

            weight *= Base - threshold;
        }
    }

    private static void WriteDelta(StringBuilder output, long delta, int bias)
    {
        long rest = delta;
        for (int k = Base; ; k += Base)
        {
            int threshold = Math.Clamp(k - bias, TMin, TMax);
            if (rest < threshold)
            {
                output.Append(CharacterOf((int)rest));
                return;
            }

            output.Append(CharacterOf((int)(threshold + ((rest - threshold) % (Base - threshold)))));
            rest = (rest - threshold) / (Base - threshold);
        }
    }

    private static int Adapt(long delta, int count, bool first)
    {
        delta = first ? delta / Damp : delta / 2;
        delta += delta / count;
        int k = 0;
        for (; delta > (Base - TMin) * TMax / 2; k += Base)
        {
            delta /= Base - TMin;
        }

        return k + (int)((Base - TMin + 1) * delta / (delta + Skew));
    }

    private static int DigitOf(char character) => character switch
    {
        >= 'a' and <= 'z' => character - 'a',
        >= '0' and <= '9' => character - '0' + 26,
        _ => -1,
    };

    private static char CharacterOf(int digit) => (char)(digit < 26 ? 'a' + digit : '0' + digit - 26);
}
