namespace Countersign.Canonical;

/// <summary>What happens to an integer literal that its canonical form would change.</summary>
public enum LargeIntegers
{
    /// <summary>
    /// It is refused (<c>json.number-range</c>), so that nothing is ever rounded silently. Only literals without fraction
    /// and exponent are integers; every integer up to 2^53 passes, and beyond it those whose canonical form denotes the
    /// same integer.
    /// </summary>
    Refuse = 0,

    /// <summary>It is rounded to the nearest double, as RFC 8785 by itself has it.</summary>
    Round = 1,
}
