namespace Countersign.Expressions;

internal enum TokenKind
{
    End,
    Name,
    Quoted,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Symbol,
}

/// <summary>A word of the source.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Offset">UTF-16 units before it.</param>
/// <param name="Text">Name or symbol; of a number its digits; of a string its value.</param>
/// <param name="Octets">The value of a bytes literal.</param>
internal readonly record struct Token(TokenKind Kind, int Offset, string Text, byte[]? Octets = null)
{
    internal bool Is(string symbol) => Kind == TokenKind.Symbol && Text == symbol;

    internal string Shown => Kind switch
    {
        TokenKind.End => "the end of the expression",
        TokenKind.String => "a string",
        TokenKind.Bytes => "bytes",
        _ => $"'{Access.Clip(Text)}'",
    };
}

/// <summary>The source is no expression; carries the place.</summary>
internal sealed class SyntaxErrorException(int offset, string message, string code = ExpressionErrorCodes.Syntax) : Exception(message)
{
    internal int Offset { get; } = offset;

    internal string Code { get; } = code;
}
