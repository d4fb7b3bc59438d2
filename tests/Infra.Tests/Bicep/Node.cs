using System.Collections.Immutable;

namespace Countersign.Infra.Tests.Bicep;

/// <summary>An expression of Bicep, as far as these files use the language.</summary>
internal abstract record Node;

/// <summary>A text; <see cref="Parts"/> alternate between plain texts and expressions.</summary>
internal sealed record Text(ImmutableArray<Node> Parts) : Node
{
    /// <summary>The plain text; expressions in it stand as <c>{}</c>.</summary>
    public string Plain => string.Concat(Parts.Select(part => part is Literal { Value: string text } ? text : "{}"));
}

/// <summary>A number, a truth value, null, or a plain part of a text.</summary>
internal sealed record Literal(object? Value) : Node;

/// <summary>A name, with what is taken out of it: <c>a.b.c</c>, <c>a::b</c>.</summary>
internal sealed record Name(string Path) : Node;

/// <summary>A call of a function or a method.</summary>
internal sealed record Call(string Function, ImmutableArray<Node> Arguments) : Node;

/// <summary>An operation, an index, a choice: only its parts matter here.</summary>
internal sealed record Operation(string Operator, ImmutableArray<Node> Operands) : Node;

/// <summary>A list, or one item for each of another list.</summary>
internal sealed record Items(ImmutableArray<Node> Values, Node? Each = null) : Node;

/// <summary>An object. What is spread into it has the key <c>...</c>.</summary>
internal sealed record Fields(ImmutableArray<(string Key, Node Value)> Pairs, ImmutableArray<Statement> Nested) : Node
{
    public Node? this[string key] => Pairs.FirstOrDefault(pair => pair.Key == key).Value;
}

/// <summary>A statement: its keyword, its name, what stands between name and value, its value, and its decorators.</summary>
internal sealed record Statement(string Keyword, string Name, string Subject, bool IsExisting, Node? Value, ImmutableArray<Call> Decorators)
{
    /// <summary>The object that it declares, also where it is one for each of a list.</summary>
    public Fields? Body => Value as Fields ?? (Value as Items)?.Values.OfType<Fields>().FirstOrDefault();
}
