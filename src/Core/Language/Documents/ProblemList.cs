using System.Collections.Immutable;

namespace Countersign.Language;

/// <summary>Problems while they are being found.</summary>
/// <param name="stored">Whether the document was accepted before: rules that came later only warn about it then, because runs are pinned to it.</param>
internal sealed class ProblemList(bool stored = false)
{
    private readonly List<Problem> problems = [];

    public bool HasErrors { get; private set; }

    public bool IsStored => stored;

    public void Error(string code, Node node, string message) => Add(code, ProblemSeverity.Error, node.Line, node.Column, node.Pointer, message);

    /// <summary>An error in a new document; a warning in one that was accepted before the rule was made.</summary>
    public void NewError(string code, Node node, string message) =>
        Add(code, stored ? ProblemSeverity.Warning : ProblemSeverity.Error, node.Line, node.Column, node.Pointer, message);

    /// <summary>An error in the key of a member rather than in its value.</summary>
    public void ErrorAtKey(string code, Node node, string message)
        => Add(code, ProblemSeverity.Error, node.KeyPlace.Line, node.KeyPlace.Column, node.Pointer, message);

    public void Warning(string code, Node node, string message) => Add(code, ProblemSeverity.Warning, node.Line, node.Column, node.Pointer, message);

    public void ErrorAt(string code, int line, int column, string pointer, string message)
        => Add(code, ProblemSeverity.Error, line, column, pointer, message);

    /// <summary>A problem that was found in something made of this document, at the node it was made of.</summary>
    public void Add(Problem problem, Node node) => Add(problem.Code, problem.Severity, node.Line, node.Column, node.Pointer, problem.Message);

    public ImmutableArray<Problem> Sorted()
        => [.. problems
            .OrderBy(p => p.Line)
            .ThenBy(p => p.Column)
            .ThenBy(p => p.Severity)
            .ThenBy(p => p.Code, StringComparer.Ordinal)
            .ThenBy(p => p.Message, StringComparer.Ordinal)
            .Distinct()
            .Take(DefinitionResult.MaxProblems)];

    private void Add(string code, ProblemSeverity severity, int line, int column, string pointer, string message)
    {
        HasErrors |= severity == ProblemSeverity.Error;
        problems.Add(new Problem(code, severity, message, line, column, pointer));
    }
}
