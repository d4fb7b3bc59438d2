using System.Text.Json;
using Countersign.Expressions;

namespace Countersign.Core.Tests.Expressions;

/// <summary>Evaluates sources against JSON, in the few words that a table of cases has room for.</summary>
internal static class Cel
{
    public static ExpressionScope Scope(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement.Clone();
        return new ExpressionScope(root.EnumerateObject().Select(p => (p.Name, CelValue.FromJson(p.Value))).ToArray());
    }

    /// <summary>The value, shown with its type visible: 1, 1u, 1.0 are <c>1</c>, <c>1u</c> and <c>double 1</c>.</summary>
    public static string Shown(string source, string json = "{}")
    {
        var value = Expression.Parse(source).Evaluate(Scope(json));
        return value.Kind is CelKind.Double or CelKind.Timestamp or CelKind.Duration or CelKind.Type or CelKind.Bytes
            ? $"{value.Kind.ToString().ToLowerInvariant()} {value.ToText()}"
            : value.ToString();
    }

    public static bool IsTrue(string source, string json = "{}") => Expression.Parse(source).EvaluateCondition(Scope(json));

    public static ExpressionError Error(string source, string json = "{}", ExpressionLimits? limits = null) =>
        Assert.Throws<ExpressionException>(() => Expression.Parse(source, limits).Evaluate(Scope(json))).Error;
}
