using System.Collections.Immutable;
using Countersign.Language;

namespace Countersign.Host.Commands;

/// <summary>A definition names providers or models that this host does not have; nothing was started.</summary>
/// <param name="workflow">The definition's name.</param>
/// <param name="problems">Each place that names one.</param>
internal sealed class ModelsMissingException(string workflow, ImmutableArray<Problem> problems)
    : Exception($"Workflow '{workflow}' names providers or models that this host does not have; nothing was started (see --providers):")
{
    /// <summary>Each place that names one.</summary>
    public ImmutableArray<Problem> Problems { get; } = problems;
}
