using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Schemas.Compilation;

namespace Countersign.Schemas;

/// <summary>
/// The schema documents that references may reach, by URI. Immutable. What is not in the set (and not one of the
/// 2020-12 meta-schemas) does not resolve: nothing is ever fetched.
/// </summary>
public sealed class SchemaSet
{
    private readonly ImmutableDictionary<string, JsonElement> documents;

    private SchemaSet(ImmutableDictionary<string, JsonElement> documents) => this.documents = documents;

    /// <summary>A set without documents.</summary>
    public static SchemaSet Empty { get; } = new(ImmutableDictionary.Create<string, JsonElement>(StringComparer.Ordinal));

    /// <summary>The URIs of the documents, in ordinal order.</summary>
    public ImmutableArray<string> Uris => [.. documents.Keys.Order(StringComparer.Ordinal)];

    /// <summary>
    /// A set with one more document. It is found under <paramref name="uri"/> and, where its root declares one, under its own <c>$id</c>.
    /// The document is copied; it is checked when a schema first refers to it.
    /// </summary>
    /// <param name="uri">Absolute, without a fragment (a single trailing <c>#</c> is dropped).</param>
    /// <param name="document">A schema: an object or a boolean.</param>
    /// <exception cref="ArgumentException">The URI is relative or has a fragment, is taken by another document, or the document is neither object nor boolean.</exception>
    public SchemaSet Add(string uri, JsonElement document)
    {
        ArgumentException.ThrowIfNullOrEmpty(uri);
        string key = uri.EndsWith('#') ? uri[..^1] : uri;
        if (!UriText.IsAbsolute(key) || key.Contains('#', StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{uri}' must be an absolute URI without a fragment.", nameof(uri));
        }

        if (document.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
        {
            throw new ArgumentException("A schema document is an object or a boolean.", nameof(document));
        }

        JsonElement copy = document.Clone();
        ImmutableDictionary<string, JsonElement> next = documents;
        foreach (string name in NamesOf(key, copy))
        {
            if (next.TryGetValue(name, out JsonElement there) && !JsonElement.DeepEquals(there, copy))
            {
                throw new ArgumentException($"'{name}' is already taken by another document.", nameof(uri));
            }

            next = next.SetItem(name, copy);
        }

        return new SchemaSet(next);
    }

    internal bool TryGet(string uri, out JsonElement document) => documents.TryGetValue(uri, out document);

    private static IEnumerable<string> NamesOf(string uri, JsonElement document)
    {
        yield return uri;
        if (document.ValueKind == JsonValueKind.Object
            && document.TryGetProperty("$id", out JsonElement id)
            && id.ValueKind == JsonValueKind.String
            && Values.JsonText.TryGetString(id, out string text))
        {
            string own = UriText.WithoutFragment(UriText.Resolve(uri, text));
            if (own != uri)
            {
                yield return own;
            }
        }
    }
}
