namespace Countersign.Expressions;

/// <summary>Operators, functions and macros.</summary>
internal sealed partial class Checker
{
    private CelType OfBinary(BinarySyntax binary)
    {
        var left = TypeOf(binary.Left);
        var right = TypeOf(binary.Right);
        switch (binary.Operation)
        {
            case "==" or "!=":
                Equality(binary, left, right);
                return CelType.Bool;
            case "in":
                return OfIn(binary, left, right);
            case "<" or "<=" or ">" or ">=":
                return OfOrder(binary, left, right);
            default:
                return OfArithmetic(binary, left, right);
        }
    }

    private CelType OfIn(BinarySyntax binary, CelType left, CelType right)
    {
        var inside = right.Kind switch
        {
            CelTypeKind.List => right.Element,
            CelTypeKind.Map or CelTypeKind.Object => right.Key,
            _ => CelType.Dyn,
        };
        if (right.Kind is not (CelTypeKind.Dyn or CelTypeKind.List) && !right.IsMap)
        {
            var hint = right.Kind == CelTypeKind.String ? "; to look for text in text write text.contains(part)" : "";
            Mismatch(binary.Offset, $"'in' takes a list or a map on its right, not {right}{hint}");
        }
        else if (NeverEqual(inside, left) && !IsNull(binary.Left))
        {
            Mismatch(binary.Offset, $"a {left} is never in a {right}");
        }

        return CelType.Bool;
    }

    private CelType OfOrder(BinarySyntax binary, CelType left, CelType right)
    {
        var mixed = left.NeverIs(right) && !(left.IsNumber && right.IsNumber);
        if (mixed || !Ordered(left) || !Ordered(right))
        {
            Mismatch(binary.Offset, Overloads.Message(binary.Operation, Plain(left), Plain(right)));
        }

        return CelType.Bool;
    }

    private static bool Ordered(CelType type) =>
        type.Kind is not (CelTypeKind.Null or CelTypeKind.Type or CelTypeKind.List or CelTypeKind.Map or CelTypeKind.Object);

    private CelType OfArithmetic(BinarySyntax binary, CelType left, CelType right)
    {
        var operation = binary.Operation;
        if (DividesByZero(binary, left, right))
        {
            return right;
        }

        if (left.IsDyn || right.IsDyn)
        {
            var known = left.IsDyn ? right : left;
            var never = !known.IsDyn && !Arithmetics(operation, known);
            return never ? Mismatch(binary.Offset, $"there is no {operation} for {known}") : Widened(operation, known);
        }

        var result = (left.Kind, right.Kind) switch
        {
            (CelTypeKind.Timestamp, CelTypeKind.Duration) when operation is "+" or "-" => CelType.Timestamp,
            (CelTypeKind.Duration, CelTypeKind.Timestamp) when operation is "+" => CelType.Timestamp,
            (CelTypeKind.Timestamp, CelTypeKind.Timestamp) => operation == "-" ? CelType.Duration : null,
            _ when left.Kind == right.Kind && Arithmetics(operation, left) => CelType.Either(left, right),
            _ when operation != "%" && MixesToDouble(left, right) => CelType.Double,
            _ => null,
        };
        return result ?? Mismatch(binary.Offset, Overloads.Message(operation, Plain(left), Plain(right)));
    }

    private static bool MixesToDouble(CelType left, CelType right) =>
        left.IsNumber && right.IsNumber && (left.Kind is CelTypeKind.Double) != (right.Kind is CelTypeKind.Double);

    /// <summary>The type of the result when one side is unknown: doubles and text stay; integers may become doubles, times may become others.</summary>
    private static CelType Widened(string operation, CelType known) =>
        known.Kind is CelTypeKind.Timestamp or CelTypeKind.Duration or CelTypeKind.List || (known.Kind is CelTypeKind.Int or CelTypeKind.Uint && operation != "%")
            ? CelType.Dyn
            : known;

    private static bool Arithmetics(string operation, CelType type) => type.Kind switch
    {
        CelTypeKind.Int or CelTypeKind.Uint => true,
        CelTypeKind.Double => operation != "%",
        CelTypeKind.String or CelTypeKind.Bytes or CelTypeKind.List => operation == "+",
        CelTypeKind.Duration or CelTypeKind.Timestamp => operation is "+" or "-",
        _ => false,
    };

    private CelType OfCall(CallSyntax call)
    {
        var arguments = Array.ConvertAll(call.Arguments, TypeOf);
        var qualified = Qualified(call);
        if (qualified is not null && _functions.Find(qualified, arguments.Length) is { } host)
        {
            return OfHost(call, host, arguments);
        }

        if (qualified is not null && FunctionTable.Find(qualified, isMember: false, arguments.Length) is { } global)
        {
            return OfBuiltin(call, qualified, global, arguments);
        }

        if (call.Target is null)
        {
            return Unfound(call, qualified);
        }

        if (FunctionTable.Find(call.Function, isMember: true, arguments.Length + 1) is { } member)
        {
            return OfBuiltin(call, call.Function, member, [TypeOf(call.Target), .. arguments]);
        }

        return Unfound(call, qualified);
    }

    private CelType Unfound(CallSyntax call, string? qualified)
    {
        var (code, message) = Unknown.Function(call, qualified, _functions);
        Report(call.Offset, code, message);
        return CelType.Dyn;
    }

