using System.Collections.Immutable;

namespace Countersign.Schemas.Compilation;

/// <summary>What was found wrong, up to a bound, without saying the same thing twice.</summary>
internal sealed class ProblemList(int limit)
{
    private readonly List<SchemaProblem> problems = [];
    private readonly HashSet<(string Uri, string Pointer, string Code)> places = [];

    public bool Any => problems.Count > 0;

    public bool Full => problems.Count >= limit;

    public void Add(SchemaDocument document, string pointer, string code, string message)
    {
        if (!Full && places.Add((document.Uri, pointer, code)))
        {
            problems.Add(new SchemaProblem(code, pointer, message, document.Uri));
        }
    }

    public ImmutableArray<SchemaProblem> ToArray() => [.. problems];
}
