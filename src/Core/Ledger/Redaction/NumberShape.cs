namespace Countersign.Ledger;

/// <summary>
/// Numbers that name a person or an account: payment cards (issuer's digits, length and Luhn checked), United States
/// social security numbers, and dashed North American telephone numbers. Digits within words are never looked at.
/// </summary>
internal static class NumberShape
{
    private const int MostGroups = 6;

    /// <param name="text">The whole text.</param>
    /// <param name="start">First digit of a group with no word character before it.</param>
    /// <param name="end">End of that group; no word character follows.</param>
    /// <param name="findings">Receives what is found.</param>
    /// <returns>Where to go on.</returns>
    public static int Find(ReadOnlySpan<char> text, int start, int end, List<Finding> findings)
    {
        Span<Range> groups = stackalloc Range[MostGroups];
        groups[0] = start..end;
        var separator = end < text.Length ? text[end] : '\0';
        var count = Groups(text, end, separator, groups);
        for (var take = count; take > 0; take--)
        {
            var last = groups[take - 1].End.Value;
            if (IsPartOfMore(text, start, last, take == 1 ? '\0' : separator))
            {
                continue;
            }

            var kind = Kind(text, groups[..take], separator);
            if (kind is not null)
            {
                findings.Add(new Finding(start, last, kind));
                return last;
            }
        }

        return end;
    }

    private static int Groups(ReadOnlySpan<char> text, int end, char separator, Span<Range> groups)
    {
        var count = 1;
        if (separator is not ('-' or ' ' or '.'))
        {
            return count;
        }

        while (count < groups.Length && end < text.Length && text[end] == separator)
        {
            var next = end + 1;
            end = next;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
            {
                end++;
            }

            if (end == next || (end < text.Length && TextScan.IsWord(text[end])))
            {
                break;
            }

            groups[count++] = next..end;
        }

        return count;
    }

    // 12.5 is no number 12, and in 1-2-3 no two of the three stand for themselves. A space joins nothing.
    private static bool IsPartOfMore(ReadOnlySpan<char> text, int start, int end, char separator)
    {
        var joinsBefore = start > 1 && char.IsAsciiDigit(text[start - 2]) && (text[start - 1] is '.' || (text[start - 1] == separator && separator != ' '));
        var joinsAfter = end + 1 < text.Length && char.IsAsciiDigit(text[end + 1])
            && (text[end] is '.' || (text[end] == separator && separator != ' '));
        return joinsBefore || joinsAfter;
    }

    private static string? Kind(ReadOnlySpan<char> text, ReadOnlySpan<Range> groups, char separator)
    {
        if (groups.Length == 3 && separator is ('-' or ' ') && IsSsn(text[groups[0]], text[groups[1]], text[groups[2]]))
        {
            return "ssn";
        }

        if (separator is ('-' or '.') && IsPhone(text, groups))
        {
            return "phone";
        }

        return (groups.Length == 1 || separator is ('-' or ' ')) && CardNumber.Matches(text, groups) ? "card" : null;
    }

    private static bool IsSsn(ReadOnlySpan<char> area, ReadOnlySpan<char> group, ReadOnlySpan<char> serial) =>
        area.Length == 3 && group.Length == 2 && serial.Length == 4
        && area is not ("000" or "666") && area[0] != '9' && group is not "00" && serial is not "0000";

    private static bool IsPhone(ReadOnlySpan<char> text, ReadOnlySpan<Range> groups)
    {
        var first = groups.Length == 4 && text[groups[0]] is "1" ? 1 : 0;
        return groups.Length == first + 3
            && text[groups[first]].Length == 3 && PhoneShape.IsArea(text[groups[first]])
            && text[groups[first + 1]].Length == 3 && PhoneShape.IsArea(text[groups[first + 1]])
            && text[groups[first + 2]].Length == 4;
    }
}
