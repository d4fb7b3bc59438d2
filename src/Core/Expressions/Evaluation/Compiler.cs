namespace Countersign.Expressions;

/// <summary>Turns a syntax tree into executable nodes, once for each expression.</summary>
internal sealed class Compiler
{
    private readonly ExpressionFunctions _functions;
    private readonly List<string> _locals = [];
    private int _slots;

    private Compiler(ExpressionFunctions functions) => _functions = functions;

    /// <summary>The executable tree, and how many variables of macros it needs at once.</summary>
    internal static (Node Root, int Locals) Compile(SyntaxNode tree, ExpressionFunctions functions)
    {
        var compiler = new Compiler(functions);
        return (compiler.Build(tree), compiler._slots);
    }

    private Node Build(SyntaxNode node) => node switch
    {
        LiteralSyntax literal => new ConstantNode(literal.Offset, literal.Value),
        NameSyntax name => BuildName(name),
        SelectSyntax select => BuildSelect(select),
        IndexSyntax index => new BinaryNode(index.Offset, Access.Index, Build(index.Operand), Build(index.Index)),
        CallSyntax call => BuildCall(call),
        ListSyntax list => BuildList(list),
        MapSyntax map => BuildMap(map),
        PrefixSyntax prefix => BuildPrefix(prefix),
        BinarySyntax binary => new BinaryNode(binary.Offset, Operator(binary.Operation), Build(binary.Left), Build(binary.Right)),
        LogicalSyntax logical => new LogicalNode(logical.Offset, logical.IsOr, BuildAll(logical.Operands)),
        ConditionalSyntax c => new ConditionalNode(c.Offset, Build(c.Test), Build(c.Then), Build(c.Otherwise)),
        _ => throw new InvalidOperationException("The tree has a node of an unknown kind."),
    };

    private Node[] BuildAll(SyntaxNode[] nodes) => Array.ConvertAll(nodes, Build);

    private Node BuildName(NameSyntax name)
    {
        var slot = name.Rooted ? -1 : _locals.LastIndexOf(name.Name);
        return slot >= 0 ? new LocalNode(name.Offset, slot) : new NameNode(name.Offset, name.Name);
    }

    private Node BuildSelect(SelectSyntax select)
    {
        if (select.Field is "Timestamp" or "Duration" && TypeNames.Qualified(select) is { } name && TypeNames.TryGet(name, out var type))
        {
            return new ConstantNode(select.Offset, CelValue.Type(type));
        }

        return new SelectNode(select.Offset, Build(select.Operand), select.Field);
    }

    private Node BuildList(ListSyntax list)
    {
        var items = BuildAll(list.Items);
        return Array.TrueForAll(items, item => item is ConstantNode)
            ? new ConstantNode(list.Offset, CelValue.WrapArray(Array.ConvertAll(items, item => ((ConstantNode)item).Value)))
            : new ListNode(list.Offset, items);
    }

    private Node BuildMap(MapSyntax map)
    {
        var entries = Array.ConvertAll(map.Entries, entry => (Build(entry.Key), Build(entry.Value)));
        var constant = new CelDictionary(entries.Length);
        foreach (var (key, value) in entries)
        {
            if (key is not ConstantNode k || value is not ConstantNode v || !CelValue.IsKeyKind(k.Value.Kind) || !constant.TryAdd(k.Value, v.Value))
            {
                return new MapNode(map.Offset, entries);
            }
        }

        return new ConstantNode(map.Offset, CelValue.Map(constant));
    }

    private Node BuildPrefix(PrefixSyntax prefix)
    {
        var operand = Build(prefix.Operand);
        if (!prefix.Negates)
        {
            return new NotNode(prefix.Offset, prefix.Count, operand);
        }

        // An even number of signs is not nothing: it still wants a number, and -(-(-9223372036854775808)) overflows.
        var count = prefix.Count;
        Unary repeated = (ref Evaluation e, in CelValue a) =>
        {
            var value = a;
            for (var i = 0; i < count && !value.IsError; i++)
            {
                value = Arithmetic.Negate(ref e, value);
            }

            return value;
        };
        return new UnaryNode(prefix.Offset, count == 1 ? Arithmetic.Negate : repeated, operand);
    }

    private static Binary Operator(string operation) => operation switch
    {
        "+" => Arithmetic.Add,
        "-" => Arithmetic.Subtract,
        "*" => Arithmetic.Multiply,
        "/" => Arithmetic.Divide,
        "%" => Arithmetic.Remainder,
        "==" => Arithmetic.Equal,
        "!=" => Arithmetic.NotEqual,
        "<" => Arithmetic.Less,
        "<=" => Arithmetic.LessOrEqual,
        ">" => Arithmetic.Greater,
        ">=" => Arithmetic.GreaterOrEqual,
        _ => Access.In,
    };

