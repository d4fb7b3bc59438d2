using System.Globalization;

namespace Countersign.Schemas.Formats;

/// <summary>The rule for names with right-to-left labels, RFC 5893, section 2. Directions are told by block.</summary>
internal static class BidiRule
{
    private enum Direction
    {
        Left,
        Right,
        ArabicDigit,
        EuropeanDigit,
        Mark,
        Neutral,
    }

    public static bool IsRightToLeft(int[] label) =>
        Array.Exists(label, p => Of(p) is Direction.Right or Direction.ArabicDigit);

    public static bool Holds(int[] label)
    {
        Direction[] directions = Array.ConvertAll(label, Of);
        Direction first = directions[0];
        int end = Array.FindLastIndex(directions, d => d != Direction.Mark);
        Direction last = end < 0 ? Direction.Mark : directions[end];
        if (first == Direction.Right)
        {
            return !directions.Contains(Direction.Left)
                && last is Direction.Right or Direction.EuropeanDigit or Direction.ArabicDigit
                && !(directions.Contains(Direction.EuropeanDigit) && directions.Contains(Direction.ArabicDigit));
        }

        return first == Direction.Left
            && !directions.Contains(Direction.Right) && !directions.Contains(Direction.ArabicDigit)
            && last is Direction.Left or Direction.EuropeanDigit;
    }

    private static Direction Of(int point)
    {
        if (point is >= '0' and <= '9' or >= 0x6F0 and <= 0x6F9)
        {
            return Direction.EuropeanDigit;
        }

        if (point is >= 0x660 and <= 0x669 or 0x66B or 0x66C or >= 0x10D30 and <= 0x10D39 or >= 0x10E60 and <= 0x10E7E)
        {
            return Direction.ArabicDigit;
        }

        UnicodeCategory category = CharUnicodeInfo.GetUnicodeCategory(point);
        if (category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark)
        {
            return Direction.Mark;
        }

        if (point is >= 0x590 and <= 0x8FF or >= 0xFB1D and <= 0xFDFF or >= 0xFE70 and <= 0xFEFF or >= 0x10800 and <= 0x10FFF or >= 0x1E800 and <= 0x1EFFF)
        {
            return Direction.Right;
        }

        return category <= UnicodeCategory.OtherLetter || category is UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber
            ? Direction.Left
            : Direction.Neutral;
    }
}
