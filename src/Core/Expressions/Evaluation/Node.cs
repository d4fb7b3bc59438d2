namespace Countersign.Expressions;

/// <summary>One executable part of an expression: immutable, shared by all evaluations.</summary>
internal abstract class Node(int offset)
{
    /// <summary>Where it stands in the source.</summary>
    protected int Offset { get; } = offset;

    /// <summary>
    /// Computes the value. Errors are values of kind <see cref="CelKind.Error"/>, so that <c>&amp;&amp;</c> and <c>||</c> can
    /// ignore them cheaply; only reached limits and failures of the host are thrown.
    /// </summary>
    internal abstract CelValue Evaluate(ref Evaluation evaluation);
}

internal sealed class ConstantNode(int offset, CelValue value) : Node(offset)
{
    internal CelValue Value { get; } = value;

    internal override CelValue Evaluate(ref Evaluation evaluation) => Value;
}

/// <summary>A name that the host's scope resolves.</summary>
internal sealed class NameNode(int offset, string name) : Node(offset)
{
    internal override CelValue Evaluate(ref Evaluation evaluation)
    {
        evaluation.Step(Offset);
        if (evaluation.Scope!.TryResolve(name, out var value))
        {
            return value.IsError ? evaluation.Fail(value.RawFault.Code, value.RawFault.Message) : value;
        }

        return TypeNames.TryGet(name, out var type)
            ? CelValue.Type(type)
            : evaluation.Fail(ExpressionErrorCodes.UnknownName, $"there is no name '{name}' here");
    }
}

/// <summary>A variable of a macro.</summary>
internal sealed class LocalNode(int offset, int slot) : Node(offset)
{
    internal override CelValue Evaluate(ref Evaluation evaluation)
    {
        evaluation.Step(Offset);
        return evaluation.Locals[slot];
    }
}

internal sealed class SelectNode(int offset, Node operand, string field) : Node(offset)
{
    private readonly FieldName _field = new(field);

    internal override CelValue Evaluate(ref Evaluation evaluation)
    {
        var target = operand.Evaluate(ref evaluation);
        evaluation.Step(Offset);
        if (target.Kind != CelKind.Map)
        {
            return target.IsError ? target : Access.NotSelectable(ref evaluation, target, field);
        }

        if (target.RawMap.Find(ref evaluation, _field, out var value))
        {
            evaluation.Decoded(value);
            return value.IsError ? evaluation.Fail(value.RawFault.Code, value.RawFault.Message) : value;
        }

        return Access.NoSuchField(ref evaluation, target.RawMap, field);
    }
}

/// <summary><c>has(e.f)</c>.</summary>
internal sealed class HasNode(int offset, Node operand, string field) : Node(offset)
{
    private readonly FieldName _field = new(field);

    internal override CelValue Evaluate(ref Evaluation evaluation)
    {
        var target = operand.Evaluate(ref evaluation);
        evaluation.Step(Offset);
        return target.Kind == CelKind.Map
            ? CelValue.Bool(target.RawMap.Has(ref evaluation, _field))
            : target.IsError ? target : Access.NotSelectable(ref evaluation, target, field);
    }
}

internal sealed class ConditionalNode(int offset, Node test, Node then, Node otherwise) : Node(offset)
{
    internal override CelValue Evaluate(ref Evaluation evaluation)
    {
        var chosen = test.Evaluate(ref evaluation);
        evaluation.Step(Offset);
        if (chosen.Kind != CelKind.Bool)
        {
            return chosen.IsError ? chosen : Overloads.NotBool(ref evaluation, "?:", chosen);
        }

        return (chosen.RawBool ? then : otherwise).Evaluate(ref evaluation);
    }
}

/// <summary>
/// <c>a &amp;&amp; b &amp;&amp; …</c> or <c>a || b || …</c>: an operand that decides makes errors of the others disappear
/// (CEL langdef, "Logical Operators").
/// </summary>
internal sealed class LogicalNode(int offset, bool decisive, Node[] operands) : Node(offset)
{
    internal override CelValue Evaluate(ref Evaluation evaluation)
    {
        CelValue error = default;
        var failed = false;
        foreach (var operand in operands)
        {
            var value = operand.Evaluate(ref evaluation);
            evaluation.Step(Offset);
            if (value.Kind == CelKind.Bool)
            {
                if (value.RawBool == decisive)
                {
                    return value;
                }
            }
            else if (!failed)
            {
                failed = true;
                error = value.IsError ? value : Overloads.NotBool(ref evaluation, decisive ? "||" : "&&", value);
            }
        }

        return failed ? error : CelValue.Bool(!decisive);
    }
}

internal sealed class NotNode(int offset, int count, Node operand) : Node(offset)
{
    internal override CelValue Evaluate(ref Evaluation evaluation)
    {
        var value = operand.Evaluate(ref evaluation);
        evaluation.Step(Offset);
        if (value.Kind != CelKind.Bool)
        {
            return value.IsError ? value : Overloads.NotBool(ref evaluation, "!", value);
        }

        return CelValue.Bool(value.RawBool ^ ((count & 1) == 1));
    }
}

internal sealed class ListNode(int offset, Node[] items) : Node(offset)
{
    internal override CelValue Evaluate(ref Evaluation evaluation)
    {
        evaluation.Step(Offset);
        evaluation.Allocate(24L * items.Length);
        var values = new CelValue[items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            values[i] = items[i].Evaluate(ref evaluation);
            if (values[i].IsError)
            {
                return values[i];
            }
        }

        return CelValue.WrapArray(values);
    }
}

internal sealed class MapNode(int offset, (Node Key, Node Value)[] entries) : Node(offset)
{
    internal override CelValue Evaluate(ref Evaluation evaluation)
    {
        evaluation.Step(Offset);
        evaluation.Allocate(128L * entries.Length);
        var map = new CelDictionary(entries.Length);
        foreach (var (keyNode, valueNode) in entries)
        {
            var key = keyNode.Evaluate(ref evaluation);
            var value = key.IsError ? key : valueNode.Evaluate(ref evaluation);
            if (value.IsError)
            {
                return value;
            }

            evaluation.At = Offset;
            if (Access.Add(ref evaluation, map, key, value) is { IsError: true } error)
            {
                return error;
            }
        }

        return CelValue.Map(map);
    }
}
