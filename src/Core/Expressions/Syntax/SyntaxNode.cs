namespace Countersign.Expressions;

/// <summary>A node of the syntax tree. Immutable; two trees that print alike mean the same.</summary>
internal abstract class SyntaxNode(int offset, int height)
{
    /// <summary>UTF-16 units before it in the source; for operators, of the operator.</summary>
    internal int Offset { get; } = offset;

    /// <summary>1 for a leaf, one more than the highest child otherwise.</summary>
    internal int Height { get; } = height;

    protected static int Above(params ReadOnlySpan<SyntaxNode> children)
    {
        var height = 0;
        foreach (var child in children)
        {
            height = Math.Max(height, child.Height);
        }

        return height + 1;
    }
}

internal sealed class LiteralSyntax(int offset, CelValue value) : SyntaxNode(offset, 1)
{
    internal CelValue Value { get; } = value;
}

/// <summary>A name; rooted (<c>.x</c>) if it must not be a variable of a macro.</summary>
internal sealed class NameSyntax(int offset, string name, bool rooted = false) : SyntaxNode(offset, 1)
{
    internal string Name { get; } = name;

    internal bool Rooted { get; } = rooted;
}

internal sealed class SelectSyntax(int offset, SyntaxNode operand, string field) : SyntaxNode(offset, Above(operand))
{
    internal SyntaxNode Operand { get; } = operand;

    internal string Field { get; } = field;
}

internal sealed class IndexSyntax(int offset, SyntaxNode operand, SyntaxNode index) : SyntaxNode(offset, Above(operand, index))
{
    internal SyntaxNode Operand { get; } = operand;

    internal SyntaxNode Index { get; } = index;
}

internal sealed class CallSyntax : SyntaxNode
{
    internal CallSyntax(int offset, SyntaxNode? target, string function, SyntaxNode[] arguments)
        : base(offset, target is null ? Above(arguments) : Above([target, .. arguments]))
    {
        Target = target;
        Function = function;
        Arguments = arguments;
        Macro = MacroCall.Match(this);
    }

    internal SyntaxNode? Target { get; }

    internal string Function { get; }

    internal SyntaxNode[] Arguments { get; }

    /// <summary>What the call is if it has the form of a macro.</summary>
    internal MacroCall? Macro { get; }
}

internal sealed class ListSyntax(int offset, SyntaxNode[] items) : SyntaxNode(offset, Above(items))
{
    internal SyntaxNode[] Items { get; } = items;
}

internal sealed class MapSyntax(int offset, (SyntaxNode Key, SyntaxNode Value)[] entries)
    : SyntaxNode(offset, Above(entries.SelectMany(e => new[] { e.Key, e.Value }).ToArray()))
{
    internal (SyntaxNode Key, SyntaxNode Value)[] Entries { get; } = entries;
}

/// <summary>A run of <c>!</c> or of unary <c>-</c>.</summary>
internal sealed class PrefixSyntax(int offset, bool negates, int count, SyntaxNode operand) : SyntaxNode(offset, Above(operand))
{
    /// <summary>Whether it is <c>-</c>, not <c>!</c>.</summary>
    internal bool Negates { get; } = negates;

    internal int Count { get; } = count;

    internal SyntaxNode Operand { get; } = operand;
}

/// <summary>An operator of arithmetic or relation, by its text.</summary>
internal sealed class BinarySyntax(int offset, string operation, SyntaxNode left, SyntaxNode right)
    : SyntaxNode(offset, Above(left, right))
{
    internal string Operation { get; } = operation;

    internal SyntaxNode Left { get; } = left;

    internal SyntaxNode Right { get; } = right;
}

/// <summary>A chain of <c>&amp;&amp;</c> or of <c>||</c> with two or more operands.</summary>
internal sealed class LogicalSyntax(int offset, bool isOr, SyntaxNode[] operands) : SyntaxNode(offset, Above(operands))
{
    internal bool IsOr { get; } = isOr;

    internal SyntaxNode[] Operands { get; } = operands;
}

internal sealed class ConditionalSyntax(int offset, SyntaxNode test, SyntaxNode then, SyntaxNode otherwise)
    : SyntaxNode(offset, Above(test, then, otherwise))
{
    internal SyntaxNode Test { get; } = test;

    internal SyntaxNode Then { get; } = then;

    internal SyntaxNode Otherwise { get; } = otherwise;
}
