namespace Countersign.Expressions;

/// <summary>What is wrong with an expression, or went wrong while it was evaluated, and where.</summary>
/// <param name="Code">A stable code out of <see cref="ExpressionErrorCodes"/>; each has a page in <c>docs/errors</c>.</param>
/// <param name="Message">For a person: what was found, with its types, and where it is known how to write it instead.</param>
/// <param name="Offset">UTF-16 units before the place in the source, from 0.</param>
/// <param name="Line">The line, from 1; 0 where the error has no place in a source.</param>
/// <param name="Column">The code point within the line, from 1; 0 where the error has no place in a source.</param>
public sealed record ExpressionError(string Code, string Message, int Offset, int Line, int Column)
{
    /// <summary>Code, place and message on one line.</summary>
    public override string ToString() => Line == 0 ? $"{Code}: {Message}" : $"{Code} at {Line}:{Column}: {Message}";

    internal static ExpressionError At(string source, int offset, string code, string message)
    {
        offset = Math.Clamp(offset, 0, source.Length);
        var before = source.AsSpan(0, offset);
        var lineStart = before.LastIndexOf('\n') + 1;
        var column = 1;
        foreach (var unit in before[lineStart..])
        {
            column += char.IsLowSurrogate(unit) ? 0 : 1;
        }

        return new ExpressionError(code, message, offset, before.Count('\n') + 1, column);
    }
}

/// <summary>An expression could not be read or evaluated. It is the only exception that hostile input can cause.</summary>
public sealed class ExpressionException : Exception
{
    /// <summary>An error at a place in a source.</summary>
    public ExpressionException(ExpressionError error)
        : base(error.ToString()) => Error = error;

    /// <summary>An error of its own, with the exception that caused it.</summary>
    public ExpressionException(ExpressionError error, Exception cause)
        : base(error.ToString(), cause) => Error = error;

    /// <summary>
    /// An error that has no place yet, for scopes, maps and functions of a host: the evaluation they fail in adds the
    /// place of the call.
    /// </summary>
    /// <param name="code">A stable code of the host or out of <see cref="ExpressionErrorCodes"/>.</param>
    /// <param name="message">For a person.</param>
    public ExpressionException(string code, string message)
        : this(new ExpressionError(code, message, 0, 0, 0))
    {
    }

    /// <summary>What went wrong, and where.</summary>
    public ExpressionError Error { get; }

    /// <summary>The error's stable code.</summary>
    public string Code => Error.Code;

    /// <summary>UTF-16 units before the place in the source, from 0.</summary>
    public int Offset => Error.Offset;

    /// <summary>The line, from 1; 0 where the error has no place in a source.</summary>
    public int Line => Error.Line;

    /// <summary>The code point within the line, from 1; 0 where the error has no place in a source.</summary>
    public int Column => Error.Column;
}

/// <summary>The codes of <see cref="ExpressionError"/>. They never change; <c>docs/errors/&lt;code&gt;.md</c> explains each.</summary>
public static class ExpressionErrorCodes
{
    /// <summary>The source is not an expression.</summary>
    public const string Syntax = "expression.syntax";

    /// <summary>An operator, function or macro does not take values of these types.</summary>
    public const string Type = "expression.type";

    /// <summary>A name that the scope does not know.</summary>
    public const string UnknownName = "expression.unknown-name";

    /// <summary>A function that is neither built in nor registered.</summary>
    public const string UnknownFunction = "expression.unknown-function";

    /// <summary>A map has no entry of that key.</summary>
    public const string NoSuchField = "expression.no-such-field";

    /// <summary>A position outside of a list or string.</summary>
    public const string IndexOutOfRange = "expression.index-out-of-range";

    /// <summary>A bound on size, depth, steps or memory was reached; never ignored by <c>&amp;&amp;</c> and <c>||</c>.</summary>
    public const string Limit = "expression.limit";

    /// <summary>A number or time does not fit its type.</summary>
    public const string Overflow = "expression.overflow";

    /// <summary>An integer was divided by zero.</summary>
    public const string DivisionByZero = "expression.division-by-zero";

    /// <summary>A value of the right type that is not acceptable, such as a pattern that is not RE2.</summary>
    public const string InvalidArgument = "expression.invalid-argument";

    /// <summary>A map is written with the same key twice.</summary>
    public const string DuplicateKey = "expression.duplicate-key";

    /// <summary>A value has no form in JSON.</summary>
    public const string NotJson = "expression.not-json";
}

/// <summary>An error as it travels through an evaluation: no text is made of its place before someone reads it.</summary>
internal sealed class Fault(string code, string message, int offset)
{
    internal string Code { get; } = code;

    internal string Message { get; } = message;

    internal int Offset { get; } = offset;
}
