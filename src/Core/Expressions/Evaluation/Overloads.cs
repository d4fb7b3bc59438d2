namespace Countersign.Expressions;

/// <summary>Errors for types that an operator or function does not take, with what to write instead.</summary>
internal static class Overloads
{
    internal static CelValue NotBool(ref Evaluation evaluation, string operation, in CelValue value) => evaluation.Fail(
        ExpressionErrorCodes.Type, $"'{operation}' takes bool, not {value.TypeName}; {BoolHint(NameOf(value))}");

    internal static CelValue None(ref Evaluation evaluation, string operation, in CelValue a) => evaluation.Fail(
        ExpressionErrorCodes.Type, $"there is no {operation} for {a.TypeName}");

    internal static CelValue None(ref Evaluation evaluation, string operation, in CelValue a, in CelValue b) => evaluation.Fail(
        ExpressionErrorCodes.Type, Message(operation, NameOf(a), NameOf(b)));

    internal static CelValue None(ref Evaluation evaluation, string function, ReadOnlySpan<CelValue> arguments)
    {
        var types = new List<string>();
        foreach (var argument in arguments)
        {
            types.Add(NameOf(argument));
        }

        return evaluation.Fail(ExpressionErrorCodes.Type, $"there is no {function} for ({string.Join(", ", types)})");
    }

    /// <summary>Shared with the static check, so that both say the same.</summary>
    internal static string Message(string operation, string left, string right)
    {
        var hint = Hint(operation, left, right);
        return $"there is no {left} {operation} {right}" + (hint.Length == 0 ? "" : "; " + hint);
    }

    internal static string BoolHint(string type) => type switch
    {
        "string" => "compare it, for instance x == 'yes' or x != ''",
        "int" or "uint" or "double" => "compare it, for instance x != " + (type == "double" ? "0.0" : type == "uint" ? "0u" : "0"),
        "list" or "map" => "compare its size, for instance size(x) > 0",
        "null_type" => "compare it, for instance x != null",
        _ => "compare it to something",
    };

    private static string NameOf(in CelValue value) => value.TypeName;

    private static string Hint(string operation, string left, string right)
    {
        var numbers = IsNumber(left) && IsNumber(right);
        if (operation == "%" && (left == "double" || right == "double"))
        {
            return "remainders are of integers: write int(x) % int(y)";
        }

        if (numbers && left != right)
        {
            return (left, right) is ("double", _) or (_, "double")
                ? $"write double(x) around the {(left == "double" ? right : left)}, or int(x) around the double"
                : "write int(x) around the uint, or uint(x) around the int";
        }

        if (operation == "+" && (left == "string" || right == "string"))
        {
            return "write string(x) to join it as text";
        }

        if ((IsNumber(left) && right == "string") || (left == "string" && IsNumber(right)))
        {
            return "write double(text) to read a number out of text";
        }

        if (left == "null_type" || right == "null_type")
        {
            return "test x != null before";
        }

        return left.StartsWith("google.", StringComparison.Ordinal) != right.StartsWith("google.", StringComparison.Ordinal)
            ? "write timestamp(x) or duration(x) to read a time out of text"
            : "";
    }

    private static bool IsNumber(string type) => type is "int" or "uint" or "double";
}
