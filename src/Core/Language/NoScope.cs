using Countersign.Expressions;

namespace Countersign.Language;

/// <summary>The scope without names, for what is constant.</summary>
internal sealed class NoScope : IExpressionScope
{
    public static readonly NoScope Instance = new();

    public bool TryResolve(string name, out CelValue value)
    {
        value = default;
        return false;
    }
}
