using System.Collections.Immutable;
using Countersign.Orchestration;

namespace Countersign.Api.Problems;

/// <summary>A request that cannot be served, as the caller is told.</summary>
/// <param name="code">The stable code, with a page in <c>docs/errors</c>.</param>
/// <param name="status">The HTTP status.</param>
/// <param name="detail">This occurrence, with the field and the rule.</param>
/// <param name="errors">Each field that is wrong.</param>
public sealed class ApiException(string code, int status, string detail, ImmutableArray<FieldError> errors = default) : Exception(detail)
{
    /// <summary>The stable code.</summary>
    public string Code { get; } = code;

    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>After how many seconds the same request may succeed; null where it will not.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The query parameter that is wrong, where it is one, and the rule that it breaks.</summary>
    public string? Parameter { get; init; }

    /// <summary>The rule that <see cref="Parameter"/> breaks.</summary>
    public string? Rule { get; init; }

    /// <summary>The methods that the path takes, where the method was the mistake.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>Each field that is wrong.</summary>
    public ImmutableArray<FieldError> Errors { get; } = errors.IsDefault ? [] : errors;
}
