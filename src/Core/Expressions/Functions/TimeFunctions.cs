using System.Globalization;

namespace Countersign.Expressions;

/// <summary>
/// Parts of timestamps, in UTC or a time zone, and of durations (CEL langdef, "Date/Time Functions"). Zones with names
/// follow the time zone database of the machine; fixed offsets depend on nothing.
/// </summary>
internal static class TimeFunctions
{
    internal static Variadic Accessor(string name, Func<CivilTime, int, long> part, Func<long, long>? ofDuration = null) =>
        (ref Evaluation e, CelValue[] args) =>
        {
            if (args is [{ Kind: CelKind.Duration } duration] && ofDuration is not null)
            {
                return CelValue.Int(ofDuration(duration.RawInt));
            }

            if (args[0].Kind != CelKind.Timestamp || (args.Length == 2 && args[1].Kind != CelKind.String))
            {
                return Overloads.None(ref e, name + "()", args);
            }

            var seconds = args[0].RawInt;
            if (args.Length == 2)
            {
                if (!TryOffset(args[1].RawString, seconds, out var offset))
                {
                    return e.Fail(
                        ExpressionErrorCodes.InvalidArgument,
                        "the text is no time zone; write 'UTC', '+02:00' or a name such as 'Europe/Paris'");
                }

                seconds += offset;
            }

            return CelValue.Int(part(CelTime.Civil(seconds), args[0].RawNanos));
        };

    private static bool TryOffset(string zone, long seconds, out int offset)
    {
        if (zone is "UTC" or "Z" or "")
        {
            offset = 0;
            return zone.Length > 0;
        }

        if (TryFixed(zone, out offset))
        {
            return true;
        }

        if (!IsZoneName(zone) || !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found))
        {
            return false;
        }

        offset = (int)found.GetUtcOffset(DateTime.UnixEpoch.AddSeconds(seconds)).TotalSeconds;
        return true;
    }

    /// <summary><c>+02:00</c>, <c>-09:30</c>, and without a sign as the conformance suite has it.</summary>
    private static bool TryFixed(string zone, out int seconds)
    {
        seconds = 0;
        var digits = zone.AsSpan(zone[0] is '+' or '-' ? 1 : 0);
        if (digits is not [_, _, ':', _, _]
            || !int.TryParse(digits[..2], NumberStyles.None, CultureInfo.InvariantCulture, out var hours)
            || !int.TryParse(digits[3..], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes)
            || hours > 23 || minutes > 59)
        {
            return false;
        }

        seconds = ((hours * 3600) + (minutes * 60)) * (zone[0] == '-' ? -1 : 1);
        return true;
    }

    /// <summary>Only what can be a name in the database, because a name becomes a file path there.</summary>
    private static bool IsZoneName(string zone)
    {
        if (zone.Length > 64 || !char.IsAsciiLetter(zone[0]))
        {
            return false;
        }

        foreach (var c in zone)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('/' or '_' or '-' or '+'))
            {
                return false;
            }
        }

        return !zone.Contains("//", StringComparison.Ordinal) && zone[^1] != '/';
    }
}
