namespace Countersign.Schemas.Patterns;

/// <summary>The patterns of one schema, each compiled once however often it is written.</summary>
internal sealed class PatternPool
{
    /// <summary>The most different patterns of one schema: each may hold a megabyte of states.</summary>
    public const int MaxPatterns = 200;

    private readonly Dictionary<string, SafePattern> known = new(StringComparer.Ordinal);

    /// <summary>The compiled pattern, or null and what is wrong with it.</summary>
    public SafePattern? Get(string source, out string code, out string message)
    {
        code = message = "";
        if (known.TryGetValue(source, out SafePattern? pattern))
        {
            return pattern;
        }

        if (known.Count == MaxPatterns)
        {
            code = SchemaCodes.TooLarge;
            message = $"the schema has more than {MaxPatterns} different patterns";
            return null;
        }

        pattern = SafePattern.Compile(source, out code, out message);
        if (pattern is not null)
        {
            known.Add(source, pattern);
        }

        return pattern;
    }
}
