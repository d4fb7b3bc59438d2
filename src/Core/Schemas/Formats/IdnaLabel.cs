using System.Globalization;
using System.Text;

namespace Countersign.Schemas.Formats;

/// <summary>
/// U-labels of IDNA 2008 (RFC 5891, section 4.2; RFC 5892). .NET carries general categories and case but neither NFKC nor
/// scripts when it runs without ICU: compatibility characters are refused by block, scripts told by block, and
/// normalisation form C is not checked.
/// </summary>
internal static class IdnaLabel
{
    // RFC 5892, section 2.6.
    private static readonly HashSet<int> Allowed = [0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007];
    private static readonly HashSet<int> Refused = [0x640, 0x7FA, 0x302E, 0x302F, 0x3031, 0x3032, 0x3033, 0x3034, 0x3035, 0x303B];

    // Canonical combining class 9.
    private static readonly HashSet<int> Viramas =
    [
        0x94D, 0x9CD, 0xA4D, 0xACD, 0xB4D, 0xBCD, 0xC4D, 0xCCD, 0xD3B, 0xD3C, 0xD4D, 0xDCA, 0xE3A, 0xEBA, 0xF84, 0x1039, 0x103A,
        0x1714, 0x1715, 0x1734, 0x17D2, 0x1A60, 0x1B44, 0x1BAA, 0x1BAB, 0x1BF2, 0x1BF3, 0x2D7F, 0xA806, 0xA82C, 0xA8C4, 0xA953,
        0xA9C0, 0xAAF6, 0xABED, 0x10A3F, 0x11046, 0x11070, 0x1107F, 0x110B9, 0x11133, 0x11134, 0x111C0, 0x11235, 0x112EA, 0x1134D,
        0x11442, 0x114C2, 0x115BF, 0x1163F, 0x116B6, 0x1172B, 0x11839, 0x1193D, 0x1193E, 0x119E0, 0x11A34, 0x11A47, 0x11A99,
        0x11C3F, 0x11D44, 0x11D45, 0x11D97,
    ];

    // Old Hangul jamo, default-ignorable characters, symbol and music marks, and compatibility blocks, which NFKC changes.
    private static readonly (int First, int Last)[] RefusedBlocks =
    [
        (0xAA, 0xAA), (0xB5, 0xB5), (0xBA, 0xBA), (0x132, 0x133), (0x13F, 0x140), (0x149, 0x149), (0x17F, 0x17F), (0x1C4, 0x1CC),
        (0x1F1, 0x1F3), (0x2B0, 0x2B8), (0x2E0, 0x2E4), (0x340, 0x341), (0x343, 0x345), (0x34F, 0x34F), (0x3D0, 0x3D6), (0x3F0, 0x3F2),
        (0x675, 0x678), (0x958, 0x95F), (0xE33, 0xE33), (0xEB3, 0xEB3), (0xF0C, 0xF0C), (0x1100, 0x11FF), (0x17B4, 0x17B5),
        (0x180B, 0x180F), (0x1D2C, 0x1D6A), (0x1D78, 0x1D78), (0x1D9B, 0x1DBF), (0x2071, 0x209C), (0x20D0, 0x20FF), (0x2100, 0x214D),
        (0x2C7C, 0x2C7D), (0x3131, 0x318E), (0xA69C, 0xA69D), (0xA770, 0xA770), (0xA7F2, 0xA7F9), (0xA960, 0xA97C), (0xAB5C, 0xAB5F), (0xAB70, 0xABBF), (0xD7B0, 0xD7FB),
        (0xF900, 0xFA0D), (0xFA10, 0xFA10), (0xFA12, 0xFA12), (0xFA15, 0xFA1E), (0xFA20, 0xFA20), (0xFA22, 0xFA22), (0xFA25, 0xFA26),
        (0xFA2A, 0xFAFF), (0xFB00, 0xFB1D), (0xFB1F, 0xFDFF), (0xFE00, 0xFE0F), (0xFE70, 0xFEFF), (0xFF00, 0xFFEF), (0x1D100, 0x1D24F),
        (0x1D400, 0x1D7FF), (0x1EE00, 0x1EEFF), (0x2F800, 0x2FA1F), (0xE0000, 0xE0FFF),
    ];

    public static bool IsValid(int[] label)
    {
        if (label.Length == 0 || label[0] == '-' || label[^1] == '-' || (label.Length > 3 && label[2] == '-' && label[3] == '-'))
        {
            return false;
        }

        if (CharUnicodeInfo.GetUnicodeCategory(label[0]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark)
        {
            return false;
        }

        for (int i = 0; i < label.Length; i++)
        {
            if (!IsAllowed(label, i))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsAllowed(int[] label, int at)
    {
        int point = label[at];
        return point switch
        {
            0x200C => (at > 0 && Viramas.Contains(label[at - 1])) || Joining.Connects(label, at),
            0x200D => at > 0 && Viramas.Contains(label[at - 1]),
            0xB7 => at > 0 && at + 1 < label.Length && label[at - 1] == 'l' && label[at + 1] == 'l',
            0x375 => at + 1 < label.Length && (label[at + 1] is >= 0x370 and <= 0x3FF or >= 0x1F00 and <= 0x1FFF),
            0x5F3 or 0x5F4 => at > 0 && (label[at - 1] is >= 0x591 and <= 0x5F4 or >= 0xFB1D and <= 0xFB4F),
            0x30FB => Array.Exists(label, IsJapanese),
            >= 0x660 and <= 0x669 => !Array.Exists(label, p => p is >= 0x6F0 and <= 0x6F9),
            >= 0x6F0 and <= 0x6F9 => !Array.Exists(label, p => p is >= 0x660 and <= 0x669),
            < 0x80 => char.IsAsciiLetterLower((char)point) || char.IsAsciiDigit((char)point) || point == '-',
            _ => Allowed.Contains(point) || IsStableLetterOrDigit(point),
        };
    }

    private static bool IsStableLetterOrDigit(int point)
    {
        if (Refused.Contains(point) || Array.Exists(RefusedBlocks, b => point >= b.First && point <= b.Last) || !Rune.IsValid(point))
        {
            return false;
        }

        return CharUnicodeInfo.GetUnicodeCategory(point) switch
        {
            UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter
                or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber => true,
            UnicodeCategory.UppercaseLetter => Rune.ToLowerInvariant(new Rune(point)).Value == point,
            _ => false,
        };
    }

    private static bool IsJapanese(int point) => point is
        >= 0x3041 and <= 0x3096 or >= 0x309D and <= 0x309F or >= 0x30A1 and <= 0x30FA or >= 0x30FC and <= 0x30FF
        or >= 0x31F0 and <= 0x31FF or 0x3005 or 0x3007 or >= 0x3021 and <= 0x3029 or >= 0x3400 and <= 0x4DBF
        or >= 0x4E00 and <= 0x9FFF or >= 0xF900 and <= 0xFAFF or >= 0x20000 and <= 0x3FFFF;
}
