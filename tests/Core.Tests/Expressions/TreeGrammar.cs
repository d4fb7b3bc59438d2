using Countersign.Core.Tests.Fuzzing;
using Countersign.Expressions;

namespace Countersign.Core.Tests.Expressions;

/// <summary>Makes random syntax trees of every kind, and says what a tree is, for comparison.</summary>
internal static class TreeGrammar
{
    private static readonly string[] Names = ["a", "b", "input", "x", "y"];
    private static readonly string[] Fields = ["f", "if", "b-c", "a b", "n1"];
    private static readonly string[] Operators = ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in"];
    private static readonly string[] Macros = ["all", "exists", "exists_one", "filter", "map"];
    private static readonly string[] Functions = ["size", "string", "int", "double", "type", "nothing", "bool"];
    private static readonly string[] Members = ["size", "contains", "startsWith", "split", "trim", "reverse", "matches", "format", "getHours"];

    public static SyntaxNode Tree(ref Seeded random, int depth)
    {
        if (depth <= 0 || random.Next(8) == 0)
        {
            return Leaf(ref random);
        }

        switch (random.Next(13))
        {
            case 0: return new SelectSyntax(0, Tree(ref random, depth - 1), Fields[random.Next(Fields.Length)]);
            case 1: return new IndexSyntax(0, Tree(ref random, depth - 1), Tree(ref random, depth - 1));
            case 2: return new CallSyntax(0, null, Functions[random.Next(Functions.Length)], [Tree(ref random, depth - 1)]);
            case 3: return new CallSyntax(0, Tree(ref random, depth - 1), Members[random.Next(Members.Length)], Many(ref random, depth, 2));
            case 4: return Macro(ref random, depth);
            case 5: return new ListSyntax(0, Many(ref random, depth, 4));
            case 6: return new MapSyntax(0, Many(ref random, depth, 3).Select(value => ((SyntaxNode)new LiteralSyntax(0, CelValue.String("k" + value.Height)), value)).ToArray());
            case 7: return Prefix(random.Next(2) == 0, 1 + random.Next(3), Tree(ref random, depth - 1));
            case 8: return Logical(random.Next(2) == 0, [Tree(ref random, depth - 1), Tree(ref random, depth - 1), .. Many(ref random, depth, 2)]);
            case 9: return new ConditionalSyntax(0, Tree(ref random, depth - 1), Tree(ref random, depth - 1), Tree(ref random, depth - 1));
            case 10: return new CallSyntax(0, null, "has", [new SelectSyntax(0, Tree(ref random, depth - 1), Fields[random.Next(Fields.Length)])]);
            default: return new BinarySyntax(0, Operators[random.Next(Operators.Length)], Tree(ref random, depth - 1), Tree(ref random, depth - 1));
        }
    }

    /// <summary>The tree written so that nothing is implied; two trees are the same exactly if this is.</summary>
    public static string Dump(SyntaxNode node) => node switch
    {
        LiteralSyntax { Value: { Kind: CelKind.Double } value } => $"double:{BitConverter.DoubleToInt64Bits(value.AsDouble())}",
        LiteralSyntax literal => $"{literal.Value.Kind}:{literal.Value}",
        NameSyntax name => $"(name {name.Rooted} {name.Name})",
        SelectSyntax select => $"(. {Dump(select.Operand)} {select.Field})",
        IndexSyntax index => $"([] {Dump(index.Operand)} {Dump(index.Index)})",
        CallSyntax call => $"(call {call.Function} {(call.Target is null ? "" : Dump(call.Target))} ({All(call.Arguments)}))",
        ListSyntax list => $"(list {All(list.Items)})",
        MapSyntax map => $"(map {All(map.Entries.SelectMany(entry => new[] { entry.Key, entry.Value }))})",
        PrefixSyntax prefix => $"({(prefix.Negates ? '-' : '!')}{prefix.Count} {Dump(prefix.Operand)})",
        BinarySyntax binary => $"({binary.Operation} {Dump(binary.Left)} {Dump(binary.Right)})",
        LogicalSyntax logical => $"({(logical.IsOr ? "||" : "&&")} {All(logical.Operands)})",
        ConditionalSyntax c => $"(? {All([c.Test, c.Then, c.Otherwise])})",
        _ => throw new InvalidOperationException("A node of an unknown kind."),
    };

    private static string All(IEnumerable<SyntaxNode> nodes) => string.Join(' ', nodes.Select(Dump));

    private static SyntaxNode[] Many(ref Seeded random, int depth, int most)
    {
        var nodes = new SyntaxNode[random.Next(most + 1)];
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i] = Tree(ref random, depth - 1);
        }

        return nodes;
    }

    private static CallSyntax Macro(ref Seeded random, int depth)
    {
        var variable = new NameSyntax(0, random.Next(2) == 0 ? "x" : "y");
        return new CallSyntax(0, Tree(ref random, depth - 1), Macros[random.Next(Macros.Length)], [variable, Tree(ref random, depth - 1)]);
    }

    /// <summary>The parser never makes a sign in front of a positive number literal out of '-5'; '-(5)' is one.</summary>
    private static PrefixSyntax Prefix(bool negates, int count, SyntaxNode operand) => new(0, negates, count, operand);

    /// <summary>A chain whose first operand is a chain of the same operator is one chain.</summary>
    private static LogicalSyntax Logical(bool isOr, SyntaxNode[] operands) =>
        operands[0] is LogicalSyntax first && first.IsOr == isOr
            ? new LogicalSyntax(0, isOr, [.. first.Operands, .. operands[1..]])
            : new LogicalSyntax(0, isOr, operands);

    private static SyntaxNode Leaf(ref Seeded random)
    {
        switch (random.Next(9))
        {
            case 0: return new LiteralSyntax(0, CelValue.Int(random.Next(3) == 0 ? (long)random.Next() : random.Next(5) - 2));
            case 1: return new LiteralSyntax(0, CelValue.Uint(random.Next(3) == 0 ? random.Next() : (ulong)random.Next(3)));
            case 2: return new LiteralSyntax(0, Double(ref random));
            case 3: return new LiteralSyntax(0, CelValue.String(Text(ref random)));
            case 4: return new LiteralSyntax(0, CelValue.Bytes(random.Bytes(random.Next(4))));
            case 5: return new LiteralSyntax(0, random.Next(3) switch { 0 => CelValue.True, 1 => CelValue.False, _ => CelValue.Null });
            default: return new NameSyntax(0, Names[random.Next(Names.Length)], random.Next(6) == 0);
        }
    }

    private static CelValue Double(ref Seeded random)
    {
        var value = BitConverter.Int64BitsToDouble((long)random.Next());
        return CelValue.Double(random.Next(2) == 0 || !double.IsFinite(value) ? (random.Next(9) - 4) / 2.0 : value);
    }

    private static string Text(ref Seeded random)
    {
        var text = "";
        for (var i = random.Next(4); i > 0; i--)
        {
            text += random.Next(4) switch
            {
                0 => ((char)random.Next(128)).ToString(),
                1 => char.ConvertFromUtf32(0x1F600 + random.Next(64)),
                2 => ((char)(0xA0 + random.Next(0x2000))).ToString(),
                _ => "ab",
            };
        }

        return text;
    }
}
