using System.Globalization;

namespace Countersign.Expressions;

/// <summary>
/// Points and spans of time: RFC 3339 text, duration text, and the civil calendar. Own arithmetic, because timestamps
/// carry nanoseconds and a local time may fall outside the years that <see cref="DateTime"/> knows.
/// </summary>
internal static class CelTime
{
    /// <summary>0001-01-01T00:00:00Z in seconds since 1970.</summary>
    internal const long MinSeconds = -62_135_596_800;

    /// <summary>9999-12-31T23:59:59Z in seconds since 1970.</summary>
    internal const long MaxSeconds = 253_402_300_799;

    internal const long NanosPerSecond = 1_000_000_000;

    internal static Int128 ToNanos(in CelValue timestamp) => ((Int128)timestamp.RawInt * NanosPerSecond) + timestamp.RawNanos;

    /// <summary>False where the instant is outside the years 1 to 9999.</summary>
    internal static bool TryFromNanos(Int128 nanos, out CelValue timestamp)
    {
        var (seconds, rest) = Int128.DivRem(nanos, NanosPerSecond);
        if (rest < 0)
        {
            seconds--;
            rest += NanosPerSecond;
        }

        var inRange = seconds >= MinSeconds && seconds <= MaxSeconds;
        timestamp = inRange ? CelValue.RawTimestamp((long)seconds, (int)rest) : default;
        return inRange;
    }

