using System.Text;

namespace Countersign.Expressions;

/// <summary>
/// An expression in CEL, read and compiled once and evaluated any number of times, from any thread. It can reach nothing
/// but its scope and functions; evaluation is deterministic and bounded by <see cref="ExpressionLimits"/>.
/// The language is described in <c>docs/expressions.md</c>.
/// </summary>
public sealed class Expression
{
    private readonly SyntaxNode _tree;
    private readonly Node _root;
    private readonly int _locals;
    private readonly ExpressionFunctions _functions;

    private Expression(string source, SyntaxNode tree, ExpressionLimits limits, ExpressionFunctions functions)
    {
        Source = source;
        Limits = limits;
        _tree = tree;
        _functions = functions;
        (_root, _locals) = Compiler.Compile(tree, functions);
        References = ReferenceCollector.Collect(tree, functions);
        IsReference = References is [{ OnlyTested: false } only] && source.AsSpan().Trim().SequenceEqual(only.ToString());
    }

    /// <summary>The source as it was given.</summary>
    public string Source { get; }

    /// <summary>The limits that hold for every evaluation.</summary>
    public ExpressionLimits Limits { get; }

    /// <summary>
    /// The paths that the expression reads from the scope, in order of appearance, each once; variables of macros are
    /// not among them. <c>has(a.b.c)</c> tests <c>a.b.c</c> and reads <c>a.b</c>.
    /// </summary>
    public IReadOnlyList<ExpressionReference> References { get; }

    /// <summary>Reads an expression.</summary>
    /// <param name="source">The source, such as <c>steps.extract.output.total > 1000.0</c>.</param>
    /// <param name="limits">Bounds; default <see cref="ExpressionLimits.Default"/>.</param>
    /// <param name="functions">Functions besides the built-in ones; default none.</param>
    /// <exception cref="ExpressionException"><c>expression.syntax</c>, <c>expression.limit</c>, or <c>expression.overflow</c> for a number.</exception>
    public static Expression Parse(string source, ExpressionLimits? limits = null, ExpressionFunctions? functions = null) =>
        TryParse(source, out var expression, out var error, limits, functions) ? expression : throw new ExpressionException(error);

    /// <summary>Reads an expression, without an exception for one that is wrong.</summary>
    /// <returns>Whether <paramref name="expression"/> is set; otherwise <paramref name="error"/> is.</returns>
    public static bool TryParse(
        string source,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Expression? expression,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out ExpressionError? error,
        ExpressionLimits? limits = null,
        ExpressionFunctions? functions = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        limits ??= ExpressionLimits.Default;
        expression = null;
        error = null;
        var bytes = Encoding.UTF8.GetByteCount(source);
        if (bytes > limits.SourceBytes)
        {
            error = ExpressionError.At(
                source, 0, ExpressionErrorCodes.Limit, $"the expression has {bytes} bytes; at most {limits.SourceBytes} are read");
            return false;
        }

        try
        {
            expression = new Expression(source, Parser.Parse(source, limits), limits, functions ?? ExpressionFunctions.None);
            return true;
        }
        catch (SyntaxErrorException e)
        {
            error = ExpressionError.At(source, e.Offset, e.Code, e.Message);
            return false;
        }
    }

    /// <summary>Computes the value.</summary>
    /// <exception cref="ExpressionException">The evaluation failed, or reached a limit; the error says where and why.</exception>
    public CelValue Evaluate(IExpressionScope scope) => Evaluate(scope, out _);

    /// <summary>
    /// Whether it only names a value, such as <c>steps.fetch.output.text</c>. Such an expression makes nothing, so the limit on results
    /// does not apply: a large value passes as it is.
    /// </summary>
    public bool IsReference { get; }

    /// <summary>Computes the value and says how many steps it took.</summary>
    /// <exception cref="ExpressionException">The evaluation failed, or reached a limit; the error says where and why.</exception>
    public CelValue Evaluate(IExpressionScope scope, out int steps)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var evaluation = new Evaluation(scope, Limits, _locals);
        CelValue value;
        try
        {
            value = _root.Evaluate(ref evaluation);
            if (!IsReference && value.Kind >= CelKind.String && CelJson.Measure(value, Limits.ResultBytes, 0) > Limits.ResultBytes)
            {
                throw new ExpressionException(ExpressionErrorCodes.Limit, $"the result is larger than {Limits.ResultBytes} bytes");
            }
        }
        catch (ExpressionException e) when (e.Line == 0)
        {
            throw new ExpressionException(ExpressionError.At(Source, evaluation.At, e.Code, e.Error.Message), e);
        }

        steps = Limits.Steps - evaluation.Steps;
        if (value.IsError)
        {
            var fault = value.RawFault;
            throw new ExpressionException(ExpressionError.At(Source, fault.Offset, fault.Code, fault.Message));
        }

        return value;
    }

    /// <summary>Computes the value of a condition.</summary>
    /// <exception cref="ExpressionException">As for <see cref="Evaluate(IExpressionScope)"/>, and <c>expression.type</c> for a value that is no bool.</exception>
    public bool EvaluateCondition(IExpressionScope scope)
    {
        var value = Evaluate(scope);
        return value.Kind == CelKind.Bool
            ? value.RawBool
            : throw new ExpressionException(ExpressionError.At(
                Source, 0, ExpressionErrorCodes.Type, $"a condition is bool, not {value.TypeName}; {Overloads.BoolHint(value.TypeName)}"));
    }

    /// <summary>
    /// Finds, without evaluating, what can be known to be wrong from the types of the names: unknown names and
    /// functions, fields that a closed object does not have, operators and functions on types they never take.
    /// </summary>
    /// <returns>The problems in order of their place; none if nothing is known to be wrong.</returns>
    public IReadOnlyList<ExpressionError> Check(TypeEnvironment environment) => Check(environment, out _);

    /// <summary>As <see cref="Check(TypeEnvironment)"/>, and says what type the value has as far as is known.</summary>
    public IReadOnlyList<ExpressionError> Check(TypeEnvironment environment, out CelType result)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return Checker.Check(Source, _tree, environment, _functions, out result);
    }

    /// <summary>
    /// The canonical source: one spelling for all expressions with the same syntax tree. Reading it gives an expression
    /// that means the same and prints the same. It may be longer than the limit on sources.
    /// </summary>
    public override string ToString() => Printer.Print(_tree);
}
