using System.Collections.Immutable;
using System.Globalization;

namespace Countersign.Infra.Tests.Bicep;

/// <summary>
/// Reads the part of Bicep that the files of infra/bicep use: enough to ask what they declare where no compiler is at hand. What it
/// does not know is an error, so that it never passes over anything.
/// </summary>
internal sealed class BicepReader
{
    private static readonly string[][] Levels = [["??"], ["||"], ["&&"], ["==", "!=", "=~", "!~"], ["<", "<=", ">", ">="], ["+", "-"], ["*", "/", "%"]];

    private readonly List<Token> tokens;
    private readonly string file;
    private int at;

    private BicepReader(string source, string file) => (tokens, this.file) = (BicepTokens.Of(source, file), file);

    public static ImmutableArray<Statement> Read(string source, string file)
    {
        var reader = new BicepReader(source, file);
        var statements = ImmutableArray.CreateBuilder<Statement>();
        while (reader.SkipLines().Kind != TokenKind.End)
        {
            statements.Add(reader.ReadStatement());
        }

        return statements.ToImmutable();
    }

    private Token Current => tokens[at];

    private Statement ReadStatement()
    {
        var decorators = ImmutableArray.CreateBuilder<Call>();
        while (SkipLines().Value == "@")
        {
            at++;
            decorators.Add((Call)ReadExpression());
        }

        var keyword = Take(TokenKind.Word);
        var statement = keyword switch
        {
            "targetScope" => new Statement(keyword, "", "", false, ReadAssigned(), []),
            "using" => new Statement(keyword, "", Take(TokenKind.Text), false, null, []),
            "import" => ReadImport(),
            "metadata" or "var" => new Statement(keyword, Take(TokenKind.Word), "", false, ReadAssigned(), []),
            "type" => new Statement(keyword, Take(TokenKind.Word), "", false, Expect("=") ? ReadTypeNode() : null, []),
            "param" => new Statement(keyword, Take(TokenKind.Word), Current.Value == "=" ? "" : ReadType(), false, Current.Value == "=" ? ReadAssigned() : null, []),
            "output" => new Statement(keyword, Take(TokenKind.Word), ReadType(), false, ReadAssigned(), []),
            "resource" or "module" => new Statement(keyword, Take(TokenKind.Word), Take(TokenKind.Text), TryTake("existing"), ReadAssigned(), []),
            _ => throw Error($"'{keyword}' is no statement"),
        };
        return Current.Kind is TokenKind.Line or TokenKind.End ? statement with { Decorators = decorators.ToImmutable() } : throw Error($"'{Current.Value}' follows a statement");
    }

    private Statement ReadImport()
    {
        var names = (Fields)ReadImported();
        return TryTake("from") ? new Statement("import", "", Take(TokenKind.Text), false, names, []) : throw Error("'from' is missing");
    }

    private Fields ReadImported()
    {
        Expect("{");
        var names = ImmutableArray.CreateBuilder<(string, Node)>();
        while (!TryTake("}"))
        {
            names.Add((Take(TokenKind.Word), new Literal(null)));
            TryTake(",");
        }

        return new Fields(names.ToImmutable(), []);
    }

    private Node ReadAssigned() => Expect("=") ? ReadExpression() : throw Error("no value");

    private string ReadType() => Describe(ReadTypeNode());

    private static string Describe(Node type) => type switch
    {
        Name name => name.Path,
        Text text => $"'{text.Plain}'",
        Operation operation => string.Join(operation.Operator, operation.Operands.Select(Describe)),
        _ => "object",
    };

    private Node ReadTypeNode()
    {
        Node type = Current switch
        {
            { Kind: TokenKind.Text } => ReadText(Take(TokenKind.Text)),
            { Value: "{" } => ReadObject(isType: true),
            _ => new Name(Take(TokenKind.Word)),
        };
        while (Current.Value is "[" or "?" or "|")
        {
            type = Take(TokenKind.Symbol) switch
            {
                "[" => Expect("]") ? new Name(Describe(type) + "[]") : type,
                "?" => new Name(Describe(type) + "?"),
                _ => new Operation("|", [type, ReadTypeNode()]),
            };
        }

        return type;
    }

    private Node ReadExpression()
    {
        var condition = ReadLevel(0);
        if (Current.Value != "?")
        {
            return condition;
        }

        Expect("?");
        var first = ReadExpression();
        Expect(":");
        return new Operation("?:", [condition, first, ReadExpression()]);
    }

    private Node ReadLevel(int level)
    {
        if (level == Levels.Length)
        {
            return ReadUnary();
        }

        var left = ReadLevel(level + 1);
        while (Current.Kind == TokenKind.Symbol && Levels[level].Contains(Current.Value))
        {
            var operation = Take(TokenKind.Symbol);
            SkipLines();
            left = new Operation(operation, [left, ReadLevel(level + 1)]);
        }

        return left;
    }

    private Node ReadUnary() => Current.Value is "!" or "-" && Current.Kind == TokenKind.Symbol
        ? new Operation(Take(TokenKind.Symbol), [ReadUnary()])
        : ReadMembers(ReadPrimary());

    private Node ReadPrimary() => Current switch
    {
        { Kind: TokenKind.Text } => ReadText(Take(TokenKind.Text)),
        { Kind: TokenKind.Number } => new Literal(long.Parse(Take(TokenKind.Number), CultureInfo.InvariantCulture)),
        { Value: "{" } => ReadObject(isType: false),
        { Value: "[" } => ReadArray(),
        { Value: "(" } => ReadInBrackets(),
        { Kind: TokenKind.Word, Value: "true" or "false" } => new Literal(Take(TokenKind.Word) == "true"),
        { Kind: TokenKind.Word, Value: "null" } => new Literal(at++ < 0 ? "" : null),
        { Kind: TokenKind.Word } => new Name(Take(TokenKind.Word)),
        _ => throw Error($"'{Current.Value}' begins no expression"),
    };

