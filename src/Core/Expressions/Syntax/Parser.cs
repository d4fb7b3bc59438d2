using System.Globalization;

namespace Countersign.Expressions;

/// <summary>Reads tokens into a syntax tree (CEL langdef, "Syntax"), with the limits on nesting and height.</summary>
internal sealed partial class Parser
{
    private static readonly HashSet<string> Keywords = ["true", "false", "null", "in"];

    private static readonly HashSet<string> Reserved =
    [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace",
        "return", "var", "void", "while",
    ];

    private readonly Lexer _lexer;
    private readonly ExpressionLimits _limits;
    private Token _token;
    private int _nesting;
    private int _chain;

    private Parser(string source, ExpressionLimits limits)
    {
        _lexer = new Lexer(source);
        _limits = limits;
        _token = _lexer.Next();
    }

    /// <summary>No limits may let the recursion of parser and evaluation exhaust a stack.</summary>
    private int MaxHeight => Math.Min(_limits.Height, 1000);

    private int MaxNesting => Math.Min(_limits.Nesting, 250);

    internal static SyntaxNode Parse(string source, ExpressionLimits limits)
    {
        var parser = new Parser(source, limits);
        var tree = parser.Expression();
        return parser._token.Kind == TokenKind.End
            ? tree
            : throw new SyntaxErrorException(parser._token.Offset, $"{parser._token.Shown} does not fit here: an operator or the end is expected");
    }

    internal static bool IsKeyword(string name) => Keywords.Contains(name);

    internal static bool IsReserved(string name) => Keywords.Contains(name) || Reserved.Contains(name);

    private SyntaxNode Expression()
    {
        var test = Logical(isOr: true);
        if (!_token.Is("?"))
        {
            return test;
        }

        // The right side recurses, so the chain is bounded before the tree is there to measure.
        if (++_chain > MaxHeight)
        {
            throw TooHigh(_token.Offset);
        }

        var offset = Take().Offset;
        var then = Logical(isOr: true);
        Expect(":", "between the two values of '? :'");
        var otherwise = Expression();
        _chain--;
        return Checked(new ConditionalSyntax(offset, test, then, otherwise));
    }

    private SyntaxNode Logical(bool isOr)
    {
        var symbol = isOr ? "||" : "&&";
        var first = isOr ? Logical(isOr: false) : Relation();
        if (!_token.Is(symbol))
        {
            return first;
        }

        var offset = _token.Offset;
        var operands = new List<SyntaxNode>();
        Append(operands, first, isOr);
        while (_token.Is(symbol))
        {
            Take();
            operands.Add(isOr ? Logical(isOr: false) : Relation());
        }

        return Checked(new LogicalSyntax(offset, isOr, operands.ToArray()));
    }

    /// <summary>(a &amp;&amp; b) &amp;&amp; c is the same as a &amp;&amp; b &amp;&amp; c.</summary>
    private static void Append(List<SyntaxNode> operands, SyntaxNode first, bool isOr)
    {
        if (first is LogicalSyntax logical && logical.IsOr == isOr)
        {
            operands.AddRange(logical.Operands);
        }
        else
        {
            operands.Add(first);
        }
    }

    private SyntaxNode Relation()
    {
        var left = Sum();
        while (_token.Text is "<" or "<=" or ">" or ">=" or "==" or "!=" && _token.Kind == TokenKind.Symbol
            || _token is { Kind: TokenKind.Name, Text: "in" })
        {
            var operation = Take();
            left = Checked(new BinarySyntax(operation.Offset, operation.Text, left, Sum()));
        }

        return left;
    }

    private SyntaxNode Sum()
    {
        var left = Product();
        while (_token.Is("+") || _token.Is("-"))
        {
            var operation = Take();
            left = Checked(new BinarySyntax(operation.Offset, operation.Text, left, Product()));
        }

        return left;
    }

    private SyntaxNode Product()
    {
        var left = Prefix();
        while (_token.Is("*") || _token.Is("/") || _token.Is("%"))
        {
            var operation = Take();
            left = Checked(new BinarySyntax(operation.Offset, operation.Text, left, Prefix()));
        }

        return left;
    }

