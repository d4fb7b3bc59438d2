using System.Globalization;
using System.Text;

namespace Countersign.Language;

/// <summary>Lengths of time as documents write them: whole numbers with the units <c>d h m s ms</c>, largest first, each at most once: <c>48h</c>, <c>1h30m</c>, <c>250ms</c>.</summary>
public static class Duration
{
    /// <summary>The longest length a document may name: 3660 days, about ten years.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(3660);

    private static readonly (string Unit, long Milliseconds)[] Units =
        [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

    /// <summary>Reads a length of time.</summary>
    /// <param name="text">Such as <c>90s</c> or <c>1h30m</c>.</param>
    /// <param name="duration">The length; zero where the text is none.</param>
    /// <returns>Whether the text is a length between 0 and <see cref="Longest"/>.</returns>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text is null || text.Length is 0 or > 40)
        {
            return false;
        }

        long total = 0;
        int position = 0;
        int unit = 0;
        while (position < text.Length)
        {
            int digits = position;
            while (digits < text.Length && char.IsAsciiDigit(text[digits]))
            {
                digits++;
            }

            int letters = digits;
            while (letters < text.Length && char.IsAsciiLetterLower(text[letters]))
            {
                letters++;
            }

            int found = Array.FindIndex(Units, unit, u => text.AsSpan(digits, letters - digits).SequenceEqual(u.Unit));
            if (found < 0
                || digits - position is 0 or > 12
                || !long.TryParse(text.AsSpan(position, digits - position), NumberStyles.None, CultureInfo.InvariantCulture, out long count)
                || count > (long)Longest.TotalMilliseconds / Units[found].Milliseconds)
            {
                return false;
            }

            total += count * Units[found].Milliseconds;
            unit = found + 1;
            position = letters;
        }

        duration = TimeSpan.FromMilliseconds(total);
        return duration <= Longest;
    }

    /// <summary>The one normal form of a length: no zero parts, and <c>0s</c> for nothing. Parts below a millisecond are dropped.</summary>
    public static string Format(TimeSpan duration)
    {
        long rest = (long)duration.TotalMilliseconds;
        if (rest <= 0)
        {
            return "0s";
        }

        StringBuilder text = new();
        foreach ((string unit, long milliseconds) in Units)
        {
            if (rest >= milliseconds)
            {
                text.Append(CultureInfo.InvariantCulture, $"{rest / milliseconds}{unit}");
                rest %= milliseconds;
            }
        }

        return text.ToString();
    }
}
