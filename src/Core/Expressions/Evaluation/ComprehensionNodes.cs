namespace Countersign.Expressions;

/// <summary>
/// What all macros over lists and maps share: the range, and one or two variables. One variable is the element or key;
/// two are index and element, or key and value.
/// </summary>
internal abstract class ComprehensionNode(int offset, string macro, Node range, int slot, bool two) : Node(offset)
{
    internal override CelValue Evaluate(ref Evaluation evaluation)
    {
        var source = range.Evaluate(ref evaluation);
        evaluation.Step(Offset);
        return source.Kind switch
        {
            CelKind.List => OverList(ref evaluation, source.RawList),
            CelKind.Map => OverMap(ref evaluation, source.RawMap),
            CelKind.Error => source,
            _ => evaluation.Fail(ExpressionErrorCodes.Type, $"{macro}() works on a list or a map, not on {source.TypeName}"),
        };
    }

    /// <summary>What the loop starts with.</summary>
    protected abstract Accumulator Begin(ref Evaluation evaluation);

    /// <summary>One turn; returns false to stop with <see cref="Accumulator.Result"/>.</summary>
    protected abstract bool Turn(ref Evaluation evaluation, ref Accumulator accumulator);

    /// <summary>The value once every element was seen.</summary>
    protected abstract CelValue End(ref Evaluation evaluation, ref Accumulator accumulator);

    /// <summary>The variable that one-variable forms give and <c>filter</c> keeps.</summary>
    protected CelValue Current(ref Evaluation evaluation) => evaluation.Locals[slot];

    /// <summary>A condition's value, or the error that it is no bool.</summary>
    protected CelValue Condition(ref Evaluation evaluation, Node predicate)
    {
        var value = predicate.Evaluate(ref evaluation);
        if (value.Kind is CelKind.Bool or CelKind.Error)
        {
            return value;
        }

        evaluation.At = Offset;
        return Overloads.NotBool(ref evaluation, macro + "()", value);
    }

    private CelValue OverList(ref Evaluation evaluation, CelList list)
    {
        var accumulator = Begin(ref evaluation);
        if (list is CelArray array)
        {
            for (var i = 0; i < array.Values.Length; i++)
            {
                if (!Bind(ref evaluation, ref accumulator, CelValue.Int(i), array.Values[i]))
                {
                    return accumulator.Result;
                }
            }

            return End(ref evaluation, ref accumulator);
        }

        long index = 0;
        foreach (var element in list)
        {
            evaluation.Decoded(element);
            if (!Bind(ref evaluation, ref accumulator, CelValue.Int(index++), element))
            {
                return accumulator.Result;
            }
        }

        return End(ref evaluation, ref accumulator);
    }

    private CelValue OverMap(ref Evaluation evaluation, CelMap map)
    {
        var accumulator = Begin(ref evaluation);
        foreach (var key in map.ReadKeys(ref evaluation))
        {
            var value = key;
            if (two && !map.Find(ref evaluation, key, out value))
            {
                continue;
            }

            evaluation.Decoded(value);
            if (!Bind(ref evaluation, ref accumulator, key, value))
            {
                return accumulator.Result;
            }
        }

        return End(ref evaluation, ref accumulator);
    }

    private bool Bind(ref Evaluation evaluation, ref Accumulator accumulator, CelValue first, CelValue second)
    {
        evaluation.Step(Offset);
        evaluation.Locals[slot] = two ? first : second;
        if (two)
        {
            evaluation.Locals[slot + 1] = second;
        }

        return Turn(ref evaluation, ref accumulator);
    }

    /// <summary>The state of one loop.</summary>
    internal struct Accumulator
    {
        /// <summary>The value so far, or the value to stop with.</summary>
        internal CelValue Result;

        /// <summary>How many elements matched.</summary>
        internal int Matches;

        /// <summary>Elements collected.</summary>
        internal List<CelValue>? Items;

        /// <summary>Entries collected.</summary>
        internal CelDictionary? Entries;
    }
}

