using System.Text.Json;
using Countersign.Expressions;

namespace Countersign.Ai;

/// <summary>What a stored prompt sees: <c>variables</c>.</summary>
/// <param name="variables">The step's variables, an object.</param>
internal sealed class VariablesScope(JsonElement variables) : IExpressionScope
{
    /// <inheritdoc/>
    public bool TryResolve(string name, out CelValue value)
    {
        value = name == "variables" ? CelValue.FromJson(variables) : default;
        return name == "variables";
    }
}
