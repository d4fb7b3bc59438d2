namespace Countersign.Expressions;

/// <summary><c>matches(text, pattern)</c>.</summary>
internal static class MatchFunction
{
    /// <summary>For a pattern known only when evaluated; making the automaton is charged by its size.</summary>
    internal static CelValue Matches(ref Evaluation e, in CelValue text, in CelValue pattern)
    {
        if (text.Kind != CelKind.String || pattern.Kind != CelKind.String)
        {
            return Overloads.None(ref e, "matches()", [text, pattern]);
        }

        if (!Re2Pattern.TryParse(pattern.RawString, out var parsed, out var problem))
        {
            e.Charge(Re2Pattern.MaxLength / 16);
            return e.Fail(ExpressionErrorCodes.InvalidArgument, problem);
        }

        e.Charge(1 + (parsed.Size / 8));
        e.Allocate(64L * parsed.Size);
        return CelValue.Bool(parsed.IsMatch(ref e, text.RawString));
    }

    /// <summary>For a pattern that stands in the source and was compiled with it.</summary>
    internal static Unary Compiled(Re2Pattern pattern) => (ref Evaluation e, in CelValue text) => text.Kind == CelKind.String
        ? CelValue.Bool(pattern.IsMatch(ref e, text.RawString))
        : Overloads.None(ref e, "matches()", [text, CelValue.String("")]);
}
