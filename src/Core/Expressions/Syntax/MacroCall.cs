namespace Countersign.Expressions;

internal enum MacroKind
{
    Has,
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
    TransformList,
    TransformMap,
    Bind,
}

/// <summary>A call read as a macro (CEL langdef, "Macros"; two-variable comprehensions; the bindings extension).</summary>
/// <param name="Kind">Which macro.</param>
/// <param name="Range">What is looped over, or the value bound; for <c>has</c> the selection.</param>
/// <param name="Variables">The names it introduces.</param>
/// <param name="Predicate">The condition, if it has one.</param>
/// <param name="Body">The transform, or the body of <c>cel.bind</c>, if it has one.</param>
/// <param name="Problem">Why the call is no valid use of the macro, or <c>null</c>.</param>
internal sealed record MacroCall(
    MacroKind Kind, SyntaxNode Range, string[] Variables, SyntaxNode? Predicate, SyntaxNode? Body, string? Problem)
{
    internal static readonly string[] Names =
        ["has", "all", "exists", "exists_one", "existsOne", "map", "filter", "transformList", "transformMap", "cel.bind"];

    internal static MacroCall? Match(CallSyntax call)
    {
        var args = call.Arguments;
        if (call.Target is null)
        {
            return call.Function == "has" && args.Length == 1
                ? new(MacroKind.Has, args[0], [], null, null, args[0] is SelectSyntax ? null : "has() takes a field, as in has(a.b)")
                : null;
        }

        if (call is { Function: "bind", Target: NameSyntax { Name: "cel", Rooted: false } } && args.Length == 3)
        {
            return Create(MacroKind.Bind, args[1], args[..1], null, args[2]);
        }

        return (call.Function, args.Length) switch
        {
            ("all", 2 or 3) => Create(MacroKind.All, call.Target, args[..^1], args[^1], null),
            ("exists", 2 or 3) => Create(MacroKind.Exists, call.Target, args[..^1], args[^1], null),
            ("exists_one" or "existsOne", 2 or 3) => Create(MacroKind.ExistsOne, call.Target, args[..^1], args[^1], null),
            ("filter", 2) => Create(MacroKind.Filter, call.Target, args[..1], args[1], null),
            ("map", 2) => Create(MacroKind.Map, call.Target, args[..1], null, args[1]),
            ("map", 3) => Create(MacroKind.Map, call.Target, args[..1], args[1], args[2]),
            ("transformList", 3) => Create(MacroKind.TransformList, call.Target, args[..2], null, args[2]),
            ("transformList", 4) => Create(MacroKind.TransformList, call.Target, args[..2], args[2], args[3]),
            ("transformMap", 3) => Create(MacroKind.TransformMap, call.Target, args[..2], null, args[2]),
            ("transformMap", 4) => Create(MacroKind.TransformMap, call.Target, args[..2], args[2], args[3]),
            _ => null,
        };

        MacroCall Create(MacroKind kind, SyntaxNode range, SyntaxNode[] variables, SyntaxNode? predicate, SyntaxNode? body)
        {
            var names = new string[variables.Length];
            string? problem = null;
            for (var i = 0; i < names.Length; i++)
            {
                names[i] = variables[i] is NameSyntax { Rooted: false } name ? name.Name : "";
                problem ??= names[i].Length == 0 ? $"{call.Function}() takes a plain name as argument {i + 1}" : null;
            }

            problem ??= names.Length == 2 && names[0] == names[1] ? $"{call.Function}() takes two different names" : null;
            return new(kind, range, names, predicate, body, problem);
        }
    }
}
