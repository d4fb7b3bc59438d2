using Countersign.Ai;

namespace Countersign.Api.Ai;

/// <summary>A prompt to store under an id.</summary>
public sealed record NewTemplateBody
{
    /// <summary>1 to 64 of a–z, 0–9, <c>-</c> and <c>_</c>, the first a letter.</summary>
    public required string Id { get; init; }

    /// <summary>The prompt, with <c>${ variables.name }</c> where a variable goes.</summary>
    public required string Prompt { get; init; }

    /// <summary>The system prompt, used where a step names none.</summary>
    public string? System { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }
}

/// <summary>The next version of a stored prompt.</summary>
public sealed record TemplateBody
{
    /// <summary>The prompt, with <c>${ variables.name }</c> where a variable goes.</summary>
    public required string Prompt { get; init; }

    /// <summary>The system prompt, used where a step names none.</summary>
    public string? System { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }
}

/// <summary>Which version to promote.</summary>
/// <param name="Version">The version, from 1.</param>
public sealed record PromoteBody(int Version);

/// <summary>A version of a stored prompt.</summary>
/// <param name="Id">The template's id.</param>
/// <param name="Version">Its version.</param>
/// <param name="Promoted">The version that is meant where a step names none.</param>
/// <param name="Newest">The newest version.</param>
/// <param name="Hash">Its content hash.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="System">The system prompt.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Author">Who saved it.</param>
/// <param name="Saved">When.</param>
public sealed record TemplateView(
    string Id, int Version, int Promoted, int Newest, string Hash, string Prompt, string? System, string? Description, string Author, DateTimeOffset Saved);

/// <summary>A page of prompt templates, or of versions of one.</summary>
/// <param name="Items">The versions.</param>
/// <param name="Cursor">Where the next page begins; null at the end.</param>
public sealed record TemplatePage(IReadOnlyList<PromptVersion> Items, string? Cursor);
