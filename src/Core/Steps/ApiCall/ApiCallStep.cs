using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Calls an HTTP interface. Its output is the response's body: JSON as its value, other text as a string, nothing as null.</summary>
public sealed record ApiCallStep : Step
{
    /// <summary>Time limit of one attempt where none is given: 60 s.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public override string Kind => "api_call";

    /// <inheritdoc/>
    public override JsonElement? OutputSchema => Schema;

    /// <inheritdoc/>
    public override bool HasResponse => true;

    /// <summary>GET, HEAD, POST, PUT, PATCH or DELETE; default GET.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>An absolute http or https URL. Its origin may not come from a model's output. May hold secrets.</summary>
    public Template Url { get; init; } = Template.Null;

    /// <summary>An object of name → template; null for none. May hold secrets.</summary>
    public Template? Headers { get; init; }

    /// <summary>An object of name → template, added to the URL's query; null for none. May hold secrets.</summary>
    public Template? Query { get; init; }

    /// <summary>The body: an object or a list is sent as JSON, a string as text; null for none. May hold secrets.</summary>
    public Template? Body { get; init; }

    /// <summary>Whether to send an <c>Idempotency-Key</c> made of run, path and visit; default false.</summary>
    public bool Idempotent { get; init; }

    /// <inheritdoc/>
    internal override bool Acts => Method is not ("GET" or "HEAD");

    /// <inheritdoc/>
    internal override bool MayRepeat => Idempotent || Method is "PUT" or "DELETE";

    /// <summary>Statuses that count as success; empty for 200 to 299.</summary>
    public ImmutableArray<StatusMatch> Expect { get; init; } = [];

    /// <summary>What happens to numbers of the response that would be rounded; default <see cref="LargeNumbers.Refuse"/>.</summary>
    public LargeNumbers LargeNumbers { get; init; }

    /// <summary>JSON Schema 2020-12 the response's body must satisfy; null for any body.</summary>
    public JsonElement? Schema { get; init; }
}

/// <summary>What happens to a number of a response that a double cannot hold exactly: an integer beyond ±(2^53 − 1), or one out of range.</summary>
public enum LargeNumbers
{
    /// <summary>The step fails with <c>api.number-range</c>.</summary>
    Refuse,

    /// <summary>It becomes a string of its digits.</summary>
    Text,
}

/// <summary>One HTTP status (<c>204</c>) or a class of them (<c>2xx</c>).</summary>
/// <param name="First">First status that matches, 100 to 599.</param>
/// <param name="Last">Last status that matches.</param>
public readonly record struct StatusMatch(int First, int Last)
{
    /// <summary>Whether a status matches.</summary>
    public bool Matches(int status) => status >= First && status <= Last;
}
