using System.Collections.Immutable;

namespace Countersign.Ai;

/// <summary>What a model's tokens cost.</summary>
/// <param name="Input">US dollars for a million tokens of questions; at least 0.</param>
/// <param name="Output">US dollars for a million tokens of answers; at least 0.</param>
public sealed record ModelPrice(decimal Input, decimal Output);

/// <summary>
/// Prices by <c>provider/model</c>. A key that ends with <c>*</c> stands for every model that begins so; the longest key that fits counts.
/// </summary>
public sealed class PriceTable
{
    private readonly ImmutableSortedDictionary<string, ModelPrice> prices;

    /// <summary>A table of these prices.</summary>
    /// <exception cref="ArgumentException">A price is negative, or a key is not of the form <c>provider/model</c>.</exception>
    public PriceTable(IEnumerable<KeyValuePair<string, ModelPrice>> prices)
    {
        this.prices = prices.ToImmutableSortedDictionary(StringComparer.Ordinal);
        foreach (var (key, price) in this.prices)
        {
            if (price.Input < 0 || price.Output < 0 || key.IndexOf('/', StringComparison.Ordinal) <= 0)
            {
                throw new ArgumentException($"The price of '{key}' must be named provider/model and be at least 0.", nameof(prices));
            }
        }
    }

    /// <summary>
    /// List prices as they were known when this was written (2026-11). They change; a host's configuration overrides them one by one.
    /// </summary>
    public static PriceTable Default { get; } = new(new Dictionary<string, ModelPrice>
    {
        ["mock/*"] = new(0, 0),
        ["openai/gpt-4o"] = new(2.50m, 10m),
        ["openai/gpt-4o-20*"] = new(2.50m, 10m),
        ["openai/gpt-4o-mini*"] = new(0.15m, 0.60m),
        ["openai/gpt-4.1"] = new(2m, 8m),
        ["openai/gpt-4.1-20*"] = new(2m, 8m),
        ["openai/gpt-4.1-mini*"] = new(0.40m, 1.60m),
        ["openai/gpt-4.1-nano*"] = new(0.10m, 0.40m),
        ["openai/gpt-5"] = new(1.25m, 10m),
        ["openai/gpt-5-20*"] = new(1.25m, 10m),
        ["openai/gpt-5-mini*"] = new(0.25m, 2m),
        ["openai/gpt-5-nano*"] = new(0.05m, 0.40m),
        ["anthropic/claude-haiku-4-5*"] = new(1m, 5m),
        ["anthropic/claude-sonnet-4-5*"] = new(3m, 15m),
        ["anthropic/claude-opus-4-5*"] = new(5m, 25m),
    });

    /// <summary>The prices of one provider, by model.</summary>
    public IEnumerable<KeyValuePair<string, ModelPrice>> Of(string provider) => prices
        .Where(price => price.Key.StartsWith(provider + "/", StringComparison.Ordinal))
        .Select(price => KeyValuePair.Create(price.Key[(provider.Length + 1)..], price.Value));

    /// <summary>This table with other or more prices.</summary>
    /// <exception cref="ArgumentException">As the constructor.</exception>
    public PriceTable With(IEnumerable<KeyValuePair<string, ModelPrice>> more) => new(prices.SetItems(more));

    /// <summary>The price of a model; null where there is none. Null is not zero: what it cost is then unknown.</summary>
    public ModelPrice? Find(string provider, string model)
    {
        var name = $"{provider}/{model}";
        if (prices.TryGetValue(name, out var exact))
        {
            return exact;
        }

        return prices
            .Where(price => price.Key.EndsWith('*') && name.StartsWith(price.Key[..^1], StringComparison.Ordinal))
            .OrderByDescending(price => price.Key.Length)
            .Select(price => price.Value)
            .FirstOrDefault();
    }

    /// <summary>What an answer took. A million tokens at p dollars are p millionths of a dollar a token, so nothing is rounded.</summary>
    /// <param name="provider">The provider's name.</param>
    /// <param name="model">The model that was asked.</param>
    /// <param name="answering">The model that answered; its own price counts before that of the one that was asked.</param>
    /// <param name="promptTokens">Tokens of the question.</param>
    /// <param name="outputTokens">Tokens of the answer.</param>
    public Usage Price(string provider, string model, string answering, long promptTokens, long outputTokens)
    {
        var price = Find(provider, answering) ?? Find(provider, model);
        return new Usage(provider, answering, promptTokens, outputTokens, price is null ? null : (promptTokens * price.Input) + (outputTokens * price.Output));
    }
}
