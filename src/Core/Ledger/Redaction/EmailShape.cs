namespace Countersign.Ledger;

/// <summary>E-mail addresses, the sign in the middle also as <c>%40</c>.</summary>
internal static class EmailShape
{
    private const int LongestLocal = 64;
    private const int LongestDomain = 255;

    public static int Find(ReadOnlySpan<char> text, int at, List<Finding> findings)
    {
        var sign = text[at] == '@' ? 1 : text[at..].StartsWith("%40", StringComparison.Ordinal) ? 3 : 0;
        if (sign == 0)
        {
            return at + 1;
        }

        var start = at;
        while (start > 0 && at - start < LongestLocal && IsLocal(text[start - 1]))
        {
            start--;
        }

        var end = DomainEnd(text, at + sign);
        if (start == at || end < 0)
        {
            return at + sign;
        }

        findings.Add(new Finding(start, end, "email"));
        return end;
    }

    // At least two labels, the last of letters only.
    private static int DomainEnd(ReadOnlySpan<char> text, int start)
    {
        var limit = Math.Min(text.Length, start + LongestDomain);
        var end = start;
        while (end < limit && (TextScan.IsWord(text[end]) || text[end] is '.' or '-'))
        {
            end++;
        }

        // What follows the last label of letters belongs to the text around: a full stop, a number, a dash.
        while (end > start)
        {
            var dot = text[start..end].LastIndexOf('.');
            var label = text[(start + dot + 1)..end];
            if (dot > 0 && label.Length >= 2
                && (label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase) || !(label.ContainsAnyInRange('0', '9') || label.Contains('-'))))
            {
                return end;
            }

            end = start + Math.Max(text[start..end].LastIndexOfAny('.', '-'), 0);
        }

        return -1;
    }

    private static bool IsLocal(char c) => TextScan.IsWord(c) || c is '.' or '%' or '+' or '-' or '\'';
}
