using System.Text;

namespace Countersign.Expressions;

/// <summary>Prints a tree as canonical source: one form for each tree, with only the parentheses that it needs.</summary>
internal sealed class Printer
{
    private const int Conditional = 0;
    private const int Or = 1;
    private const int And = 2;
    private const int Relation = 3;
    private const int Sum = 4;
    private const int Product = 5;
    private const int Prefix = 6;
    private const int Member = 7;

    private readonly StringBuilder _text = new();

    internal static string Print(SyntaxNode node)
    {
        var printer = new Printer();
        printer.Write(node, Conditional);
        return printer._text.ToString();
    }

    /// <summary>Writes a node, in parentheses if it binds less tightly than its place asks for.</summary>
    private void Write(SyntaxNode node, int place)
    {
        var parentheses = Precedence(node) < place;
        _text.Append(parentheses ? "(" : "");
        switch (node)
        {
            case LiteralSyntax literal:
                _text.Append(Literal(literal.Value));
                break;
            case NameSyntax name:
                _text.Append(name.Rooted ? "." : "").Append(name.Name);
                break;
            case SelectSyntax select:
                WriteTarget(select.Operand);
                _text.Append('.').Append(Field(select.Field));
                break;
            case IndexSyntax index:
                WriteTarget(index.Operand);
                _text.Append('[');
                Write(index.Index, Conditional);
                _text.Append(']');
                break;
            case CallSyntax call:
                WriteCall(call);
                break;
            case ListSyntax list:
                _text.Append('[');
                WriteAll(list.Items);
                _text.Append(']');
                break;
            case MapSyntax map:
                WriteMap(map);
                break;
            default:
                WriteOperator(node);
                break;
        }

        _text.Append(parentheses ? ")" : "");
    }

    private void WriteOperator(SyntaxNode node)
    {
        switch (node)
        {
            case PrefixSyntax prefix:
                _text.Append(prefix.Negates ? '-' : '!', prefix.Count);
                if (prefix.Negates && StartsWithDigit(prefix.Operand))
                {
                    _text.Append('(');
                    Write(prefix.Operand, Conditional);
                    _text.Append(')');
                }
                else
                {
                    Write(prefix.Operand, prefix.Negates && prefix.Operand is LiteralSyntax ? Prefix : Member);
                }

                break;
            case BinarySyntax binary:
                Write(binary.Left, Precedence(binary));
                _text.Append(' ').Append(binary.Operation).Append(' ');
                Write(binary.Right, Precedence(binary) + 1);
                break;
            case LogicalSyntax logical:
                WriteLogical(logical);
                break;
            case ConditionalSyntax conditional:
                Write(conditional.Test, Or);
                _text.Append(" ? ");
                Write(conditional.Then, Or);
                _text.Append(" : ");
                Write(conditional.Otherwise, Conditional);
                break;
        }
    }

    private void WriteLogical(LogicalSyntax logical)
    {
        var separator = "";
        foreach (var operand in logical.Operands)
        {
            _text.Append(separator);
            Write(operand, Precedence(logical) + 1);
            separator = logical.IsOr ? " || " : " && ";
        }
    }

    private void WriteCall(CallSyntax call)
    {
        if (call.Target is { } target)
        {
            WriteTarget(target);
            _text.Append('.');
        }

        _text.Append(call.Function).Append('(');
        WriteAll(call.Arguments);
        _text.Append(')');
    }

    private void WriteMap(MapSyntax map)
    {
        _text.Append('{');
        var separator = "";
        foreach (var (key, value) in map.Entries)
        {
            _text.Append(separator);
            Write(key, Conditional);
            _text.Append(": ");
            Write(value, Conditional);
            separator = ", ";
        }

        _text.Append('}');
    }

    /// <summary>Numbers in front of '.' or '[' stand in parentheses, so that no sign or decimal point is taken for theirs.</summary>
    private void WriteTarget(SyntaxNode target)
    {
        var number = target is LiteralSyntax { Value.IsNumber: true };
        _text.Append(number ? "(" : "");
        Write(target, number ? Conditional : Member);
        _text.Append(number ? ")" : "");
    }

    private void WriteAll(SyntaxNode[] nodes)
    {
        var separator = "";
        foreach (var node in nodes)
        {
            _text.Append(separator);
            Write(node, Conditional);
            separator = ", ";
        }
    }

    /// <summary>A '-' in front of a positive number would become a part of it.</summary>
    private static bool StartsWithDigit(SyntaxNode node) =>
        node is LiteralSyntax { Value.Kind: CelKind.Int or CelKind.Double } literal && Literal(literal.Value)[0] != '-';

    private static int Precedence(SyntaxNode node) => node switch
    {
        ConditionalSyntax => Conditional,
        LogicalSyntax logical => logical.IsOr ? Or : And,
        BinarySyntax { Operation: "+" or "-" } => Sum,
        BinarySyntax { Operation: "*" or "/" or "%" } => Product,
        BinarySyntax => Relation,
        PrefixSyntax => Prefix,
        LiteralSyntax literal when Literal(literal.Value)[0] == '-' => Prefix,
        _ => Member,
    };

    private static string Field(string field)
    {
        var plain = Lexer.IsNameStart(field[0]) && !Parser.IsKeyword(field);
        foreach (var c in field)
        {
            plain &= Lexer.IsNamePart(c);
        }

        return plain ? field : $"`{field}`";
    }

    private static string Literal(in CelValue value)
    {
        switch (value.Kind)
        {
            case CelKind.String:
                return Quoting.Quote(value.RawString);
            case CelKind.Bytes:
                return Quoting.Quote(value.RawBytes);
            case CelKind.Uint:
                return CelText.Of(value) + "u";
            case CelKind.Double:
                var text = value.RawDouble == 0 && double.IsNegative(value.RawDouble) ? "-0" : CelText.OfDouble(value.RawDouble);
                return text.AsSpan().ContainsAny('.', 'e') ? text : text + ".0";
            default:
                return CelText.Of(value);
        }
    }
}
