using System.ClientModel;
using System.Collections.Immutable;
using System.Net;
using Countersign.Egress;
using Countersign.Language;
using Countersign.Secrets;

namespace Countersign.Ai;

/// <summary>Finds a provider's key where the host keeps it.</summary>
/// <param name="source">Where it is.</param>
/// <param name="cancellationToken">Gives up.</param>
/// <returns>The key, or null where there is none.</returns>
public delegate ValueTask<Secret?> FindProviderKey(KeySource source, CancellationToken cancellationToken);

/// <summary>What a host gives to its providers.</summary>
public sealed record ProviderHost
{
    /// <summary>Finds keys.</summary>
    public required FindProviderKey Keys { get; init; }

    /// <summary>
    /// Private and loopback targets, as for steps. An endpoint that the providers file names by <c>localhost</c> or by a private address is allowed
    /// to its provider without standing here; one named otherwise that resolves to a private address is not.
    /// </summary>
    public ImmutableArray<string> AllowedTargets { get; init; } = [];

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Gets Entra tokens for the host's identity; null where the host has none.</summary>
    public AuthenticationTokenProvider? Identity { get; init; }

    /// <summary>
    /// Makes Azure's own clients for a resource of Azure OpenAI, given its provider and its key (null with <c>auth: entra</c>). An endpoint with a path,
    /// such as <c>/openai/v1</c>, is asked by version 1 of the interface all the same. Null to ask every resource by version 1.
    /// </summary>
    public Func<ProviderEntry, Secret?, Func<HttpClient, AzureOpenAiChat>>? AzureOpenAi { get; init; }
}

/// <summary>The models of a providers file, ready to be asked.</summary>
public sealed class ConfiguredModels : IDisposable
{
    // Every token of a streamed answer comes in an event of some 300 bytes.
    private const long MostBytesOfAnAnswer = 64 * 1024 * 1024;

    private readonly EgressHandler egress;
    private readonly ImmutableArray<IModelProvider> providers;

    private ConfiguredModels(EgressHandler egress, ImmutableArray<IModelProvider> providers, ModelCatalog catalog) =>
        (this.egress, this.providers, Catalog) = (egress, providers, catalog);

    /// <summary>The providers, the default one, and the prices.</summary>
    public ModelCatalog Catalog { get; }

    /// <summary>Makes the providers. Nobody is called.</summary>
    /// <param name="file">What the file says.</param>
    /// <param name="host">What the host gives.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ProvidersInvalidException">A key is not where the file says, or the host has no identity to sign in with.</exception>
    public static async ValueTask<ConfiguredModels> OpenAsync(ProvidersFile file, ProviderHost host, CancellationToken cancellationToken = default)
    {
        var problems = ImmutableArray.CreateBuilder<Problem>();
        var keys = new Secret?[file.Providers.Length];
        foreach (var (index, entry) in file.Providers.Index())
        {
            keys[index] = entry.Key is { } source ? await host.Keys(source, cancellationToken) : null;
            if (entry.Key is { } missing && keys[index] is not { } key)
            {
                problems.Add(file.At($"/providers/{index}/key/{(missing.Env is null ? "secret" : "env")}", $"There is no key of provider '{entry.Name}' in {missing}, or it is empty."));
            }
            else if (keys[index]?.Reveal() is { } value && value.AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                problems.Add(file.At($"/providers/{index}/key", $"What is in {entry.Key} is no key: it holds a space, a line break or a character beyond ASCII."));
            }

            if (entry.Auth == ProviderAuth.Entra && host.Identity is null)
            {
                problems.Add(file.At($"/providers/{index}/auth", "This host has no identity to sign in with; name a key here, or use the function app."));
            }
        }

        return problems.Count > 0 ? throw new ProvidersInvalidException(file.Source, problems.ToImmutable()) : Make(file, host, keys);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var provider in providers.OfType<IDisposable>())
        {
            provider.Dispose();
        }

        egress.Dispose();
    }

    private static ConfiguredModels Make(ProvidersFile file, ProviderHost host, Secret?[] keys)
    {
        var egress = new EgressHandler(new EgressOptions
        {
            Allowed = [.. host.AllowedTargets, .. file.Providers.Select(entry => entry.Endpoint).OfType<Uri>().Where(IsNamedAsPrivate).Select(endpoint => $"{endpoint.Host}:{endpoint.Port}")],
            MaxResponseBytes = MostBytesOfAnAnswer,
        });
        ImmutableArray<IModelProvider> providers = [.. file.Providers.Select((entry, index) => Make(entry, keys[index], egress, host))];
        return new ConfiguredModels(egress, providers, new ModelCatalog(
            file.Providers.Select((entry, index) => new CatalogEntry(providers[index], entry.Model ?? (entry.Type == ProviderType.Mock ? MockProvider.DefaultModel : null)) { Models = entry.Models }),
            file.Default ?? file.Providers[0].Name,
            Prices(file)));
    }

    private static IModelProvider Make(ProviderEntry entry, Secret? key, EgressHandler egress, ProviderHost host) => entry.Type switch
    {
        ProviderType.Mock => new MockProvider(entry.Name),
        ProviderType.Anthropic => new AnthropicProvider(entry.Name, entry.Endpoint, key!, egress, host.Time),
        ProviderType.AzureOpenAi when host.AzureOpenAi is { } clients && AzureOpenAiProvider.IsResource(entry.Endpoint!) =>
            new AzureOpenAiProvider(entry.Name, clients(entry, key), egress, host.Time),
        ProviderType.AzureOpenAi when entry.Auth == ProviderAuth.Entra =>
            new AzureOpenAiProvider(entry.Name, entry.Endpoint!, host.Identity!, entry.Scope, egress, host.Time),
        ProviderType.AzureOpenAi => new AzureOpenAiProvider(entry.Name, entry.Endpoint!, key!, egress, host.Time),

        // The client wants a key; a server that wants none is given a word that is none.
        _ => new OpenAiProvider(entry.Name, entry.Endpoint, key ?? new Secret("none"), egress, host.Time),
    };

    // Vendors' list prices hold for their own addresses only, under whatever name they go here.
    private static PriceTable Prices(ProvidersFile file)
    {
        var prices = new PriceTable([]);
        foreach (var entry in file.Providers)
        {
            var vendor = entry.Type switch
            {
                ProviderType.Mock => "mock",
                ProviderType.AzureOpenAi => "openai",
                ProviderType.OpenAi when entry.Endpoint is null => "openai",
                ProviderType.Anthropic when entry.Endpoint is null => "anthropic",
                _ => null,
            };
            prices = vendor is null ? prices : prices.With(PriceTable.Default.Of(vendor).Select(price => KeyValuePair.Create($"{entry.Name}/{price.Key}", price.Value)));
        }

        return prices.With(file.Prices.Select(price => KeyValuePair.Create(price.Model, new ModelPrice(price.Input, price.Output))));
    }

    private static bool IsNamedAsPrivate(Uri endpoint) =>
        endpoint.Host == "localhost" || (IPAddress.TryParse(endpoint.Host.Trim('[', ']'), out var address) && !PublicAddress.Is(address));
}
