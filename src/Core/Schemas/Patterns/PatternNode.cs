namespace Countersign.Schemas.Patterns;

/// <summary>What an anchor demands of the place between two code points.</summary>
internal enum PatternPlace
{
    /// <summary><c>^</c>: nothing comes before.</summary>
    Start,

    /// <summary><c>$</c>: nothing comes after.</summary>
    End,

    /// <summary><c>\b</c>: a word character on one side only.</summary>
    WordBoundary,

    /// <summary><c>\B</c>: the opposite.</summary>
    NotWordBoundary,
}

/// <summary>The syntax tree of a regular expression.</summary>
internal abstract record PatternNode
{
    /// <summary>How many places the expression has once its repeats are unrolled; at least 1, so that repeats of nothing count as well.</summary>
    public abstract long Weight { get; }

    /// <summary>One code point out of a set.</summary>
    internal sealed record OneOf(CodePointSet Set) : PatternNode
    {
        public override long Weight => 1;
    }

    /// <summary>A place rather than text.</summary>
    internal sealed record Anchor(PatternPlace Place) : PatternNode
    {
        public override long Weight => 1;
    }

    /// <summary>One after the other.</summary>
    internal sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode
    {
        public override long Weight { get; } = Math.Max(1, Parts.Sum(p => p.Weight));
    }

    /// <summary>One or the other.</summary>
    internal sealed record Alternatives(IReadOnlyList<PatternNode> Parts) : PatternNode
    {
        public override long Weight { get; } = Math.Max(1, Parts.Sum(p => p.Weight));
    }

    /// <summary>Several times; no upper bound when <paramref name="Most"/> is null.</summary>
    internal sealed record Repeat(PatternNode Part, int Least, int? Most) : PatternNode
    {
        // Saturates: weights multiply with every nesting.
        public override long Weight { get; } = Math.Min(1_000_000, Part.Weight * Math.Max(1, Most ?? Least + 1));
    }

    /// <summary>What ECMA-262 allows and cannot be matched in bounded time, or only with data we do not have.</summary>
    internal sealed record Unsupported(string What, PatternNode? Inner = null) : PatternNode
    {
        public override long Weight => 1;
    }
}
