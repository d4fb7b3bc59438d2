using System.Globalization;

namespace Countersign.Ai;

/// <summary>What one answer took.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Model">The model's name.</param>
/// <param name="PromptTokens">Tokens of the question.</param>
/// <param name="OutputTokens">Tokens of the answer.</param>
/// <param name="CostMicroUsd">Cost in millionths of a US dollar, exact; null where the model has no price.</param>
public sealed record Usage(string Provider, string Model, long PromptTokens, long OutputTokens, decimal? CostMicroUsd)
{
    /// <summary>The cost in US dollars as a plain decimal number, such as <c>0.000125</c>; null where the model has no price.</summary>
    public string? CostUsd => CostMicroUsd is { } cost ? (cost / 1_000_000m).ToString("0.############", CultureInfo.InvariantCulture) : null;
}
