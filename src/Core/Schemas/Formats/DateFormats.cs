namespace Countersign.Schemas.Formats;

/// <summary><c>date-time</c>, <c>date</c> and <c>time</c> of RFC 3339, section 5.6, with the leap seconds of section 5.7.</summary>
internal static class DateFormats
{
    private const int MinutesPerDay = 24 * 60;

    public static bool IsDateTime(ReadOnlySpan<byte> text) =>
        text.Length > 11 && IsDate(text[..10]) && (text[10] | 0x20) == 't' && IsTime(text[11..]);

    public static bool IsDate(ReadOnlySpan<byte> text)
    {
        if (text.Length != 10 || text[4] != '-' || text[7] != '-')
        {
            return false;
        }

        int century = Two(text);
        int years = Two(text[2..]);
        int month = Two(text[5..]);
        int day = Two(text[8..]);
        return century >= 0 && years >= 0 && month is >= 1 and <= 12 && day >= 1 && day <= DaysIn((century * 100) + years, month);
    }

    public static bool IsTime(ReadOnlySpan<byte> text)
    {
        if (text.Length < 9 || text[2] != ':' || text[5] != ':')
        {
            return false;
        }

        int hour = Two(text);
        int minute = Two(text[3..]);
        int second = Two(text[6..]);
        if (hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60)
        {
            return false;
        }

        ReadOnlySpan<byte> zone = text[8..];
        if (zone[0] == '.')
        {
            int end = zone[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') + 1;
            if (end <= 1)
            {
                return false;
            }

            zone = zone[end..];
        }

        return TryReadZone(zone, out int offset) && (second < 60 || IsLastMinute((hour * 60) + minute - offset));
    }

    private static bool TryReadZone(ReadOnlySpan<byte> zone, out int minutes)
    {
        minutes = 0;
        if (zone.Length == 1)
        {
            return (zone[0] | 0x20) == 'z';
        }

        if (zone.Length != 6 || zone[0] is not ((byte)'+' or (byte)'-') || zone[3] != ':')
        {
            return false;
        }

        int hour = Two(zone[1..]);
        int minute = Two(zone[4..]);
        minutes = ((hour * 60) + minute) * (zone[0] == '-' ? -1 : 1);
        return hour is >= 0 and <= 23 && minute is >= 0 and <= 59;
    }

    // A leap second is the last one of a day in UTC.
    private static bool IsLastMinute(int utcMinutes) =>
        (((utcMinutes % MinutesPerDay) + MinutesPerDay) % MinutesPerDay) == MinutesPerDay - 1;

    private static int Two(ReadOnlySpan<byte> text) =>
        char.IsAsciiDigit((char)text[0]) && char.IsAsciiDigit((char)text[1]) ? ((text[0] - '0') * 10) + (text[1] - '0') : -1;

    private static int DaysIn(int year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };
}
