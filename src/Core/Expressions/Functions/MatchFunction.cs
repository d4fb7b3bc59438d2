using System.Text.RegularExpressions;

namespace Countersign.Expressions;

/// <summary><c>matches(text, pattern)</c> with a pattern known only when evaluated; the last one stays compiled.</summary>
internal static class MatchFunction
{
    /// <summary>Steps for making an automaton out of a pattern.</summary>
    private const int CompileSteps = 50;

    /// <summary>Characters times the size of the pattern, per step.</summary>
    private const long WorkPerStep = 4096;

    internal static CelValue Matches(ref Evaluation e, in CelValue text, in CelValue pattern)
    {
        if (text.Kind != CelKind.String || pattern.Kind != CelKind.String)
        {
            return Overloads.None(ref e, "matches()", [text, pattern]);
        }

        e.Charge(CompileSteps);
        return Re2Pattern.TryParse(pattern.RawString, out var parsed, out var problem)
            ? Run(ref e, text.RawString, parsed)
            : e.Fail(ExpressionErrorCodes.InvalidArgument, problem);
    }

    /// <summary>The same for a pattern that stands in the source and was compiled with it.</summary>
    internal static Unary Compiled(Re2Pattern pattern) => (ref Evaluation e, in CelValue text) => text.Kind == CelKind.String
        ? Run(ref e, text.RawString, pattern)
        : Overloads.None(ref e, "matches()", [text, CelValue.String("")]);

    private static CelValue Run(ref Evaluation e, string text, Re2Pattern pattern)
    {
        e.Charge(text.Length * (long)pattern.Size / WorkPerStep);
        return CelValue.Bool(pattern.IsMatch(text));
    }
}

/// <summary>A pattern in RE2 syntax, translated to a .NET automaton that never backtracks.</summary>
internal sealed class Re2Pattern
{
    /// <summary>UTF-16 units of a pattern.</summary>
    internal const int MaxLength = 256;

    private readonly Regex _regex;

    private Re2Pattern(Regex regex, int size)
    {
        _regex = regex;
        Size = size;
    }

    /// <summary>How many characters and classes the pattern has once its repeats are written out.</summary>
    internal int Size { get; }

    internal static bool TryParse(string pattern, out Re2Pattern parsed, out string problem)
    {
        parsed = null!;
        problem = "";
        if (pattern.Length > MaxLength)
        {
            problem = $"a pattern has at most {MaxLength} characters; this one has {pattern.Length}";
            return false;
        }

        try
        {
            var (translated, size) = new Re2Translator(pattern).Translate();
            parsed = new Re2Pattern(new Regex(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant), size);
            return true;
        }
        catch (PatternException e)
        {
            problem = $"the pattern {Quoting.Quote(Access.Clip(pattern))} is wrong at character {e.Position + 1}: {e.Message}";
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            problem = $"the pattern {Quoting.Quote(Access.Clip(pattern))} cannot be used";
        }

        return false;
    }

    internal bool IsMatch(string text) => _regex.IsMatch(text);
}

/// <summary>What is wrong with a pattern, and at which of its characters.</summary>
internal sealed class PatternException(int position, string message) : Exception(message)
{
    internal int Position { get; } = position;
}
