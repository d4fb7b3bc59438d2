using System.Globalization;

namespace Countersign.Schemas.Formats;

/// <summary>
/// Whether a zero-width non-joiner separates letters that would otherwise join (RFC 5892, appendix A.1). Joining types are
/// known here for Arabic, Syriac, N'Ko and Mongolian, the scripts in which names use it.
/// </summary>
internal static class Joining
{
    // Letters that join only to the one before them.
    private static readonly HashSet<int> Right =
    [
        0x622, 0x623, 0x624, 0x625, 0x627, 0x629, 0x62F, 0x630, 0x631, 0x632, 0x648, 0x671, 0x672, 0x673, 0x675, 0x676, 0x677,
        .. Enumerable.Range(0x688, 0x12), 0x6C0, .. Enumerable.Range(0x6C3, 9), 0x6CD, 0x6CF, 0x6D2, 0x6D3, 0x6D5, 0x6EE, 0x6EF,
        0x710, 0x715, 0x716, 0x717, 0x718, 0x719, 0x71E, 0x728, 0x72A, 0x72C, 0x72F, 0x74D,
    ];

    private static readonly HashSet<int> None = [0x621, 0x674];

    public static bool Connects(int[] label, int at)
    {
        int before = at - 1;
        while (before >= 0 && IsTransparent(label[before]))
        {
            before--;
        }

        int after = at + 1;
        while (after < label.Length && IsTransparent(label[after]))
        {
            after++;
        }

        return before >= 0 && IsDual(label[before])
            && after < label.Length && (IsDual(label[after]) || Right.Contains(label[after]));
    }

    private static bool IsTransparent(int point) => CharUnicodeInfo.GetUnicodeCategory(point)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
        || (point != 0x200C && CharUnicodeInfo.GetUnicodeCategory(point) == UnicodeCategory.Format);

    private static bool IsDual(int point) =>
        (point is >= 0x620 and <= 0x6FF or >= 0x710 and <= 0x77F or >= 0x7CA and <= 0x7EA or >= 0x1820 and <= 0x18AA)
        && !Right.Contains(point) && !None.Contains(point)
        && (CharUnicodeInfo.GetUnicodeCategory(point) is UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter);
}
