namespace Countersign.Expressions;

/// <summary>Gives an evaluation the values of its names. Answers must not change while the evaluation runs.</summary>
public interface IExpressionScope
{
    /// <summary>Finds the value of a name such as <c>input</c>, <c>steps</c> or <c>item</c>.</summary>
    /// <returns><c>false</c> if the scope has no such name; the expression then fails with <c>expression.unknown-name</c>.</returns>
    bool TryResolve(string name, out CelValue value);
}

/// <summary>A scope that is a table of names.</summary>
public sealed class ExpressionScope : IExpressionScope
{
    private readonly Dictionary<string, CelValue> _values = new(StringComparer.Ordinal);

    /// <summary>A scope with these names, of which the last of equal ones counts.</summary>
    public ExpressionScope(params ReadOnlySpan<(string Name, CelValue Value)> values)
    {
        foreach (var (name, value) in values)
        {
            _values[name] = value;
        }
    }

    /// <summary>A scope without names.</summary>
    public static ExpressionScope Empty { get; } = new();

    /// <inheritdoc/>
    public bool TryResolve(string name, out CelValue value) => _values.TryGetValue(name, out value);
}
