namespace Countersign.Expressions;

/// <summary>
/// The static check: gives each part of an expression the type that is known of it and reports what can never succeed.
/// Where nothing is known it says nothing.
/// </summary>
internal sealed partial class Checker
{
    private readonly string _source;
    private readonly TypeEnvironment _environment;
    private readonly ExpressionFunctions _functions;
    private readonly List<(string Name, CelType Type)> _locals = [];
    private readonly List<ExpressionError> _problems = [];

    private Checker(string source, TypeEnvironment environment, ExpressionFunctions functions)
    {
        _source = source;
        _environment = environment;
        _functions = functions;
    }

    internal static IReadOnlyList<ExpressionError> Check(
        string source, SyntaxNode tree, TypeEnvironment environment, ExpressionFunctions functions, out CelType result)
    {
        var checker = new Checker(source, environment, functions);
        result = checker.TypeOf(tree);
        return checker._problems.OrderBy(problem => problem.Offset).ToList().AsReadOnly();
    }

    private CelType TypeOf(SyntaxNode node) => node switch
    {
        LiteralSyntax literal => CelType.Of(literal.Value),
        NameSyntax name => OfName(name),
        SelectSyntax select => OfSelect(select),
        IndexSyntax index => OfIndex(index),
        CallSyntax { Macro: { } macro } call => OfMacro(call, macro),
        CallSyntax call => OfCall(call),
        ListSyntax list => OfList(list),
        MapSyntax map => OfMap(map),
        PrefixSyntax prefix => OfPrefix(prefix),
        BinarySyntax binary => OfBinary(binary),
        LogicalSyntax logical => OfLogical(logical),
        ConditionalSyntax conditional => OfConditional(conditional),
        _ => CelType.Dyn,
    };

    private void Report(int offset, string code, string message) => _problems.Add(ExpressionError.At(_source, offset, code, message));

    private CelType Mismatch(int offset, string message)
    {
        Report(offset, ExpressionErrorCodes.Type, message);
        return CelType.Dyn;
    }

    private CelType OfName(NameSyntax name)
    {
        var local = name.Rooted ? -1 : _locals.FindLastIndex(variable => variable.Name == name.Name);
        if (local >= 0)
        {
            return _locals[local].Type;
        }

        if (_environment.TryGet(name.Name, out var type))
        {
            return type;
        }

        if (TypeNames.TryGet(name.Name, out _))
        {
            return CelType.Type;
        }

        var names = string.Join(", ", _environment.Names.Take(12));
        Report(
            name.Offset,
            ExpressionErrorCodes.UnknownName,
            $"there is no name '{Access.Clip(name.Name)}' here{Unknown.Suggest(name.Name, _environment.Names)}" + (names.Length == 0 ? "" : $" (names here: {names})"));
        return CelType.Dyn;
    }

    private CelType OfSelect(SelectSyntax select)
    {
        if (select.Field is "Timestamp" or "Duration" && TypeNames.Qualified(select) is TypeNames.Timestamp or TypeNames.Duration)
        {
            return CelType.Type;
        }

        return OfField(TypeOf(select.Operand), select.Field, select.Offset);
    }

    private CelType OfField(CelType operand, string field, int offset)
    {
        switch (operand.Kind)
        {
            case CelTypeKind.Dyn:
                return CelType.Dyn;
            case CelTypeKind.Map when operand.Key.NeverIs(CelType.String):
                return Mismatch(offset, $"the keys of this map are {operand.Key}, so it has no field '{field}'; write m[key]");
            case CelTypeKind.Map:
                return operand.Element;
            case CelTypeKind.Object:
                if (operand.Fields.TryGetValue(field, out var type))
                {
                    return type;
                }

                if (!operand.IsOpen)
                {
                    var known = string.Join(", ", operand.Fields.Keys.Order(StringComparer.Ordinal).Take(12));
                    Report(
                        offset,
                        ExpressionErrorCodes.NoSuchField,
                        $"there is no field '{Access.Clip(field)}'{Unknown.Suggest(field, operand.Fields.Keys)} (fields here: {(known.Length == 0 ? "none" : known)})");
                }

                return CelType.Dyn;
            default:
                return Mismatch(offset, $"a value of type {operand} has no fields, so '{Access.Clip(field)}' cannot be read from it");
        }
    }

