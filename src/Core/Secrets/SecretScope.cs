using System.Collections.Immutable;
using Countersign.Expressions;
using Countersign.Language;

namespace Countersign.Secrets;

/// <summary>
/// A scope in which <c>secret('name')</c> is resolved for one execution. Templates are rendered without waiting, and which secrets they
/// need may itself be computed; so they are rendered, what they asked for is fetched, and they are rendered again until nothing is missing.
/// </summary>
/// <param name="inner">All other names.</param>
/// <param name="tenant">Whose secrets.</param>
/// <param name="store">Where they are.</param>
public sealed class SecretScope(IExpressionScope inner, string tenant, ISecretStore store) : ISecretScope
{
    /// <summary>How many secrets one execution may use.</summary>
    public const int Most = 32;

    private readonly SortedDictionary<string, Secret?> known = new(StringComparer.Ordinal);
    private readonly SortedSet<string> missing = new(StringComparer.Ordinal);

    /// <summary>The values that were used, for cleaning what leaves the execution.</summary>
    public SecretValues Values { get; } = new();

    /// <summary>The names that were used and exist, sorted.</summary>
    public IEnumerable<string> Names => known.Where(pair => pair.Value is not null).Select(pair => pair.Key);

    /// <summary>The secrets that were used, and where each may be sent.</summary>
    public SecretBounds Bounds => new(
        known.Where(pair => pair.Value is not null).ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value!, StringComparer.Ordinal), Values);

    /// <summary>The same names with another string in the place of each secret: what is rendered alike in both does not depend on a secret.</summary>
    public ISecretScope WithStandIns() => new StandIns(inner);

    /// <summary>Renders with secrets.</summary>
    /// <param name="render">Renders; called again after secrets were fetched, so it has no effects.</param>
    /// <param name="cancellationToken">Fires when the step's time is up.</param>
    /// <exception cref="ExpressionException">An expression failed, or there are more than <see cref="Most"/> secrets (code <c>secret.too-many</c>). Its text may hold values: clean it.</exception>
    public async ValueTask<T> RenderAsync<T>(Func<ISecretScope, T> render, CancellationToken cancellationToken)
    {
        while (true)
        {
            missing.Clear();
            try
            {
                var rendered = render(this);
                if (missing.Count == 0)
                {
                    return rendered;
                }
            }
            catch (ExpressionException) when (missing.Count > 0)
            {
                // It failed over the empty text that stood in for a secret.
            }

            await FetchAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public bool TryResolve(string name, out CelValue value) => inner.TryResolve(name, out value);

    /// <inheritdoc/>
    public string? FindSecret(string name)
    {
        if (known.TryGetValue(name, out var secret))
        {
            return secret?.Reveal();
        }

        missing.Add(name);
        return "";
    }

    private async ValueTask FetchAsync(CancellationToken cancellationToken)
    {
        if (known.Count + missing.Count > Most)
        {
            throw new ExpressionException("secret.too-many", $"A step uses at most {Most} secrets.");
        }

        foreach (var name in missing)
        {
            var secret = await store.FindAsync(tenant, name, cancellationToken);
            known[name] = secret;
            if (secret is not null)
            {
                Values.Add(secret);
            }
        }
    }

    private sealed class StandIns(IExpressionScope inner) : ISecretScope
    {
        public bool TryResolve(string name, out CelValue value) => inner.TryResolve(name, out value);

        public string? FindSecret(string name) => "x7stand-in7x";
    }
}
