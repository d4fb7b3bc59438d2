namespace Countersign.Expressions;

/// <summary>
/// A path from a name of the scope that an expression reads, such as <c>steps.extract.output.total</c>. It ends where a
/// computed index or a function takes over.
/// </summary>
/// <param name="Path">The name and the fields after it, at least one segment.</param>
/// <param name="OnlyTested">Whether the path occurs only inside <c>has(…)</c>, so that it may be absent.</param>
/// <param name="Offset">UTF-16 units before its first occurrence in the source.</param>
public sealed record ExpressionReference(IReadOnlyList<string> Path, bool OnlyTested, int Offset)
{
    /// <summary>The name in the scope.</summary>
    public string Root => Path[0];

    /// <summary>The path with dots between its segments.</summary>
    public override string ToString() => string.Join('.', Path);

    /// <inheritdoc/>
    public bool Equals(ExpressionReference? other) =>
        other is not null && OnlyTested == other.OnlyTested && Offset == other.Offset && Path.SequenceEqual(other.Path);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Path.Count, Path[^1], OnlyTested, Offset);
}

/// <summary>Collects the references of a tree.</summary>
internal sealed class ReferenceCollector(ExpressionFunctions functions)
{
    private readonly List<string> _locals = [];
    private readonly Dictionary<string, (List<string> Path, bool OnlyTested, int Offset)> _found = new(StringComparer.Ordinal);

    internal static IReadOnlyList<ExpressionReference> Collect(SyntaxNode tree, ExpressionFunctions functions)
    {
        var collector = new ReferenceCollector(functions);
        collector.Visit(tree);
        return collector._found.Values
            .Select(found => new ExpressionReference(found.Path.AsReadOnly(), found.OnlyTested, found.Offset))
            .OrderBy(reference => reference.Offset)
            .ThenBy(reference => reference.Path.Count)
            .ToList()
            .AsReadOnly();
    }

    private void Visit(SyntaxNode node)
    {
        if (TryPath(node, out var path, out var offset))
        {
            Add(path, tested: false, offset);
            return;
        }

        switch (node)
        {
            case SelectSyntax select when IsTypeName(select):
                break;
            case SelectSyntax select:
                Visit(select.Operand);
                break;
            case IndexSyntax index:
                Visit(index.Operand);
                Visit(index.Index);
                break;
            case CallSyntax { Macro: { } macro }:
                VisitMacro(macro);
                break;
            case CallSyntax call:
                if (call.Target is { } target && !IsNamespace(call))
                {
                    Visit(target);
                }

                VisitAll(call.Arguments);
                break;
            case ListSyntax list:
                VisitAll(list.Items);
                break;
            case MapSyntax map:
                VisitAll(map.Entries.SelectMany(entry => new[] { entry.Key, entry.Value }));
                break;
            case PrefixSyntax prefix:
                Visit(prefix.Operand);
                break;
            case BinarySyntax binary:
                Visit(binary.Left);
                Visit(binary.Right);
                break;
            case LogicalSyntax logical:
                VisitAll(logical.Operands);
                break;
            case ConditionalSyntax conditional:
                VisitAll([conditional.Test, conditional.Then, conditional.Otherwise]);
                break;
        }
    }

    private void VisitAll(IEnumerable<SyntaxNode> nodes)
    {
        foreach (var node in nodes)
        {
            Visit(node);
        }
    }

    private void VisitMacro(MacroCall macro)
    {
        if (macro.Kind == MacroKind.Has)
        {
            var selection = (SelectSyntax)macro.Range;
            if (TryPath(selection, out var path, out var offset))
            {
                Add(path, tested: true, offset);
                if (path.Count > 2)
                {
                    Add(path[..^1], tested: false, offset);
                }
            }
            else
            {
                Visit(selection.Operand);
            }

            return;
        }

        Visit(macro.Range);
        _locals.AddRange(macro.Variables);
        VisitAll(new[] { macro.Predicate, macro.Body }.OfType<SyntaxNode>());
        _locals.RemoveRange(_locals.Count - macro.Variables.Length, macro.Variables.Length);
    }

    /// <summary>Whether the receiver is no value but the first part of a function's name.</summary>
    private bool IsNamespace(CallSyntax call) =>
        TypeNames.Qualified(call.Target!) is { } prefix && !_locals.Contains(prefix.Split('.')[0])
        && (FunctionTable.Find($"{prefix}.{call.Function}", false, call.Arguments.Length) is not null
            || functions.Find($"{prefix}.{call.Function}", call.Arguments.Length) is not null);

    private static bool IsTypeName(SelectSyntax select) => TypeNames.Qualified(select) is TypeNames.Timestamp or TypeNames.Duration;

    private bool TryPath(SyntaxNode node, out List<string> path, out int offset)
    {
        switch (node)
        {
            case NameSyntax name when name.Rooted || !_locals.Contains(name.Name):
                path = [name.Name];
                offset = name.Offset;
                return !TypeNames.TryGet(name.Name, out _);
            case SelectSyntax select when !IsTypeName(select) && TryPath(select.Operand, out path, out offset):
                path.Add(select.Field);
                return true;
            case IndexSyntax { Index: LiteralSyntax { Value: { Kind: CelKind.String } key } } index
                when TryPath(index.Operand, out path, out offset):
                path.Add(key.RawString);
                return true;
            default:
                path = [];
                offset = 0;
                return false;
        }
    }

    private void Add(List<string> path, bool tested, int offset)
    {
        var key = string.Join('\n', path);
        _found[key] = _found.TryGetValue(key, out var known) ? (known.Path, known.OnlyTested && tested, known.Offset) : (path, tested, offset);
    }
}
