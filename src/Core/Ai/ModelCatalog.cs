using System.Collections.Frozen;

namespace Countersign.Ai;

/// <summary>A provider and the model it uses where none is named.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="DefaultModel">The model's name; null where a step must name one.</param>
public sealed record CatalogEntry(IModelProvider Provider, string? DefaultModel);

/// <summary>Which provider and which model a step means.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Model">The model's name.</param>
public sealed record ModelChoice(IModelProvider Provider, string Model);

/// <summary>The providers of a host, the default one, and what their models cost.</summary>
public sealed class ModelCatalog
{
    private readonly FrozenDictionary<string, CatalogEntry> entries;
    private readonly string standard;

    /// <summary>A catalog of providers.</summary>
    /// <param name="entries">The providers, each under its own name.</param>
    /// <param name="standard">Name of the provider used where a step names none.</param>
    /// <param name="prices">What models cost; null for <see cref="PriceTable.Default"/>.</param>
    /// <exception cref="ArgumentException">Two providers have the same name, or the default one is not among them.</exception>
    public ModelCatalog(IEnumerable<CatalogEntry> entries, string standard, PriceTable? prices = null)
    {
        this.entries = entries.ToFrozenDictionary(entry => entry.Provider.Name, StringComparer.Ordinal);
        this.standard = this.entries.ContainsKey(standard)
            ? standard
            : throw new ArgumentException($"The default provider '{standard}' is not configured; there are: {Names()}.", nameof(standard));
        Prices = prices ?? PriceTable.Default;
    }

    /// <summary>What models cost.</summary>
    public PriceTable Prices { get; }

    /// <summary>The mock alone: what a host has that was given no key.</summary>
    public static ModelCatalog MockOnly { get; } = new([new CatalogEntry(new MockProvider(), MockProvider.DefaultModel)], MockProvider.DefaultName);

    /// <summary>Finds provider and model.</summary>
    /// <param name="provider">The provider's name; null for the default one.</param>
    /// <param name="model">The model's name; null for the provider's default.</param>
    /// <exception cref="ModelException">There is no such provider (<c>ai.provider-unknown</c>), or no model is named anywhere (<c>ai.model-unknown</c>).</exception>
    public ModelChoice Choose(string? provider, string? model)
    {
        if (!entries.TryGetValue(provider ?? standard, out var entry))
        {
            throw new ModelException(ModelErrorCodes.ProviderUnknown, $"No provider '{provider}' is configured; there are: {Names()}.");
        }

        return new ModelChoice(
            entry.Provider,
            model ?? entry.DefaultModel
                ?? throw new ModelException(ModelErrorCodes.ModelUnknown, $"The provider '{entry.Provider.Name}' has no default model; name one in the step."));
    }

    private string Names() => string.Join(", ", entries.Keys.Order(StringComparer.Ordinal));
}