    private string? Qualified(CallSyntax call)
    {
        var prefix = call.Target is null ? "" : TypeNames.Qualified(call.Target);
        if (prefix is null || _locals.Exists(local => local.Name == prefix.Split('.')[0]))
        {
            return null;
        }

        return prefix.Length == 0 ? call.Function : $"{prefix}.{call.Function}";
    }

    private CelType OfHost(CallSyntax call, ExpressionFunction host, CelType[] arguments)
    {
        for (var i = 0; i < arguments.Length && host.Parameters is { } parameters && i < parameters.Count; i++)
        {
            if (arguments[i].NeverIs(parameters[i]))
            {
                Mismatch(call.Arguments[i].Offset, $"argument {i + 1} of {host.Name}() is {parameters[i]}, not {arguments[i]}");
            }
        }

        return host.Returns;
    }

    private CelType OfBuiltin(CallSyntax call, string name, Builtin builtin, CelType[] arguments)
    {
        CelType? result = null;
        foreach (var signature in builtin.Signatures)
        {
            var fits = true;
            for (var i = 0; i < arguments.Length; i++)
            {
                fits &= !arguments[i].NeverIs(signature.Parameters[i]);
            }

            if (fits)
            {
                result = result is null ? signature.Returns : CelType.Either(result, signature.Returns);
            }
        }

        if (result is null)
        {
            var takes = string.Join(", ", builtin.Signatures.Take(6).Select(signature => signature.Text));
            return Mismatch(call.Offset, $"there is no {name}() for ({string.Join(", ", arguments.Select(Plain))}); it takes {takes}");
        }

        if (name is "math.greatest" or "math.least" && !Extreme(call, name, arguments))
        {
            return CelType.Dyn;
        }

        if (name == "format")
        {
            Format(call, arguments[1]);
        }

        Constant(call, name);
        return name == "dyn" ? CelType.Dyn : result;
    }

    /// <summary>Text that a function reads is checked where it stands in the source.</summary>
    private void Constant(CallSyntax call, string name)
    {
        if (call.Arguments is not [.., LiteralSyntax { Value: { Kind: CelKind.String } text } literal])
        {
            return;
        }

        var unlimited = Evaluation.Unlimited();
        var outcome = name switch
        {
            "matches" => Re2Pattern.TryParse(text.RawString, out _, out var problem) ? text : unlimited.Fail(ExpressionErrorCodes.InvalidArgument, problem),
            "timestamp" => Conversions.ToTimestamp(ref unlimited, text),
            "duration" => Conversions.ToDuration(ref unlimited, text),
            "int" => Conversions.ToInt(ref unlimited, text),
            "uint" => Conversions.ToUint(ref unlimited, text),
            "double" => Conversions.ToDouble(ref unlimited, text),
            "bool" => Conversions.ToBool(ref unlimited, text),
            _ => text,
        };
        if (outcome.IsError)
        {
            Report(literal.Offset, outcome.RawFault.Code, outcome.RawFault.Message);
        }
    }

    private CelType OfMacro(CallSyntax call, MacroCall macro)
    {
        if (macro.Kind == MacroKind.Has)
        {
            TypeOf(macro.Range);
            return CelType.Bool;
        }

        var range = TypeOf(macro.Range);
        if (macro.Kind != MacroKind.Bind && range.Kind is not (CelTypeKind.Dyn or CelTypeKind.List) && !range.IsMap)
        {
            Mismatch(call.Offset, $"{call.Function}() works on a list or a map, not on {range}");
            range = CelType.Dyn;
        }

        var depth = _locals.Count;
        foreach (var (name, position) in macro.Variables.Select((name, i) => (name, i)))
        {
            _locals.Add((name, Variable(macro, range, position)));
        }

        var condition = macro.Predicate is null ? CelType.Bool : TypeOf(macro.Predicate);
        Condition(call.Function + "()", condition, macro.Predicate?.Offset ?? call.Offset);
        var body = macro.Body is null ? CelType.Dyn : TypeOf(macro.Body);
        _locals.RemoveRange(depth, _locals.Count - depth);
        return macro.Kind switch
        {
            MacroKind.All or MacroKind.Exists or MacroKind.ExistsOne => CelType.Bool,
            MacroKind.Filter => CelType.List(range.IsMap ? range.Key : range.Kind == CelTypeKind.List ? range.Element : CelType.Dyn),
            MacroKind.Map or MacroKind.TransformList => CelType.List(body),
            MacroKind.TransformMap => CelType.Map(range.IsMap ? range.Key : range.Kind == CelTypeKind.List ? CelType.Int : CelType.Dyn, body),
            _ => body,
        };
    }

    private static CelType Variable(MacroCall macro, CelType range, int position)
    {
        if (macro.Kind == MacroKind.Bind)
        {
            return range;
        }

        var isKey = position == 0 && (range.IsMap || macro.Variables.Length == 2);
        return range.Kind switch
        {
            CelTypeKind.List => isKey ? CelType.Int : range.Element,
            CelTypeKind.Map => isKey ? range.Key : range.Element,
            CelTypeKind.Object => isKey ? CelType.String : CelType.Dyn,
            _ => CelType.Dyn,
        };
    }
}
