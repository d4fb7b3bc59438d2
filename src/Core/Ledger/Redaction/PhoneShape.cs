namespace Countersign.Ledger;

/// <summary>
/// Telephone numbers that are written as such: international with a plus, or North American with the area in parentheses.
/// The dashed North American form is found with the numbers.
/// </summary>
internal static class PhoneShape
{
    private const int Fewest = 8;
    private const int Most = 15;

    public static int Find(ReadOnlySpan<char> text, int at, List<Finding> findings)
    {
        if (at > 0 && (TextScan.IsWord(text[at - 1]) || text[at - 1] is '/' or '+' or '='))
        {
            return at + 1;
        }

        var end = text[at] == '+' ? International(text, at + 1) : NorthAmerican(text, at);
        if (end < 0)
        {
            return at + 1;
        }

        findings.Add(new Finding(at, end, "phone"));
        return end;
    }

    private static int International(ReadOnlySpan<char> text, int start)
    {
        var (digits, end, earliest) = (0, start, -1);
        for (var i = start; i < text.Length && digits <= Most; i++)
        {
            if (char.IsAsciiDigit(text[i]))
            {
                digits++;
                end = i + 1;
                continue;
            }

            if (i == start || text[i] is not (' ' or '-' or '(' or ')') || i - end >= 2)
            {
                break;
            }

            earliest = earliest < 0 && digits >= Fewest ? end : earliest;
        }

        // Too many digits: the number ended at an earlier space, and something else follows it.
        end = digits > Most ? earliest : end;
        var isPhone = digits >= Fewest && end > 0 && text[start] != '0'
            && (end == text.Length || !(TextScan.IsWord(text[end]) || IsDecimal(text[end..])));
        return isPhone ? end : -1;
    }

    private static int NorthAmerican(ReadOnlySpan<char> text, int at)
    {
        // (415) 555-2671, with or without the space.
        var rest = text[at..];
        if (rest.Length < 13 || rest[4] != ')' || !IsArea(rest[1..4]))
        {
            return -1;
        }

        var number = rest[5] == ' ' ? 6 : 5;
        if (rest.Length < number + 8 || !IsArea(rest.Slice(number, 3)) || rest[number + 3] is not ('-' or '.' or ' '))
        {
            return -1;
        }

        var end = number + 8;
        return AreDigits(rest[(number + 4)..end]) && (rest.Length == end || !TextScan.IsWord(rest[end])) ? at + end : -1;
    }

    /// <summary>Three digits that an area or an exchange can have: neither begins with 0 or 1.</summary>
    public static bool IsArea(ReadOnlySpan<char> digits) => AreDigits(digits) && digits[0] >= '2';

    private static bool AreDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');

    private static bool IsDecimal(ReadOnlySpan<char> text) => text.Length > 1 && text[0] is ('.' or ',') && char.IsAsciiDigit(text[1]);
}
