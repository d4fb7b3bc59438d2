using System.Collections.Immutable;
using Countersign.Access;
using Countersign.Api.Limits;
using Microsoft.AspNetCore.Builder;

namespace Countersign.Api.OpenApi;

/// <summary>
/// What an endpoint is: who may call it, what it takes, what it answers. Stands next to every route; authorization and the OpenAPI document
/// are both made from it, so neither can forget a route.
/// </summary>
/// <param name="Id">Its name in generated clients, unique.</param>
/// <param name="Summary">What it does, in a sentence.</param>
/// <param name="Permission">What the caller must be allowed to do.</param>
internal sealed record Operation(string Id, string Summary, Permission? Permission)
{
    /// <summary>How the caller is known.</summary>
    public Caller Caller { get; init; } = Caller.Key;

    /// <summary>What it costs the host.</summary>
    public Cost Cost { get; init; } = Cost.Light;

    /// <summary>What may stand in the query.</summary>
    public ImmutableArray<Parameter> Query { get; init; } = [];

    /// <summary>The headers that it looks at.</summary>
    public ImmutableArray<Parameter> Headers { get; init; } = [];

    /// <summary>What the body is; null where it takes none.</summary>
    public Content? Body { get; init; }

    /// <summary>The status of the answer.</summary>
    public int Status { get; init; } = 200;

    /// <summary>What the answer is; empty where it has no body.</summary>
    public ImmutableArray<Content> Answer { get; init; } = [];

    /// <summary>Members of the answer that are shown once: a repetition with the same <c>Idempotency-Key</c> leaves them out.</summary>
    public ImmutableArray<string> Secrets { get; init; } = [];

    /// <summary>A status that it may have as well, without a body; 0 for none.</summary>
    public int EmptyStatus { get; init; }

    /// <summary>The headers of the answer.</summary>
    public ImmutableArray<Parameter> AnswerHeaders { get; init; } = [];

    /// <summary>The statuses of its problems, besides those that every endpoint of its shape has.</summary>
    public ImmutableArray<int> Problems { get; init; } = [];

    /// <summary>An endpoint that nobody needs a key for.</summary>
    public static Operation ForEverybody(string id, string summary) => new(id, summary, null) { Caller = Caller.Anybody };
}

/// <summary>How the caller of an endpoint is known.</summary>
internal enum Caller
{
    /// <summary>By an API key.</summary>
    Key,

    /// <summary>By the token of a task link.</summary>
    TaskLink,

    /// <summary>By the token of a link to an artifact.</summary>
    ArtifactLink,

    /// <summary>Not at all.</summary>
    Anybody,
}

/// <summary>What a body is.</summary>
/// <param name="Type">The type whose JSON Schema it has; null for bytes or text.</param>
/// <param name="Media">Its media type.</param>
internal sealed record Content(Type? Type, string Media = "application/json")
{
    /// <summary>Whether it may be left out.</summary>
    public bool Optional { get; init; }

    /// <summary>JSON of a type.</summary>
    public static Content Of<T>() => new(typeof(T));

    /// <summary>Bytes or text of a media type.</summary>
    public static Content As(string media) => new(null, media);
}

/// <summary>A parameter in the query or a header.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it means.</param>
/// <param name="Type">Its JSON type.</param>
internal sealed record Parameter(string Name, string Description, string Type = "string")
{
    /// <summary>The least number.</summary>
    public long? Least { get; init; }

    /// <summary>The largest number.</summary>
    public long? Most { get; init; }

    /// <summary>Whether it must be there.</summary>
    public bool Required { get; init; }

    public static readonly Parameter Limit = new("limit", "The largest number of items in the answer. Default 50.", "integer") { Least = 1, Most = 200 };

    public static readonly Parameter Cursor = new("cursor", "The cursor of the page before, with the same other parameters.");

    public static readonly Parameter IdempotencyKey = new("Idempotency-Key", "Marks repetitions of one request: 1 to 255 printable ASCII characters, chosen by the client. The same request with the same key gets the first answer again.");

    public static readonly Parameter Prefer = new("Prefer", "`wait=N` waits up to N seconds, at most 200, until the run ends or waits for a person or an event.");

    public static readonly Parameter LastEventId = new("Last-Event-ID", "The id of the last event that the reader has seen; the stream continues after it.");

    public static readonly Parameter Replayed = new("Idempotency-Replayed", "`true` where the answer is the first answer of a repeated request.");

    public static readonly Parameter Location = new("Location", "The path of what was made or started.");

    public static readonly Parameter ETag = new("ETag", "The content hash of the version, for `If-Match`.");
}

/// <summary>Declares what endpoints are.</summary>
internal static class Operations
{
    /// <summary>Says what the endpoint is.</summary>
    public static void Is(this IEndpointConventionBuilder endpoint, Operation operation) => endpoint.WithMetadata(operation);
}