/// <summary><c>all</c> and <c>exists</c>: <c>&amp;&amp;</c> and <c>||</c> over the elements, with their absorption of errors.</summary>
internal sealed class QuantifierNode(int offset, string macro, Node range, int slot, bool two, bool decisive, Node predicate)
    : ComprehensionNode(offset, macro, range, slot, two)
{
    protected override Accumulator Begin(ref Evaluation evaluation) => new() { Result = CelValue.Bool(!decisive) };

    protected override bool Turn(ref Evaluation evaluation, ref Accumulator accumulator)
    {
        var value = Condition(ref evaluation, predicate);
        if (value.IsError)
        {
            accumulator.Result = accumulator.Result.IsError ? accumulator.Result : value;
            return true;
        }

        if (value.RawBool != decisive)
        {
            return true;
        }

        accumulator.Result = value;
        return false;
    }

    protected override CelValue End(ref Evaluation evaluation, ref Accumulator accumulator) => accumulator.Result;
}

/// <summary><c>exists_one</c>: any error is the result.</summary>
internal sealed class ExistsOneNode(int offset, string macro, Node range, int slot, bool two, Node predicate)
    : ComprehensionNode(offset, macro, range, slot, two)
{
    protected override Accumulator Begin(ref Evaluation evaluation) => default;

    protected override bool Turn(ref Evaluation evaluation, ref Accumulator accumulator)
    {
        var value = Condition(ref evaluation, predicate);
        accumulator.Result = value;
        accumulator.Matches += !value.IsError && value.RawBool ? 1 : 0;
        return !value.IsError;
    }

    protected override CelValue End(ref Evaluation evaluation, ref Accumulator accumulator) => CelValue.Bool(accumulator.Matches == 1);
}

/// <summary><c>map</c>, <c>filter</c> and <c>transformList</c>; without a transform the elements themselves are kept.</summary>
internal sealed class CollectNode(int offset, string macro, Node range, int slot, bool two, Node? predicate, Node? transform)
    : ComprehensionNode(offset, macro, range, slot, two)
{
    protected override Accumulator Begin(ref Evaluation evaluation) => new() { Items = [] };

    protected override bool Turn(ref Evaluation evaluation, ref Accumulator accumulator)
    {
        // The transform may hold a macro of its own that uses other slots, so the element is taken before.
        var element = Current(ref evaluation);
        if (predicate is not null)
        {
            var keep = Condition(ref evaluation, predicate);
            if (keep.IsError || !keep.RawBool)
            {
                accumulator.Result = keep;
                return !keep.IsError;
            }
        }

        var value = transform is null ? element : transform.Evaluate(ref evaluation);
        if (value.IsError)
        {
            accumulator.Result = value;
            return false;
        }

        evaluation.Allocate(48);
        accumulator.Items!.Add(value);
        return true;
    }

    protected override CelValue End(ref Evaluation evaluation, ref Accumulator accumulator) =>
        CelValue.WrapArray(accumulator.Items!.ToArray());
}

/// <summary><c>transformMap</c>: the same keys with other values.</summary>
internal sealed class TransformMapNode(int offset, string macro, Node range, int slot, Node? predicate, Node transform)
    : ComprehensionNode(offset, macro, range, slot, true)
{
    protected override Accumulator Begin(ref Evaluation evaluation) => new() { Entries = new CelDictionary(0) };

    protected override bool Turn(ref Evaluation evaluation, ref Accumulator accumulator)
    {
        var key = Current(ref evaluation);
        if (predicate is not null)
        {
            var keep = Condition(ref evaluation, predicate);
            if (keep.IsError || !keep.RawBool)
            {
                accumulator.Result = keep;
                return !keep.IsError;
            }
        }

        var value = transform.Evaluate(ref evaluation);
        evaluation.Allocate(128);
        accumulator.Result = value.IsError ? value : Access.Add(ref evaluation, accumulator.Entries!, key, value);
        return !accumulator.Result.IsError;
    }

    protected override CelValue End(ref Evaluation evaluation, ref Accumulator accumulator) => CelValue.Map(accumulator.Entries!);
}

/// <summary><c>cel.bind(name, value, body)</c>: a name for a value that is used more than once.</summary>
internal sealed class BindNode(int offset, int slot, Node value, Node body) : Node(offset)
{
    internal override CelValue Evaluate(ref Evaluation evaluation)
    {
        var bound = value.Evaluate(ref evaluation);
        evaluation.Step(Offset);
        if (bound.IsError)
        {
            return bound;
        }

        evaluation.Locals[slot] = bound;
        return body.Evaluate(ref evaluation);
    }
}