    /// <summary>Reads <c>2009-02-13T23:31:30.5Z</c> or with an offset <c>+01:00</c> (RFC 3339 §5.6), up to nine decimals.</summary>
    internal static bool TryParseTimestamp(string text, out CelValue timestamp)
    {
        timestamp = default;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
        {
            return false;
        }

        if (!Digits(text, 0, 4, out var year) || !Digits(text, 5, 2, out var month) || !Digits(text, 8, 2, out var day)
            || !Digits(text, 11, 2, out var hour) || !Digits(text, 14, 2, out var minute) || !Digits(text, 17, 2, out var second)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        var at = 19;
        if (!ParseFraction(text, ref at, out var nanos) || !ParseOffset(text, at, out var offset))
        {
            return false;
        }

        var seconds = (DaysFromCivil(year, month, day) * 86_400) + (hour * 3600) + (minute * 60) + second - offset;
        if (seconds is < MinSeconds or > MaxSeconds)
        {
            return false;
        }

        timestamp = CelValue.RawTimestamp(seconds, nanos);
        return true;
    }

    internal static string FormatTimestamp(in CelValue timestamp)
    {
        var civil = Civil(timestamp.RawInt);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{civil.Year:0000}-{civil.Month:00}-{civil.Day:00}T{civil.Hour:00}:{civil.Minute:00}:{civil.Second:00}");
        return text + Fraction(timestamp.RawNanos) + "Z";
    }

    /// <summary>Decimal seconds, as the JSON mapping of protocol buffers writes them: <c>1.5s</c>.</summary>
    internal static string FormatDuration(long nanos)
    {
        var seconds = nanos / NanosPerSecond;
        var rest = (int)Math.Abs(nanos % NanosPerSecond);
        var sign = nanos < 0 && seconds == 0 ? "-" : "";
        return sign + seconds.ToString(CultureInfo.InvariantCulture) + Fraction(rest) + "s";
    }

    /// <summary>
    /// Reads <c>1h30m</c>, <c>-1.5s</c>, <c>0</c>: signed decimal numbers with the units h, m, s, ms, us, µs and ns.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="nanos">The duration read.</param>
    /// <param name="outOfRange">Whether the text is a duration, but one that does not fit.</param>
    internal static bool TryParseDuration(string text, out long nanos, out bool outOfRange)
    {
        nanos = 0;
        outOfRange = false;
        var at = text.Length > 0 && text[0] is '-' or '+' ? 1 : 0;
        var negative = at == 1 && text[0] == '-';
        if (text.AsSpan(at) is "0")
        {
            return true;
        }

        Int128 total = 0;
        var any = false;
        while (at < text.Length)
        {
            if (!ParseQuantity(text, ref at, out var quantity))
            {
                return false;
            }

            total = total > Int128.MaxValue / 4 ? total : total + quantity;
            any = true;
        }

        total = negative ? -total : total;
        outOfRange = any && (total > long.MaxValue || total < long.MinValue);
        nanos = any && !outOfRange ? (long)total : 0;
        return any && !outOfRange;
    }

    internal static CivilTime Civil(long seconds)
    {
        var days = Math.DivRem(seconds, 86_400, out var rest);
        if (rest < 0)
        {
            days--;
            rest += 86_400;
        }

        // Days to year, month and day by eras of 400 years, with the year taken to begin in March.
        var shifted = days + 719_468;
        var era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097;
        var dayOfEra = shifted - (era * 146_097);
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var shiftedMonth = ((5 * dayOfYear) + 2) / 153;
        var day = (int)(dayOfYear - (((153 * shiftedMonth) + 2) / 5) + 1);
        var month = (int)(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9);
        var year = (int)(yearOfEra + (era * 400) + (month <= 2 ? 1 : 0));
        var weekday = (int)((((days + 4) % 7) + 7) % 7);
        var ordinal = (int)(days - DaysFromCivil(year, 1, 1));
        return new CivilTime(year, month, day, (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60), weekday, ordinal);
    }

    private static long DaysFromCivil(int year, int month, int day)
    {
        long y = month <= 2 ? year - 1 : year;
        var era = (y >= 0 ? y : y - 399) / 400;
        var yearOfEra = y - (era * 400);
        var dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9)) + 2) / 5) + day - 1;
        var dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * 146_097) + dayOfEra - 719_468;
    }

    private static string Fraction(int nanos)
    {
        if (nanos == 0)
        {
            return "";
        }

        return "." + nanos.ToString("000000000", CultureInfo.InvariantCulture).TrimEnd('0');
    }

    private static bool Digits(string text, int start, int count, out int value)
    {
        value = 0;
        for (var i = start; i < start + count; i++)
        {
            if (i >= text.Length || !char.IsAsciiDigit(text[i]))
            {
                return false;
            }

            value = (value * 10) + (text[i] - '0');
        }

        return true;
    }

    private static bool ParseFraction(string text, ref int at, out int nanos)
    {
        nanos = 0;
        if (text[at] != '.')
        {
            return true;
        }

        var start = ++at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        var count = at - start;
        if (count is 0 or > 9 || at == text.Length)
        {
            return false;
        }

        Digits(text, start, count, out nanos);
        for (; count < 9; count++)
        {
            nanos *= 10;
        }

        return true;
    }

    private static bool ParseOffset(string text, int at, out int seconds)
    {
        seconds = 0;
        if (text.AsSpan(at) is "Z")
        {
            return true;
        }

        if (text.Length != at + 6 || text[at] is not ('+' or '-') || text[at + 3] != ':'
            || !Digits(text, at + 1, 2, out var hours) || !Digits(text, at + 4, 2, out var minutes) || hours > 23 || minutes > 59)
        {
            return false;
        }

        seconds = ((hours * 3600) + (minutes * 60)) * (text[at] == '-' ? -1 : 1);
        return true;
    }

    private static bool ParseQuantity(string text, ref int at, out Int128 nanos)
    {
        nanos = 0;
        var start = at;
        Int128 whole = 0;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            // Beyond 10^20 nothing fits; stopping to add keeps the arithmetic in bounds.
            whole = whole > (Int128)1e20 ? whole : (whole * 10) + (text[at] - '0');
            at++;
        }

        var digits = at - start;
        Int128 fraction = 0;
        Int128 scale = 1;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            for (; at < text.Length && char.IsAsciiDigit(text[at]); at++, digits++)
            {
                if (scale < (Int128)1e18)
                {
                    fraction = (fraction * 10) + (text[at] - '0');
                    scale *= 10;
                }
            }
        }

        if (digits == 0 || !ParseUnit(text, ref at, out var unit))
        {
            return false;
        }

        nanos = (whole * unit) + (fraction * unit / scale);
        return true;
    }

    private static bool ParseUnit(string text, ref int at, out long nanos)
    {
        var rest = text.AsSpan(at);
        (nanos, var length) = rest switch
        {
            ['n', 's', ..] => (1L, 2),
            ['u' or '\u00B5' or '\u03BC', 's', ..] => (1000L, 2),
            ['m', 's', ..] => (1_000_000L, 2),
            ['s', ..] => (NanosPerSecond, 1),
            ['m', ..] => (60 * NanosPerSecond, 1),
            ['h', ..] => (3600 * NanosPerSecond, 1),
            _ => (0L, 0),
        };
        at += length;
        return length > 0;
    }
}

/// <summary>A point in time on the calendar; month and day from 1, weekday from 0 (Sunday), day of the year from 0.</summary>
internal readonly record struct CivilTime(int Year, int Month, int Day, int Hour, int Minute, int Second, int Weekday, int DayOfYear);
