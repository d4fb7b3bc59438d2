namespace Countersign.Expressions;

/// <summary>One overload, for the static check and the reference.</summary>
/// <param name="Text">As the reference shows it, such as <c>string.charAt(int) -> string</c>.</param>
/// <param name="Name">The name, with dots for functions of a namespace.</param>
/// <param name="IsMember">Whether it is called as <c>a.f(b)</c>.</param>
/// <param name="Parameters">The types it takes, the receiver first.</param>
/// <param name="Returns">The type it gives.</param>
internal sealed record Signature(string Text, string Name, bool IsMember, CelType[] Parameters, CelType Returns)
{
    internal static Signature Parse(string text)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        if (text.StartsWith("list(", StringComparison.Ordinal) && text.IndexOf(").", StringComparison.Ordinal) is > 0 and var end)
        {
            open = text.IndexOf('(', end + 1);
        }

        var close = text.LastIndexOf(") -> ", StringComparison.Ordinal);
        var head = text[..open];
        var dot = head.LastIndexOf('.');
        var receiver = dot < 0 ? null : TypeOf(head[..dot]);
        var parameters = text[(open + 1)..close].Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(name => TypeOf(name)!);
        return new Signature(
            text,
            receiver is null ? head : head[(dot + 1)..],
            receiver is not null,
            receiver is null ? parameters.ToArray() : [receiver, .. parameters],
            TypeOf(text[(close + 5)..])!);
    }

    private static CelType? TypeOf(string name) => name switch
    {
        "any" or "dyn" => CelType.Dyn,
        "bool" => CelType.Bool,
        "int" => CelType.Int,
        "uint" => CelType.Uint,
        "double" => CelType.Double,
        "string" => CelType.String,
        "bytes" => CelType.Bytes,
        "list" => CelType.List(CelType.Dyn),
        "list(string)" => CelType.List(CelType.String),
        "map" => CelType.Map(CelType.Dyn, CelType.Dyn),
        "timestamp" => CelType.Timestamp,
        "duration" => CelType.Duration,
        "type" => CelType.Type,
        _ => null,
    };
}

/// <summary>All overloads of one name, call style and number of arguments, with the code that serves them.</summary>
internal sealed class Builtin(Delegate body, List<Signature> signatures)
{
    internal Delegate Body { get; } = body;

    internal List<Signature> Signatures { get; } = signatures;
}
