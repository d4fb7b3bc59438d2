using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Countersign.Orchestration;

namespace Countersign.Ai;

/// <summary>One version of a stored prompt, as lists show it.</summary>
/// <param name="Id">The template's id.</param>
/// <param name="Version">Its version, from 1.</param>
/// <param name="Hash">Its content hash.</param>
/// <param name="Description">What it says of itself.</param>
/// <param name="Author">Who saved it.</param>
/// <param name="Saved">When.</param>
public sealed record PromptVersion(string Id, int Version, string Hash, string? Description, string Author, DateTimeOffset Saved);

/// <summary>What a version is saved under.</summary>
/// <param name="RequestKey">What the log calls the request.</param>
public sealed record TemplateSave(string RequestKey)
{
    /// <summary>The client's key, by which a repetition is recognised; null where it gave none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Any version, which must be there.</summary>
    public const string AnyVersion = "*";

    /// <summary>The content hash that the newest version must have; null where anything may be there.</summary>
    public string? Expected { get; init; }

    /// <summary>A save under no conditions.</summary>
    public static TemplateSave Plain() => new(Guid.NewGuid().ToString("N"));
}

/// <summary>Id or text of a stored prompt are not of the form.</summary>
/// <param name="errors">Each field and the rule it breaks.</param>
public sealed class TemplateInvalidException(ImmutableArray<FieldError> errors) : Exception("The prompt template cannot be stored; see the errors.")
{
    /// <summary>Each field and the rule it breaks.</summary>
    public ImmutableArray<FieldError> Errors { get; } = errors;
}

/// <summary>There is no such prompt template or version.</summary>
/// <param name="id">The template.</param>
/// <param name="version">The version; null where none was named.</param>
public sealed class TemplateNotFoundException(string id, int? version)
    : Exception(version is null ? $"There is no prompt template '{id}'." : $"There is no prompt template '{id}' with version {version}.");

/// <summary>The newest version is not the one that the change was made from: somebody saved another meanwhile.</summary>
/// <param name="id">The template.</param>
/// <param name="newest">The version that is the newest now.</param>
public sealed class TemplateChangedException(string id, int newest)
    : Exception($"The newest version of prompt template '{id}' is {newest} now, which is not the one that If-Match names; look at it before you change it.");

/// <summary>What is known of a template as a whole.</summary>
/// <param name="Newest">The newest version.</param>
/// <param name="Promoted">The promoted version.</param>
/// <param name="Promotions">How often another version was promoted: what tells their log entries apart.</param>
internal sealed record TemplateHead(int Newest, int Promoted, int Promotions = 0);

/// <summary>What an idempotency key was used for.</summary>
internal sealed record TemplateKey(string Id, int Version, string Hash);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PromptVersion))]
[JsonSerializable(typeof(TemplateHead))]
[JsonSerializable(typeof(TemplateKey))]
[JsonSerializable(typeof(string))]
internal sealed partial class PromptJson : JsonSerializerContext;
