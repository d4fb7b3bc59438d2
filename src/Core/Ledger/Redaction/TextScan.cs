namespace Countersign.Ledger;

/// <summary>
/// Goes through a text once and finds what looks like a secret or like a person's data. Every look ahead or back is
/// bounded or moves the scan on, so that the time is linear whatever the text.
/// </summary>
internal static class TextScan
{
    public static void Find(ReadOnlySpan<char> text, List<Finding> findings)
    {
        var at = 0;
        while (at < text.Length)
        {
            var c = text[at];
            at = c switch
            {
                '@' or '%' => EmailShape.Find(text, at, findings),
                '+' or '(' => PhoneShape.Find(text, at, findings),
                '-' => PemShape.Find(text, at, findings),
                ':' or '=' => FieldShape.Find(text, at, findings),
                _ when IsWord(c) => Word(text, at, findings),
                _ => at + 1,
            };
        }
    }

    /// <summary>Characters of words, in the sense that a number or key next to one is a part of something longer.</summary>
    public static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_' || c > 127;

    private static int Word(ReadOnlySpan<char> text, int at, List<Finding> findings)
    {
        if (UuidLength(text[at..]) is var uuid and > 0)
        {
            return at + uuid;
        }

        var key = KeyShape.Find(text, at, findings);
        if (key > at)
        {
            return key;
        }

        var end = at;
        var isNumber = true;
        while (end < text.Length && IsWord(text[end]))
        {
            isNumber &= char.IsAsciiDigit(text[end]);
            end++;
        }

        return isNumber ? NumberShape.Find(text, at, end, findings) : end;
    }

    // A UUID of many digits looks like a card number to anyone who does not see it whole.
    private static int UuidLength(ReadOnlySpan<char> text)
    {
        const int length = 36;
        if (text.Length < length || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-'
            || (text.Length > length && IsWord(text[length])))
        {
            return 0;
        }

        for (var i = 0; i < length; i++)
        {
            if (i is not (8 or 13 or 18 or 23) && !char.IsAsciiHexDigit(text[i]))
            {
                return 0;
            }
        }

        return length;
    }
}
