using System.Collections.Immutable;

namespace Countersign.Schemas;

/// <summary>A schema could not be compiled. The first problem gives the exception's code, pointer and message; all are in <see cref="Problems"/>.</summary>
public sealed class SchemaException : Exception
{
    /// <summary>Creates the exception from at least one problem.</summary>
    /// <param name="problems">The problems, most telling first.</param>
    public SchemaException(ImmutableArray<SchemaProblem> problems)
        : base(Describe(problems)) => Problems = problems;

    /// <summary>Everything found wrong, never empty.</summary>
    public ImmutableArray<SchemaProblem> Problems { get; }

    /// <summary>The code of the first problem, one of <see cref="SchemaCodes"/>.</summary>
    public string Code => Problems[0].Code;

    /// <summary>Where in the schema the first problem is, as a JSON Pointer.</summary>
    public string Pointer => Problems[0].Pointer;

    private static string Describe(ImmutableArray<SchemaProblem> problems)
    {
        if (problems.IsDefaultOrEmpty)
        {
            throw new ArgumentException("A schema exception needs a problem.", nameof(problems));
        }

        SchemaProblem first = problems[0];
        string place = first.Pointer.Length == 0 ? "the schema" : first.Pointer;
        string more = problems.Length == 1 ? "" : $" (and {problems.Length - 1} more)";
        return $"{place}: {first.Message}{more}";
    }
}
