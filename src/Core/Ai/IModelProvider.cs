namespace Countersign.Ai;

/// <summary>Something that answers prompts: a vendor's interface, a server of one's own, or the mock.</summary>
/// <remarks>Safe for concurrent use. It asks once: trying again is the step's retry policy, so that every attempt is on record.</remarks>
public interface IModelProvider
{
    /// <summary>The name definitions and prices know it by, such as <c>openai</c>.</summary>
    string Name { get; }

    /// <summary>Asks a model once.</summary>
    /// <param name="request">What to ask.</param>
    /// <param name="cancellationToken">Fires when the step's time is up; a provider has no time limit of its own.</param>
    /// <returns>The answer as text. Whether it satisfies the schema is the caller's to check, always.</returns>
    /// <exception cref="ModelException">There was no answer.</exception>
    ValueTask<ModelResponse> AskAsync(ModelRequest request, CancellationToken cancellationToken);
}
