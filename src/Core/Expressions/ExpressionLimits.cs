namespace Countersign.Expressions;

/// <summary>
/// Bounds on one expression and one evaluation of it. They count work and bytes, never time, so that the outcome is the
/// same on every machine. Reaching one is <c>expression.limit</c>, which <c>&amp;&amp;</c>, <c>||</c> and the macros never absorb.
/// </summary>
public sealed record ExpressionLimits
{
    /// <summary>The defaults below.</summary>
    public static ExpressionLimits Default { get; } = new();

    /// <summary>Bytes of source in UTF-8. Default 4,096.</summary>
    public int SourceBytes { get; init; } = 4096;

    /// <summary>
    /// How deep <c>( )</c>, <c>[ ]</c> and <c>{ }</c> may stand in each other, those of calls included. Default 32,
    /// at most 250.
    /// </summary>
    public int Nesting { get; init; } = 32;

    /// <summary>
    /// Height of the syntax tree, which chains such as <c>a + b + c + …</c>, <c>a.b.c…</c> and <c>a ? b : c ? …</c> raise by
    /// one for each link (chains of <c>&amp;&amp;</c>, of <c>||</c>, of <c>!</c> and of unary <c>-</c> do not). Default 256, at most 1,000.
    /// </summary>
    public int Height { get; init; } = 256;

    /// <summary>
    /// Steps of one evaluation: one for each name, field, index, operator, call and turn of a macro, one for every 16
    /// elements that a built-in visits, and more for work on long text (see the reference). Default 10,000.
    /// </summary>
    public int Steps { get; init; } = 10_000;

    /// <summary>Bytes of strings, bytes, lists and maps that one evaluation may create, dead ones included. Default 8 MiB.</summary>
    public long Memory { get; init; } = 8 * 1024 * 1024;

    /// <summary>Bytes of the result, measured as JSON would hold it. Default 65,536.</summary>
    public int ResultBytes { get; init; } = 65_536;
}
