namespace Countersign.Language;

/// <summary>Where a run goes on when a step has failed for good.</summary>
/// <param name="Type">The error type that is caught, such as <c>timeout</c> or <c>http.404</c>; <c>*</c> catches every type.</param>
/// <param name="Goto">Id of the step to go on with, in the same block.</param>
public sealed record CatchClause(string Type, string Goto)
{
    /// <summary>The type that catches every error.</summary>
    public const string Any = "*";

    /// <summary>Whether this clause catches an error. Types are hierarchical by dots: <c>http</c> catches <c>http.404</c>.</summary>
    public bool Catches(string errorType)
        => Type == Any
            || errorType == Type
            || (errorType.Length > Type.Length && errorType[Type.Length] == '.' && errorType.StartsWith(Type, StringComparison.Ordinal));
}