    private Node ReadInBrackets()
    {
        Expect("(");
        var inner = ReadExpression();
        Expect(")");
        return inner;
    }

    private Node ReadMembers(Node from)
    {
        while (true)
        {
            if (from is Name name && Current.Value == "(")
            {
                from = new Call(name.Path, ReadArguments());
            }
            else if (Current.Value is "." or ".?" or "::" && Current.Kind == TokenKind.Symbol)
            {
                var separator = Take(TokenKind.Symbol);
                var member = Take(TokenKind.Word);
                from = from is Name path ? new Name(path.Path + separator + member) : new Operation("." + member, [from]);
            }
            else if (Current.Value == "[")
            {
                Expect("[");
                from = new Operation("[]", [from, ReadExpression()]);
                Expect("]");
            }
            else
            {
                return from;
            }
        }
    }

    private ImmutableArray<Node> ReadArguments()
    {
        Expect("(");
        var arguments = ImmutableArray.CreateBuilder<Node>();
        while (SkipLines().Value != ")")
        {
            arguments.Add(ReadExpression());
            SkipLines();
            TryTake(",");
        }

        Expect(")");
        return arguments.ToImmutable();
    }

    private Items ReadArray()
    {
        Expect("[");
        var values = ImmutableArray.CreateBuilder<Node>();
        Node? each = null;
        if (SkipLines() is { Kind: TokenKind.Word, Value: "for" })
        {
            at++;
            SkipLoopNames();
            each = ReadExpression();
            Expect(":");
        }

        while (SkipLines().Value != "]" || Current.Kind == TokenKind.Text)
        {
            values.Add(TryTake("...") ? new Operation("...", [ReadExpression()]) : ReadExpression());
            TryTake(",");
        }

        Expect("]");
        return new Items(values.ToImmutable(), each);
    }

    private void SkipLoopNames()
    {
        while (!TryTake("in"))
        {
            at++;
        }
    }

    private Fields ReadObject(bool isType)
    {
        Expect("{");
        var pairs = ImmutableArray.CreateBuilder<(string, Node)>();
        var nested = ImmutableArray.CreateBuilder<Statement>();
        while (SkipLines().Value != "}" || Current.Kind == TokenKind.Text)
        {
            if (Current.Value == "@" || (Current is { Kind: TokenKind.Word, Value: "resource" } && tokens[at + 1].Kind == TokenKind.Word))
            {
                ReadNested(isType, pairs, nested);
                continue;
            }

            if (TryTake("..."))
            {
                pairs.Add(("...", ReadExpression()));
            }
            else
            {
                var key = Current.Kind == TokenKind.Text ? ReadText(Take(TokenKind.Text)).Plain : Take(TokenKind.Word);
                Expect(":");
                pairs.Add((key, isType ? ReadTypeNode() : ReadExpression()));
            }

            _ = TryTake(",") || Current.Kind == TokenKind.Line || Current.Value == "}" ? true : throw Error("two fields are not apart");
        }

        Expect("}");
        return new Fields(pairs.ToImmutable(), nested.ToImmutable());
    }

    private void ReadNested(bool isType, ImmutableArray<(string, Node)>.Builder pairs, ImmutableArray<Statement>.Builder nested)
    {
        if (!isType)
        {
            nested.Add(ReadStatement());
            return;
        }

        while (SkipLines().Value == "@")
        {
            at++;
            ReadExpression();
        }

        var key = Take(TokenKind.Word);
        Expect(":");
        pairs.Add((key, ReadTypeNode()));
    }

    private Text ReadText(string raw)
    {
        var parts = ImmutableArray.CreateBuilder<Node>();
        var begin = 0;
        for (var i = 0; i + 1 < raw.Length; i++)
        {
            if (raw[i] == '\\')
            {
                i++;
            }
            else if (raw[i] == '$' && raw[i + 1] == '{')
            {
                var end = BicepTokens.ExpressionEnd(raw, i + 2, Current.Line);
                parts.Add(new Literal(raw[begin..i]));
                parts.Add(new BicepReader(raw[(i + 2)..end], file).ReadExpression());
                (begin, i) = (end + 1, end);
            }
        }

        parts.Add(new Literal(raw[begin..]));
        return new Text(parts.ToImmutable());
    }

    private Token SkipLines()
    {
        while (Current.Kind == TokenKind.Line)
        {
            at++;
        }

        return Current;
    }

    private string Take(TokenKind kind) => Current.Kind == kind ? tokens[at++].Value : throw Error($"'{Current.Value}' stands where a {kind} is expected");

    private bool TryTake(string value)
    {
        if (Current.Kind == TokenKind.Text || Current.Value != value)
        {
            return false;
        }

        at++;
        return true;
    }

    private bool Expect(string value)
    {
        SkipLinesBeforeClosing(value);
        return TryTake(value) ? true : throw Error($"'{Current.Value}' stands where '{value}' is expected");
    }

    private void SkipLinesBeforeClosing(string value)
    {
        if (value is "]" or "}" or ")")
        {
            SkipLines();
        }
    }

    private FormatException Error(string what) => new($"{file}({Current.Line}): {what}.");
}
