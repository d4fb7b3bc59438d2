using System.Collections.Frozen;
using System.Collections.Immutable;
using Countersign.Language;
using Countersign.Steps;

namespace Countersign.Ai;

/// <summary>A provider and the model it uses where none is named.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="DefaultModel">The model's name; null where a step must name one.</param>
public sealed record CatalogEntry(IModelProvider Provider, string? DefaultModel)
{
    /// <summary>The only models that may be named; empty for any.</summary>
    public ImmutableArray<string> Models { get; init; } = [];
}

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
            throw new ModelException(ModelErrorCodes.ProviderUnknown, UnknownProvider(provider!));
        }

        var chosen = model ?? entry.DefaultModel
            ?? throw new ModelException(ModelErrorCodes.ModelUnknown, $"The provider '{entry.Provider.Name}' has no default model; name one in the step.");
        return Knows(entry, chosen)
            ? new ModelChoice(entry.Provider, chosen)
            : throw new ModelException(ModelErrorCodes.ModelUnknown, UnknownModel(entry, chosen));
    }

    /// <summary>What a definition names that is not configured here: each place, with the field and with what there is.</summary>
    public ImmutableArray<Problem> Check(Definition definition) =>
        [.. Definition.AllSteps(definition.Body).OfType<AiGenerateStep>().SelectMany(Check)];

    private IEnumerable<Problem> Check(AiGenerateStep step)
    {
        Problem At(string field, string message) => new(
            field == "provider" ? ModelErrorCodes.ProviderUnknown : ModelErrorCodes.ModelUnknown, ProblemSeverity.Error,
            $"Step '{step.Id}', field '{field}': {message}", step.Location.Line, step.Location.Column, $"{step.Location.Pointer}/{field}");
        if (!entries.TryGetValue(step.Provider ?? standard, out var entry))
        {
            yield return At("provider", UnknownProvider(step.Provider!));
            yield break;
        }

        if (step.Model is null && entry.DefaultModel is null)
        {
            yield return At("model", $"The provider '{entry.Provider.Name}' has no default model; name one.");
        }
        else if (step.Model is { } model && !Knows(entry, model))
        {
            yield return At("model", UnknownModel(entry, model));
        }

        if (step.Budget?.DegradeTo is { } cheaper && !Knows(entry, cheaper))
        {
            yield return At("budget/degrade_to", UnknownModel(entry, cheaper));
        }
    }

    private static bool Knows(CatalogEntry entry, string model) => entry.Models.IsEmpty || entry.Models.Contains(model, StringComparer.Ordinal);

    private string UnknownProvider(string provider) =>
        $"No provider '{provider}' is configured; there are: {Names()}.{Spelling.Nearest(provider, entries.Keys)}";

    private static string UnknownModel(CatalogEntry entry, string model) =>
        $"The provider '{entry.Provider.Name}' is not set up for the model '{model}'; it has: {string.Join(", ", entry.Models)}.{Spelling.Nearest(model, entry.Models)}";

    /// <summary>The providers with their default models, the default provider first.</summary>
    public override string ToString() => string.Join(", ", entries.Values
        .OrderBy(entry => entry.Provider.Name != standard).ThenBy(entry => entry.Provider.Name, StringComparer.Ordinal)
        .Select(entry => entry.DefaultModel is null ? entry.Provider.Name : $"{entry.Provider.Name}/{entry.DefaultModel}"));

    private string Names() => string.Join(", ", entries.Keys.Order(StringComparer.Ordinal));
}
