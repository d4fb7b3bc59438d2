using System.Globalization;

namespace Countersign.Expressions;

/// <summary>Literals, names, and what stands in brackets.</summary>
internal sealed partial class Parser
{
    private SyntaxNode Primary()
    {
        var token = _token;
        switch (token.Kind)
        {
            case TokenKind.Int or TokenKind.Uint or TokenKind.Double:
                return Number(Take(), negative: false);
            case TokenKind.String:
                return new LiteralSyntax(Take().Offset, CelValue.WrapString(token.Text));
            case TokenKind.Bytes:
                return new LiteralSyntax(Take().Offset, CelValue.WrapBytes(token.Octets!));
            case TokenKind.Name:
                return Name(Take(), rooted: false);
            case TokenKind.Symbol when token.Text == "(":
                var offset = Open("(");
                var inner = Expression();
                Close(")", offset);
                return inner;
            case TokenKind.Symbol when token.Text == "[":
                return List();
            case TokenKind.Symbol when token.Text == "{":
                return Map();
            case TokenKind.Symbol when token.Text == ".":
                Take();
                return _token.Kind == TokenKind.Name
                    ? Name(Take(), rooted: true)
                    : throw new SyntaxErrorException(_token.Offset, $"after '.' stands a name, not {_token.Shown}");
            default:
                throw new SyntaxErrorException(token.Offset, $"a value is expected here, not {token.Shown}");
        }
    }

    private SyntaxNode Name(Token name, bool rooted)
    {
        if (!rooted && name.Text is "true" or "false")
        {
            return new LiteralSyntax(name.Offset, CelValue.Bool(name.Text == "true"));
        }

        if (!rooted && name.Text == "null")
        {
            return new LiteralSyntax(name.Offset, CelValue.Null);
        }

        if (IsReserved(name.Text))
        {
            throw new SyntaxErrorException(name.Offset, $"'{name.Text}' is a reserved word and cannot be a name");
        }

        return _token.Is("(") ? Call(name, null) : new NameSyntax(name.Offset, name.Text, rooted);
    }

    private ListSyntax List()
    {
        var offset = Open("[");
        var items = Items("]", trailingComma: true);
        Close("]", offset);
        return Checked(new ListSyntax(offset, items));
    }

    private MapSyntax Map()
    {
        var offset = Open("{");
        var entries = new List<(SyntaxNode, SyntaxNode)>();
        while (!_token.Is("}"))
        {
            var key = Expression();
            Expect(":", "after a map key");
            entries.Add((key, Expression()));
            if (!_token.Is(","))
            {
                break;
            }

            Take();
        }

        Close("}", offset);
        return Checked(new MapSyntax(offset, entries.ToArray()));
    }

    private static LiteralSyntax Number(Token token, bool negative)
    {
        if (token.Kind == TokenKind.Double)
        {
            var value = double.Parse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture);
            return double.IsFinite(value)
                ? new LiteralSyntax(token.Offset, CelValue.Double(negative ? -value : value))
                : throw new SyntaxErrorException(token.Offset, $"{Access.Clip(token.Text)} does not fit double", ExpressionErrorCodes.Overflow);
        }

        var hexadecimal = token.Text.StartsWith("0x", StringComparison.Ordinal);
        var digits = hexadecimal ? token.Text.AsSpan(2) : token.Text;
        var style = hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        var fits = ulong.TryParse(digits, style, CultureInfo.InvariantCulture, out var magnitude);
        if (fits && token.Kind == TokenKind.Uint)
        {
            return new LiteralSyntax(token.Offset, CelValue.Uint(magnitude));
        }

        if (!fits || magnitude > (negative ? 1UL << 63 : long.MaxValue))
        {
            var hint = fits ? "; write it with u at the end, or with .0" : "";
            throw new SyntaxErrorException(
                token.Offset,
                $"{Access.Clip(token.Text)} does not fit {(token.Kind == TokenKind.Uint ? "uint" : "int")} (64 bits){hint}",
                ExpressionErrorCodes.Overflow);
        }

        return new LiteralSyntax(token.Offset, CelValue.Int(negative ? unchecked(-(long)magnitude) : (long)magnitude));
    }
}
