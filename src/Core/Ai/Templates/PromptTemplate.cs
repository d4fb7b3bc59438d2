using Countersign.Language;
using Countersign.Steps;

namespace Countersign.Ai;

/// <summary>A stored prompt. Its expressions see <c>variables</c> and nothing else, so that it means the same wherever it is used.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Version">Its version, from 1.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="System">The system prompt, used where the step names none; null for none.</param>
public sealed record PromptTemplate(string Id, int Version, Template Prompt, Template? System = null);

/// <summary>Finds a stored prompt of a tenant.</summary>
/// <param name="tenant">The tenant's id.</param>
/// <param name="reference">Its id, and its version or none for the promoted one.</param>
/// <param name="cancellationToken">Fires when the step's time is up.</param>
/// <returns>The prompt, or null where there is none.</returns>
public delegate ValueTask<PromptTemplate?> FindPromptTemplate(string tenant, PromptTemplateReference reference, CancellationToken cancellationToken);
