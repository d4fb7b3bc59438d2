using System.Collections.Immutable;

namespace Countersign.Language;

/// <summary>How much a problem matters.</summary>
public enum ProblemSeverity
{
    /// <summary>The document is no definition.</summary>
    Error,

    /// <summary>The document is a definition that is probably not what was meant.</summary>
    Warning,
}

/// <summary>One thing that is wrong with a document.</summary>
/// <param name="Code">A stable code of <see cref="ProblemCodes"/>; each has a page <c>docs/errors/&lt;code&gt;.md</c>.</param>
/// <param name="Severity">Whether the document is refused for it.</param>
/// <param name="Message">What is wrong and, where it is known, what would be right.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column in UTF-16 units, from 1.</param>
/// <param name="Pointer">JSON Pointer (RFC 6901) to the value that is wrong.</param>
public sealed record Problem(string Code, ProblemSeverity Severity, string Message, int Line, int Column, string Pointer)
{
    /// <inheritdoc/>
    public override string ToString() => $"({Line},{Column}): {(Severity == ProblemSeverity.Error ? "error" : "warning")} {Code}: {Message}";
}

/// <summary>What reading a document gave.</summary>
/// <param name="Definition">The definition; null when there is an error among the problems.</param>
/// <param name="Problems">All problems, by position in the document. Beyond <see cref="MaxProblems"/> only the first are kept.</param>
public sealed record DefinitionResult(Definition? Definition, ImmutableArray<Problem> Problems)
{
    /// <summary>Most problems one reading reports: 200.</summary>
    public const int MaxProblems = 200;
}

/// <summary>A definition made in code, or read where it had to be valid, is not valid.</summary>
public sealed class DefinitionException : Exception
{
    /// <summary>Makes the error from what was found.</summary>
    public DefinitionException(ImmutableArray<Problem> problems)
        : base("The definition is not valid:" + string.Concat(problems.Select(problem => "\n" + problem)))
        => Problems = problems;

    /// <summary>All that was found.</summary>
    public ImmutableArray<Problem> Problems { get; }
}
