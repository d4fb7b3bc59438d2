namespace Countersign.Expressions;

/// <summary>What the values in the source themselves make impossible: formats, positions, divisors, comparisons.</summary>
internal sealed partial class Checker
{
    private readonly Dictionary<ListSyntax, CelType[]> _itemTypes = [];

    private CelType OfList(ListSyntax list)
    {
        var types = Array.ConvertAll(list.Items, TypeOf);
        _itemTypes[list] = types;
        return CelType.List(types.Length == 0 ? CelType.Dyn : types.Aggregate(CelType.Either));
    }

    private void Equality(BinarySyntax binary, CelType left, CelType right)
    {
        // Asking whether something is null is a guard, right even where the type says that it never is.
        if (IsNull(binary.Left) || IsNull(binary.Right))
        {
            return;
        }

        var equal = binary.Operation == "==";
        if (NeverEqual(left, right))
        {
            Mismatch(binary.Offset, $"{left} {binary.Operation} {right} is always {(equal ? "false" : "true")}");
        }
        else if (EqualOnlyEmpty(left, right))
        {
            Mismatch(binary.Offset, $"{left} {binary.Operation} {right} is {(equal ? "true" : "false")} only where both are empty; their entries are never equal");
        }
    }

    private static bool IsNull(SyntaxNode node) => node is LiteralSyntax { Value.Kind: CelKind.Null };

    private static bool NeverEqual(CelType a, CelType b) => a.NeverIs(b) && !(a.IsNumber && b.IsNumber);

    private static bool EqualOnlyEmpty(CelType a, CelType b) => a.Kind == CelTypeKind.List
        ? b.Kind == CelTypeKind.List && NeverEqual(a.Element, b.Element)
        : a.IsMap && b.IsMap && (NeverEqual(a.Key, b.Key) || (a.Kind == b.Kind && a.Kind == CelTypeKind.Map && NeverEqual(a.Element, b.Element)));

    /// <summary>A number that stands in the source, perhaps behind a minus.</summary>
    private static double? Number(SyntaxNode node) => node switch
    {
        LiteralSyntax { Value: { Kind: CelKind.Int } value } => value.RawInt,
        LiteralSyntax { Value: { Kind: CelKind.Uint } value } => value.RawUint,
        LiteralSyntax { Value: { Kind: CelKind.Double } value } => value.RawDouble,
        PrefixSyntax { Negates: true } prefix when Number(prefix.Operand) is { } value => prefix.Count % 2 == 0 ? value : -value,
        _ => null,
    };

    private bool DividesByZero(BinarySyntax binary, CelType left, CelType right)
    {
        var integers = right.Kind is CelTypeKind.Int or CelTypeKind.Uint && (left.IsDyn || left.IsNumber);
        if (binary.Operation is not ("/" or "%") || !integers || Number(binary.Right) != 0)
        {
            return false;
        }

        Report(binary.Offset, ExpressionErrorCodes.DivisionByZero, $"the right side of '{binary.Operation}' is 0");
        return true;
    }

    private void Position(IndexSyntax node)
    {
        if (Number(node.Index) is not { } position)
        {
            return;
        }

        if (Math.Truncate(position) != position)
        {
            Report(node.Offset, ExpressionErrorCodes.InvalidArgument, $"{CelText.OfDouble(position)} is no list position; write int(x) to cut off decimals");
        }
        else if (position < 0)
        {
            Report(node.Offset, ExpressionErrorCodes.IndexOutOfRange, "the positions of a list are counted from 0; to count from the end write l[size(l) - 1]");
        }
        else if (node.Operand is ListSyntax list && position >= list.Items.Length)
        {
            Report(node.Offset, ExpressionErrorCodes.IndexOutOfRange, $"the list has {list.Items.Length} elements, counted from 0; there is none at {CelText.OfDouble(position)}");
        }
    }

    /// <summary><c>math.greatest</c> and <c>math.least</c>, whose signatures cannot say that any mix of numbers will do.</summary>
    private bool Extreme(CallSyntax call, string name, CelType[] arguments)
    {
        CelType[] values = arguments is [{ Kind: CelTypeKind.List } list] ? [list.Element] : arguments;
        var wrong = Array.Find(values, type => !type.IsDyn && !type.IsNumber);
        if (wrong is not null)
        {
            Mismatch(call.Offset, $"{name}() takes numbers or one list of them, not {wrong}");
        }

        return wrong is null;
    }

    private void Format(CallSyntax call, CelType arguments)
    {
        if (call.Target is not LiteralSyntax { Value: { Kind: CelKind.String } text } literal)
        {
            return;
        }

        var source = text.RawString;
        var list = call.Arguments[0] as ListSyntax;
        var types = list is null ? null : _itemTypes[list];
        var element = arguments.Kind == CelTypeKind.List ? arguments.Element : CelType.Dyn;
        var next = 0;
        for (var at = source.IndexOf('%', StringComparison.Ordinal); at >= 0; at = source.IndexOf('%', at + 1))
        {
            if (++at < source.Length && source[at] == '%')
            {
                continue;
            }

            if (!FormatClause.TryRead(source, ref at, out var clause, out var problem))
            {
                Report(literal.Offset, ExpressionErrorCodes.InvalidArgument, problem);
                return;
            }

            if (types is not null && next >= types.Length)
            {
                Report(literal.Offset, ExpressionErrorCodes.InvalidArgument, FormatClause.TooFew(types.Length));
                return;
            }

            var type = types is null ? element : types[next];
            if (!clause.Takes(type))
            {
                Mismatch(list is null ? call.Arguments[0].Offset : list.Items[next].Offset, clause.Refusal(type.ToString()));
            }

            next++;
        }
    }
}
