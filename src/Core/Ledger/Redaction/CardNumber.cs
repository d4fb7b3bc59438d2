using System.Globalization;

namespace Countersign.Ledger;

/// <summary>Payment card numbers (ISO/IEC 7812): a known issuer's first digits, its length, a right check digit.</summary>
internal static class CardNumber
{
    private const int Fewest = 13;
    private const int Most = 19;

    // First six digits from and to, fewest and most digits.
    private static readonly (int From, int To, int Min, int Max)[] Issuers =
    [
        (400000, 499999, 13, 19), (510000, 559999, 16, 16), (222100, 272099, 16, 16), (340000, 349999, 15, 15), (370000, 379999, 15, 15),
        (300000, 305999, 14, 19), (360000, 369999, 14, 19), (380000, 399999, 14, 19), (352800, 358999, 16, 19), (601100, 601199, 16, 19),
        (644000, 659999, 16, 19), (620000, 629999, 16, 19), (500000, 509999, 16, 19), (560000, 589999, 16, 19), (630400, 630499, 16, 19),
        (675900, 676399, 16, 19), (220000, 220499, 16, 19),
    ];

    /// <summary>Whether the groups of digits are one card number, alone or in the groups that are printed on cards.</summary>
    public static bool Matches(ReadOnlySpan<char> text, ReadOnlySpan<Range> groups)
    {
        Span<char> digits = stackalloc char[Most];
        var count = 0;
        foreach (var group in groups)
        {
            var part = text[group];
            if (count + part.Length > Most || (groups.Length > 1 && part.Length is (< 3 or > 6)))
            {
                return false;
            }

            part.CopyTo(digits[count..]);
            count += part.Length;
        }

        return count >= Fewest && IsIssued(digits[..count]) && HasCheckDigit(digits[..count]);
    }

    private static bool IsIssued(ReadOnlySpan<char> digits)
    {
        var first = int.Parse(digits[..6], CultureInfo.InvariantCulture);
        foreach (var issuer in Issuers)
        {
            if (first >= issuer.From && first <= issuer.To && digits.Length >= issuer.Min && digits.Length <= issuer.Max)
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasCheckDigit(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            sum += i % 2 == 0 ? digit : digit < 5 ? digit * 2 : (digit * 2) - 9;
        }

        return sum % 10 == 0;
    }
}
