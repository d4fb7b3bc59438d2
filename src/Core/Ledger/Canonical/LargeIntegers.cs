namespace Countersign.Canonical;

/// <summary>What happens to a number that its canonical form would change.</summary>
public enum LargeIntegers
{
    /// <summary>
    /// It is refused (<c>json.number-range</c>), so that no whole digit is ever rounded silently. Every integer up to 2^53 passes, and beyond it
    /// those numbers, in any notation, whose canonical form denotes the same number. A number that is not zero and would become zero is refused.
    /// </summary>
    Refuse = 0,

    /// <summary>It is rounded to the nearest double, as RFC 8785 by itself has it.</summary>
    Round = 1,
}