    private CelType OfIndex(IndexSyntax node)
    {
        var operand = TypeOf(node.Operand);
        var index = TypeOf(node.Index);
        switch (operand.Kind)
        {
            case CelTypeKind.Dyn:
                return CelType.Dyn;
            case CelTypeKind.List:
                Position(node);
                return index.IsDyn || index.IsNumber
                    ? operand.Element
                    : Mismatch(node.Offset, $"a list position is a number, not {index}");
            case CelTypeKind.Object when node.Index is LiteralSyntax { Value: { Kind: CelKind.String } key }:
                return OfField(operand, key.RawString, node.Offset);
            case CelTypeKind.Map or CelTypeKind.Object:
                return NeverEqual(operand.Key, index)
                    ? Mismatch(node.Offset, $"the keys of this map are {operand.Key}, never {index}")
                    : operand.Kind == CelTypeKind.Map ? operand.Element : CelType.Dyn;
            default:
                return Mismatch(node.Offset, $"[ ] takes a list or a map, not {operand}");
        }
    }

    private CelType OfMap(MapSyntax map)
    {
        var named = map.Entries.Length > 0;
        CelType? keys = null;
        CelType? values = null;
        var fields = new Dictionary<string, CelType>(StringComparer.Ordinal);
        foreach (var (keyNode, valueNode) in map.Entries)
        {
            var key = TypeOf(keyNode);
            var value = TypeOf(valueNode);
            if (key.Kind is CelTypeKind.Double or CelTypeKind.Bytes or CelTypeKind.Null or CelTypeKind.List or CelTypeKind.Map or CelTypeKind.Object
                or CelTypeKind.Timestamp or CelTypeKind.Duration or CelTypeKind.Type)
            {
                Mismatch(keyNode.Offset, $"a map key is int, uint, bool or string, not {key}");
            }

            keys = keys is null ? key : CelType.Either(keys, key);
            values = values is null ? value : CelType.Either(values, value);
            named &= keyNode is LiteralSyntax { Value.Kind: CelKind.String };
            if (keyNode is LiteralSyntax { Value: { Kind: CelKind.String } name } && !fields.TryAdd(name.RawString, value))
            {
                Report(keyNode.Offset, ExpressionErrorCodes.DuplicateKey, $"the key {Quoting.Quote(Access.Clip(name.RawString))} occurs twice in the map");
            }
        }

        return named ? CelType.Object(fields, open: false) : CelType.Map(keys ?? CelType.Dyn, values ?? CelType.Dyn);
    }

    private CelType OfConditional(ConditionalSyntax conditional)
    {
        Condition("?:", TypeOf(conditional.Test), conditional.Offset);
        return CelType.Either(TypeOf(conditional.Then), TypeOf(conditional.Otherwise));
    }

    private CelType OfLogical(LogicalSyntax logical)
    {
        foreach (var operand in logical.Operands)
        {
            Condition(logical.IsOr ? "||" : "&&", TypeOf(operand), operand.Offset);
        }

        return CelType.Bool;
    }

    private void Condition(string operation, CelType type, int offset)
    {
        if (type.NeverIs(CelType.Bool))
        {
            Mismatch(offset, $"'{operation}' takes bool, not {type}; {Overloads.BoolHint(Plain(type))}");
        }
    }

    private CelType OfPrefix(PrefixSyntax prefix)
    {
        var type = TypeOf(prefix.Operand);
        if (!prefix.Negates)
        {
            Condition("!", type, prefix.Offset);
            return CelType.Bool;
        }

        return type.Kind is CelTypeKind.Dyn or CelTypeKind.Int or CelTypeKind.Double
            ? type
            : Mismatch(prefix.Offset, $"there is no unary '-' for {type}");
    }

    /// <summary>The type's name without its parameters, as hints and errors of evaluation name it.</summary>
    private static string Plain(CelType type) => type.Kind switch
    {
        CelTypeKind.List => "list",
        CelTypeKind.Map or CelTypeKind.Object => "map",
        _ => type.ToString(),
    };
}
