namespace Countersign.Expressions;

internal delegate CelValue Unary(ref Evaluation evaluation, in CelValue a);

internal delegate CelValue Binary(ref Evaluation evaluation, in CelValue a, in CelValue b);

internal delegate CelValue Variadic(ref Evaluation evaluation, CelValue[] arguments);

internal sealed class UnaryNode(int offset, Unary body, Node operand) : Node(offset)
{
    internal override CelValue Evaluate(ref Evaluation evaluation)
    {
        var a = operand.Evaluate(ref evaluation);
        evaluation.Step(Offset);
        return a.IsError ? a : body(ref evaluation, a);
    }
}

internal sealed class BinaryNode(int offset, Binary body, Node left, Node right) : Node(offset)
{
    internal override CelValue Evaluate(ref Evaluation evaluation)
    {
        var a = left.Evaluate(ref evaluation);
        if (a.IsError)
        {
            return a;
        }

        var b = right.Evaluate(ref evaluation);
        evaluation.Step(Offset);
        return b.IsError ? b : body(ref evaluation, a, b);
    }
}

internal sealed class VariadicNode(int offset, Variadic body, Node[] arguments) : Node(offset)
{
    internal override CelValue Evaluate(ref Evaluation evaluation)
    {
        var values = new CelValue[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            values[i] = arguments[i].Evaluate(ref evaluation);
            if (values[i].IsError)
            {
                return values[i];
            }
        }

        evaluation.Step(Offset);
        return body(ref evaluation, values);
    }
}

/// <summary>A function that the host registered.</summary>
internal sealed class HostNode(int offset, ExpressionFunction function, Node[] arguments) : Node(offset)
{
    internal override CelValue Evaluate(ref Evaluation evaluation)
    {
        var values = new CelValue[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            values[i] = arguments[i].Evaluate(ref evaluation);
            if (values[i].IsError)
            {
                return values[i];
            }
        }

        evaluation.Step(Offset);
        try
        {
            var result = function.Invoke(evaluation.Scope!, values);
            evaluation.Decoded(result);
            return result.IsError ? evaluation.Fail(result.RawFault.Code, result.RawFault.Message) : result;
        }
        catch (ExpressionException e) when (e.Code != ExpressionErrorCodes.Limit)
        {
            return evaluation.Fail(e.Code, e.Error.Message);
        }
    }
}

/// <summary>A call that can only fail: evaluated late, because <c>f() || true</c> is true.</summary>
internal sealed class FailingNode(int offset, string code, string message) : Node(offset)
{
    internal override CelValue Evaluate(ref Evaluation evaluation)
    {
        evaluation.Step(Offset);
        return evaluation.Fail(code, message);
    }
}
