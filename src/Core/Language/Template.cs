using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Countersign.Expressions;
using Countersign.Steps;

namespace Countersign.Language;

/// <summary>
/// A JSON value whose strings may hold <c>${ expression }</c>. A string that is exactly one expression yields the expression's
/// value; otherwise the parts are joined as text, numbers in the RFC 8785 form. <c>$${</c> stands for the characters <c>${</c>.
/// Compiled once; safe for concurrent use.
/// </summary>
public sealed class Template
{
    /// <summary>Largest rendered value: 16 MiB of JSON.</summary>
    public const int MaxRenderedBytes = 16 * 1024 * 1024;

    private readonly TemplatePart part;

    private Template(JsonElement source, TemplatePart part)
    {
        Source = source;
        this.part = part;
        List<Expression> found = [];
        part.Collect(found);
        Expressions = [.. found];
    }

    /// <summary>The template that yields null.</summary>
    public static Template Null { get; } = FromJson(JsonDocument.Parse("null").RootElement);

    /// <summary>The value as written.</summary>
    public JsonElement Source { get; }

    /// <summary>The expressions inside, in the order of the document.</summary>
    public ImmutableArray<Expression> Expressions { get; }

    /// <summary>Whether there is no expression inside, so that every rendering yields the same.</summary>
    public bool IsConstant => Expressions.IsEmpty;

    /// <summary>The expression, where the whole template is one; else null.</summary>
    public Expression? Expression => (part as ValuePart)?.Expression;

    /// <summary>Makes a template of a JSON value.</summary>
    /// <exception cref="DefinitionException">An expression inside cannot be parsed, or the value is deeper than 32 levels.</exception>
    public static Template FromJson(JsonElement value)
    {
        ProblemList problems = new();
        Node? node = DocumentReader.ReadWritten($"[{value.GetRawText()}]", problems);
        Template? template = node is null ? null : Read(node.Children[0], LanguageFunctions.All, problems);
        return template is null || problems.HasErrors ? throw new DefinitionException(problems.Sorted()) : template;
    }

    /// <summary>Makes a template of a text, such as <c>Hello ${ input.name }</c>.</summary>
    /// <exception cref="DefinitionException">An expression inside cannot be parsed.</exception>
    public static Template FromText(string text) => Make(text, Read);

    /// <summary>Makes the template that yields one expression's value, written without <c>${ }</c>.</summary>
    /// <exception cref="DefinitionException">The expression cannot be parsed.</exception>
    public static Template FromExpression(string expression) => Make(expression, ReadExpression);

    /// <summary>Evaluates the expressions and puts the value together.</summary>
    /// <param name="scope">What names stand for.</param>
    /// <returns>The value; for a constant template its source with <c>$${</c> resolved.</returns>
    /// <exception cref="ExpressionException">An expression failed, or the value is larger than <see cref="MaxRenderedBytes"/> (code <c>template.too-large</c>).</exception>
    public JsonElement Render(IExpressionScope scope)
    {
        if (part is ConstantPart constant)
        {
            return constant.Value;
        }

        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, TemplatePart.Written))
        {
            part.Render(writer, scope);
        }

        Utf8JsonReader reader = new(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    /// <summary>
    /// Renders a URL: a value inside a longer text is percent-encoded as one path segment or one query value; a value that begins the text is
    /// taken as the beginning of the URL, and one that is the whole template as the URL.
    /// </summary>
    /// <exception cref="ExpressionException">An expression failed, or its value is null, empty, or not what its place in the URL takes (code <c>api.bad-url</c>).</exception>
    public JsonElement RenderUrl(IExpressionScope scope) => part switch
    {
        JoinedPart joined => JsonString.Of(UrlRendering.Render(joined.Pieces, scope)),
        ValuePart whole => JsonString.Of(UrlRendering.Whole(whole.Expression, scope)),
        _ => Render(scope),
    };

    /// <summary>Evaluates a condition.</summary>
    /// <exception cref="ExpressionException">The expression failed, or its value is no boolean (code <c>expression.type</c>).</exception>
    public bool Holds(IExpressionScope scope)
    {
        if (Expression is null)
        {
            return Source.ValueKind == JsonValueKind.True
                || (Source.ValueKind != JsonValueKind.False ? throw NotBoolean(Source.ValueKind.ToString()) : false);
        }

        return Expression.EvaluateCondition(scope);
    }

    /// <summary>A template of a text: what <see cref="FromText"/> makes, for builders that write it where a template is wanted.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator Template?(string? text) => text is null ? null : FromText(text);

    /// <summary>The source as JSON.</summary>
    public override string ToString() => Source.GetRawText();

    /// <summary>Compiles a node; what is wrong with it is reported.</summary>
    internal static Template? Read(Node node, ExpressionFunctions functions, ProblemList problems)
        => TemplateParser.Parse(node, functions, problems) is { } part ? new Template(node.ToJson(), part) : null;

    /// <summary>Compiles a node whose whole text is an expression.</summary>
    internal static Template? ReadExpression(Node node, ExpressionFunctions functions, ProblemList problems)
        => TemplateParser.ParseExpression(node, node.Text, functions, problems) is { } expression ? new Template(node.ToJson(), new ValuePart(expression)) : null;

    /// <summary>The expressions that, in a template of a URL, decide about scheme, host or port.</summary>
    internal IEnumerable<Expression> OriginExpressions() => UrlOrigin.ExpressionsIn(part);

    /// <summary>Whether a text is exactly one <c>${ … }</c>.</summary>
    internal static bool IsOneExpression(string text) => TemplateParser.IsOneExpression(text);

    private static Template Make(string text, Func<Node, ExpressionFunctions, ProblemList, Template?> read)
    {
        ProblemList problems = new();
        Template? template = read(new Node(NodeKind.Text, text, 1, 1), LanguageFunctions.All, problems);
        return template is null || problems.HasErrors ? throw new DefinitionException(problems.Sorted()) : template;
    }

    private static ExpressionException NotBoolean(string type)
        => new(ExpressionErrorCodes.Type, $"A condition must yield a boolean, not {type}.");
}