    private SyntaxNode Prefix()
    {
        var negates = _token.Is("-");
        if (!negates && !_token.Is("!"))
        {
            return Member(Primary());
        }

        var offset = _token.Offset;
        var count = 0;
        while (_token.Is(negates ? "-" : "!"))
        {
            Take();
            count++;
        }

        if (_token.Is(negates ? "!" : "-"))
        {
            throw new SyntaxErrorException(_token.Offset, "'!' and '-' in front of each other need parentheses");
        }

        // The innermost sign belongs to the number, or the smallest int could not be written.
        var signed = negates && _token.Kind is TokenKind.Int or TokenKind.Double;
        var operand = Member(signed ? Number(Take(), negative: true) : Primary());
        count -= signed ? 1 : 0;
        return count == 0 ? operand : Checked(new PrefixSyntax(offset, negates, count, operand));
    }

    private SyntaxNode Member(SyntaxNode operand)
    {
        while (true)
        {
            if (_token.Is("."))
            {
                operand = Selection(operand, Take().Offset);
            }
            else if (_token.Is("["))
            {
                var offset = Open("[");
                var index = Expression();
                Close("]", offset);
                operand = Checked(new IndexSyntax(offset, operand, index));
            }
            else if (_token.Is("{") && operand is NameSyntax or SelectSyntax)
            {
                throw new SyntaxErrorException(_token.Offset, "there are no message types; a map is written { 'field': value } alone");
            }
            else
            {
                return operand;
            }
        }
    }

    private SyntaxNode Selection(SyntaxNode operand, int offset)
    {
        if (_token.Is("?"))
        {
            throw new SyntaxErrorException(_token.Offset, "there is no '.?'; write has(a.b) ? a.b : other");
        }

        var field = _token;
        if (field.Kind is not (TokenKind.Name or TokenKind.Quoted) || (field.Kind == TokenKind.Name && Keywords.Contains(field.Text)))
        {
            throw new SyntaxErrorException(field.Offset, $"after '.' stands a field name, not {field.Shown}; other names are written a['name']");
        }

        Take();
        return field.Kind == TokenKind.Name && _token.Is("(")
            ? Call(field, operand)
            : Checked(new SelectSyntax(offset, operand, field.Text));
    }

    private CallSyntax Call(Token function, SyntaxNode? target)
    {
        var offset = Open("(");
        var arguments = Items(")", trailingComma: false);
        Close(")", offset);
        var call = new CallSyntax(function.Offset, target, function.Text, arguments);
        return call.Macro?.Problem is { } problem
            ? throw new SyntaxErrorException(function.Offset, problem)
            : Checked(call);
    }

    private SyntaxNode[] Items(string end, bool trailingComma)
    {
        var items = new List<SyntaxNode>();
        while (!_token.Is(end))
        {
            items.Add(Expression());
            if (!_token.Is(","))
            {
                break;
            }

            var comma = Take();
            if (_token.Is(end) && !trailingComma)
            {
                throw new SyntaxErrorException(comma.Offset, "an argument is missing after ','");
            }
        }

        return items.ToArray();
    }

    private Token Take()
    {
        var taken = _token;
        _token = _lexer.Next();
        return taken;
    }

    private void Expect(string symbol, string where)
    {
        if (!_token.Is(symbol))
        {
            throw new SyntaxErrorException(_token.Offset, $"'{symbol}' is expected {where}, not {_token.Shown}");
        }

        Take();
    }

    private int Open(string symbol)
    {
        if (++_nesting > MaxNesting)
        {
            throw new SyntaxErrorException(
                _token.Offset, $"brackets are nested deeper than {MaxNesting}", ExpressionErrorCodes.Limit);
        }

        var offset = _token.Offset;
        Expect(symbol, "here");
        return offset;
    }

    private void Close(string symbol, int opened)
    {
        if (!_token.Is(symbol))
        {
            throw new SyntaxErrorException(
                _token.Offset, $"{_token.Shown} does not fit here: ',' or '{symbol}' is expected, for the bracket at character {opened + 1}");
        }

        Take();
        _nesting--;
    }

    private T Checked<T>(T node)
        where T : SyntaxNode => node.Height <= MaxHeight ? node : throw TooHigh(node.Offset);

    private SyntaxErrorException TooHigh(int offset) =>
        new(offset, $"the expression chains more than {MaxHeight} parts", ExpressionErrorCodes.Limit);
}
