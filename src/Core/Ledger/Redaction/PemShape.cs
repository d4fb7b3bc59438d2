namespace Countersign.Ledger;

/// <summary>PEM blocks (RFC 7468), to their end or, where that is cut off, to the end of the text.</summary>
internal static class PemShape
{
    private const string Begin = "-----BEGIN ";
    private const string End = "-----END ";
    private const string Dashes = "-----";

    public static int Find(ReadOnlySpan<char> text, int at, List<Finding> findings)
    {
        if (!text[at..].StartsWith(Begin, StringComparison.Ordinal))
        {
            return at + 1;
        }

        var end = text.Length;
        var mark = text[at..].IndexOf(End, StringComparison.Ordinal);
        if (mark >= 0)
        {
            var label = at + mark + End.Length;
            var close = text[label..].IndexOf(Dashes, StringComparison.Ordinal);
            end = close < 0 ? text.Length : label + close + Dashes.Length;
        }

        findings.Add(new Finding(at, end, "pem"));
        return end;
    }
}
