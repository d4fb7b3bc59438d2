namespace Countersign.Expressions;

/// <summary>Reading entries of maps and elements of lists.</summary>
internal static class Access
{
    internal static CelValue Index(ref Evaluation evaluation, in CelValue target, in CelValue index)
    {
        switch (target.Kind)
        {
            case CelKind.Map:
                if (target.RawMap.Find(ref evaluation, index, out var value))
                {
                    evaluation.Decoded(value);
                    return value.IsError ? evaluation.Fail(value.RawFault.Code, value.RawFault.Message) : value;
                }

                return index.Kind == CelKind.String
                    ? NoSuchField(ref evaluation, target.RawMap, index.RawString)
                    : evaluation.Fail(ExpressionErrorCodes.NoSuchField, $"the map has no key {Shown(index)}");
            case CelKind.List:
                return Element(ref evaluation, target.RawList, index);
            default:
                return evaluation.Fail(
                    ExpressionErrorCodes.Type, $"[ ] takes a list or a map, not {target.TypeName}{TextHint(target)}");
        }
    }

    internal static CelValue In(ref Evaluation evaluation, in CelValue element, in CelValue container)
    {
        switch (container.Kind)
        {
            case CelKind.List:
                return CelValue.Bool(container.RawList.Contains(ref evaluation, element));
            case CelKind.Map:
                return CelValue.Bool(container.RawMap.Find(ref evaluation, element, out _));
            default:
                var hint = container.Kind == CelKind.String ? "; to look for text in text write text.contains(part)" : "";
                return evaluation.Fail(ExpressionErrorCodes.Type, $"'in' takes a list or a map on its right, not {container.TypeName}{hint}");
        }
    }

    internal static CelValue NotSelectable(ref Evaluation evaluation, in CelValue target, string field) => evaluation.Fail(
        ExpressionErrorCodes.Type, $"a value of type {target.TypeName} has no fields, so '{field}' cannot be read from it");

    internal static CelValue NoSuchField(ref Evaluation evaluation, CelMap map, string field)
    {
        var known = string.Join(", ", map.ReadKeys(ref evaluation).Where(k => k.Kind == CelKind.String).Take(8).Select(k => Shown(k)));
        var has = known.Length == 0 ? "it has none" : $"it has {known}{(map.CountEntries(ref evaluation) > 8 ? ", …" : "")}";
        return evaluation.Fail(
            ExpressionErrorCodes.NoSuchField, $"there is no field '{Clip(field)}'; {has}. Test with has(…) if it may be absent");
    }

    /// <summary>Adds an entry, or returns the error why it cannot be one.</summary>
    internal static CelValue Add(ref Evaluation evaluation, CelDictionary map, in CelValue key, in CelValue value)
    {
        if (!CelValue.IsKeyKind(key.Kind))
        {
            return evaluation.Fail(ExpressionErrorCodes.Type, $"a map key is int, uint, bool or string, not {key.TypeName}");
        }

        return map.TryAdd(key, value)
            ? value
            : evaluation.Fail(ExpressionErrorCodes.DuplicateKey, $"the key {Shown(key)} occurs twice in the map");
    }

    internal static string Clip(string text)
    {
        if (text.Length <= 40)
        {
            return text;
        }

        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[39]) ? 39 : 40), "…");
    }

    private static CelValue Element(ref Evaluation evaluation, CelList list, in CelValue index)
    {
        long position;
        switch (index.Kind)
        {
            case CelKind.Int:
                position = index.RawInt;
                break;
            case CelKind.Uint:
                position = index.RawUint > int.MaxValue ? int.MaxValue : (long)index.RawUint;
                break;
            case CelKind.Double when Math.Truncate(index.RawDouble) == index.RawDouble:
                position = index.RawDouble is >= 0 and < int.MaxValue ? (long)index.RawDouble : -1;
                break;
            case CelKind.Double:
                return evaluation.Fail(
                    ExpressionErrorCodes.InvalidArgument, $"{CelText.Of(index)} is no list position; write int(x) to cut off decimals");
            default:
                return evaluation.Fail(ExpressionErrorCodes.Type, $"a list position is a number, not {index.TypeName}");
        }

        if (position < 0 || position >= list.Count)
        {
            return evaluation.Fail(
                ExpressionErrorCodes.IndexOutOfRange, $"the list has {list.Count} elements, counted from 0; there is none at {CelText.Of(index)}");
        }

        evaluation.Scan(list is JsonList ? position * 8 : 0);
        var value = list[(int)position];
        evaluation.Decoded(value);
        return value.IsError ? evaluation.Fail(value.RawFault.Code, value.RawFault.Message) : value;
    }

    private static string TextHint(in CelValue target) =>
        target.Kind == CelKind.String ? "; for one character of text write text.charAt(i)" : "";

    private static string Shown(in CelValue key) => key.Kind switch
    {
        CelKind.String => Quoting.Quote(Clip(key.RawString)),
        CelKind.Bytes or CelKind.List or CelKind.Map => $"of type {key.TypeName}",
        _ => CelText.Of(key),
    };
}
