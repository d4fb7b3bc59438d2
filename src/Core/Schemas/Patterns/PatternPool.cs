namespace Countersign.Schemas.Patterns;

/// <summary>The patterns of one schema, each compiled once however often it is written.</summary>
internal sealed class PatternPool
{
    /// <summary>The most different patterns of one schema.</summary>
    public const int MaxPatterns = 200;

    /// <summary>The most places all patterns of one schema may have together.</summary>
    public const int MaxWeight = 50_000;

    private readonly Dictionary<string, SafePattern> known = new(StringComparer.Ordinal);
    private int weight;

    /// <summary>The compiled pattern, or null and what is wrong with it.</summary>
    public SafePattern? Get(string source, out string code, out string message)
    {
        code = message = "";
        if (known.TryGetValue(source, out SafePattern? pattern))
        {
            return pattern;
        }

        if (known.Count == MaxPatterns || weight > MaxWeight)
        {
            code = SchemaCodes.TooLarge;
            message = $"the schema has more than {MaxPatterns} different patterns, or they are too large together";
            return null;
        }

        pattern = SafePattern.Compile(source, out code, out message);
        if (pattern is not null)
        {
            known.Add(source, pattern);
            weight += pattern.Weight;
        }

        return pattern;
    }
}