    private Node BuildCall(CallSyntax call)
    {
        if (call.Macro is { } macro)
        {
            return BuildMacro(call, macro);
        }

        if (QualifiedName(call) is { } name)
        {
            if (_functions.Find(name, call.Arguments.Length) is { } host)
            {
                return new HostNode(call.Offset, host, BuildAll(call.Arguments));
            }

            if (FunctionTable.Find(name, isMember: false, call.Arguments.Length) is { } global)
            {
                return BuildBuiltin(call.Offset, name, global, call.Arguments);
            }
        }

        if (call.Target is { } target && FunctionTable.Find(call.Function, isMember: true, call.Arguments.Length + 1) is { } member)
        {
            return BuildBuiltin(call.Offset, call.Function, member, [target, .. call.Arguments]);
        }

        var (code, message) = Unknown.Function(call, QualifiedName(call), _functions);
        return new FailingNode(call.Offset, code, message);
    }

    /// <summary>What the call is named as a function without receiver; <c>math.abs</c> is, <c>x.size</c> only if no variable is x.</summary>
    private string? QualifiedName(CallSyntax call)
    {
        if (call.Target is null)
        {
            return call.Function;
        }

        var prefix = TypeNames.Qualified(call.Target);
        return prefix is null || _locals.Contains(prefix.Split('.')[0]) ? null : $"{prefix}.{call.Function}";
    }

    private Node BuildBuiltin(int offset, string name, Builtin builtin, SyntaxNode[] arguments)
    {
        var built = BuildAll(arguments);
        if (name == "matches" && built[1] is ConstantNode { Value.Kind: CelKind.String } pattern
            && Re2Pattern.TryParse(pattern.Value.RawString, out var parsed, out _))
        {
            return new UnaryNode(offset, MatchFunction.Compiled(parsed), built[0]);
        }

        return builtin.Body switch
        {
            Unary unary => new UnaryNode(offset, unary, built[0]),
            Binary binary => new BinaryNode(offset, binary, built[0], built[1]),
            _ => new VariadicNode(offset, (Variadic)builtin.Body, built),
        };
    }

    private Node BuildMacro(CallSyntax call, MacroCall macro)
    {
        if (macro.Kind == MacroKind.Has)
        {
            var selection = (SelectSyntax)macro.Range;
            return new HasNode(call.Offset, Build(selection.Operand), selection.Field);
        }

        var range = Build(macro.Range);
        var slot = _locals.Count;
        var two = macro.Variables.Length == 2;
        _locals.AddRange(macro.Variables);
        _slots = Math.Max(_slots, _locals.Count);
        var predicate = macro.Predicate is null ? null : Build(macro.Predicate);
        var body = macro.Body is null ? null : Build(macro.Body);
        _locals.RemoveRange(slot, macro.Variables.Length);
        return macro.Kind switch
        {
            MacroKind.All => new QuantifierNode(call.Offset, call.Function, range, slot, two, false, predicate!),
            MacroKind.Exists => new QuantifierNode(call.Offset, call.Function, range, slot, two, true, predicate!),
            MacroKind.ExistsOne => new ExistsOneNode(call.Offset, call.Function, range, slot, two, predicate!),
            MacroKind.TransformMap => new TransformMapNode(call.Offset, call.Function, range, slot, predicate, body!),
            MacroKind.Bind => new BindNode(call.Offset, slot, range, body!),
            _ => new CollectNode(call.Offset, call.Function, range, slot, two, predicate, body),
        };
    }
}

/// <summary>Explains calls and names that nothing answers to.</summary>
internal static class Unknown
{
    internal static (string Code, string Message) Function(CallSyntax call, string? qualified, ExpressionFunctions functions)
    {
        var known = FunctionTable.Named(call.Function, isMember: call.Target is not null)
            .Concat(qualified is null ? [] : FunctionTable.Named(qualified, isMember: false))
            .Select(signature => signature.Text)
            .Distinct()
            .Take(4)
            .ToList();
        if (known.Count > 0)
        {
            return (ExpressionErrorCodes.Type, $"{call.Function}() is called otherwise: {string.Join(", ", known)}");
        }

        if (MacroCall.Names.Contains(call.Function) || MacroCall.Names.Contains(qualified))
        {
            return (ExpressionErrorCodes.Type, $"{call.Function}() does not take {call.Arguments.Length} arguments in this form");
        }

        if (qualified is not null && functions.Knows(qualified))
        {
            return (ExpressionErrorCodes.Type, $"{qualified}() does not take {call.Arguments.Length} arguments");
        }

        return (ExpressionErrorCodes.UnknownFunction, $"there is no function '{Access.Clip(call.Function)}'{Suggest(call.Function, FunctionTable.Names)}");
    }

    /// <summary>The nearest known name, if it is near enough to be meant.</summary>
    internal static string Suggest(string name, IEnumerable<string> known)
    {
        var (best, distance) = ("", 3);
        foreach (var candidate in known.Order(StringComparer.Ordinal))
        {
            var d = Distance(name, candidate);
            if (d < distance && d < name.Length)
            {
                (best, distance) = (candidate, d);
            }
        }

        return best.Length == 0 ? "" : $"; did you mean '{best}'?";
    }

    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 2 || a.Length > 64)
        {
            return int.MaxValue;
        }

        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + cost));
            }
        }

        return row[b.Length];
    }
}
