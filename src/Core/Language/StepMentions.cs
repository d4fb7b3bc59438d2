using Countersign.Expressions;

namespace Countersign.Language;

/// <summary>How an expression names a step.</summary>
internal enum StepMentionKind
{
    /// <summary><c>steps.a</c>.</summary>
    Field,

    /// <summary><c>steps['a']</c>.</summary>
    Literal,

    /// <summary><c>steps[x]</c>.</summary>
    Computed,

    /// <summary><c>steps</c> itself, as a value.</summary>
    Whole,
}

/// <summary>A place where an expression reads <c>steps</c>.</summary>
/// <param name="Kind">How it names the step.</param>
/// <param name="Id">The step; empty where none is named.</param>
/// <param name="Offset">UTF-16 units before the dot of a field, before the text in brackets, or before <c>steps</c>.</param>
internal readonly record struct StepMention(StepMentionKind Kind, string Id, int Offset);

/// <summary>Finds every place where an expression reads <c>steps</c>, unless a variable of a macro has that name there.</summary>
internal sealed class StepMentions
{
    private readonly List<string> locals = [];
    private readonly List<StepMention> found = [];

    private StepMentions()
    {
    }

    public static IReadOnlyList<StepMention> In(Expression expression)
    {
        StepMentions mentions = new();
        mentions.Visit(Parser.Parse(expression.Source, expression.Limits));
        return mentions.found;
    }

    /// <summary>The source with other ids for steps; everything else in it stays as it is.</summary>
    public static string Rename(Expression expression, IReadOnlyDictionary<string, string> ids)
    {
        string source = expression.Source;
        foreach (StepMention mention in In(expression).Where(mention => mention.Id.Length > 0).OrderByDescending(mention => mention.Offset))
        {
            if (ids.TryGetValue(mention.Id, out string? id) && id != mention.Id)
            {
                (int start, int end) = mention.Kind == StepMentionKind.Field ? FieldAt(source, mention.Offset) : LiteralAt(source, mention.Offset);
                string written = mention.Kind == StepMentionKind.Literal ? $"'{id}'"
                    : id.Contains('-', StringComparison.Ordinal) || Parser.IsKeyword(id) ? $"`{id}`"
                    : id;
                source = source[..start] + written + source[end..];
            }
        }

        return source;
    }

    private static (int Start, int End) FieldAt(string source, int dot)
    {
        Token field = new Lexer(source[(dot + 1)..]).Next();
        int start = dot + 1 + field.Offset;
        return (start, start + field.Text.Length + (field.Kind == TokenKind.Quoted ? 2 : 0));
    }

    /// <summary>From the quote up to the bracket.</summary>
    private static (int Start, int End) LiteralAt(string source, int quote)
    {
        Lexer lexer = new(source[quote..]);
        lexer.Next();
        return (quote, quote + lexer.Next().Offset);
    }

    private void Visit(SyntaxNode node)
    {
        switch (node)
        {
            case NameSyntax when IsSteps(node):
                found.Add(new StepMention(StepMentionKind.Whole, "", node.Offset));
                break;
            case SelectSyntax select when IsSteps(select.Operand):
                found.Add(new StepMention(StepMentionKind.Field, select.Field, select.Offset));
                break;
            case SelectSyntax select:
                Visit(select.Operand);
                break;
            case IndexSyntax { Index: LiteralSyntax { Value: { Kind: CelKind.String } id } literal } index when IsSteps(index.Operand):
                found.Add(new StepMention(StepMentionKind.Literal, id.RawString, literal.Offset));
                break;
            case IndexSyntax index when IsSteps(index.Operand):
                found.Add(new StepMention(StepMentionKind.Computed, "", index.Operand.Offset));
                Visit(index.Index);
                break;
            case CallSyntax { Macro: { } macro }:
                VisitMacro(macro);
                break;
            default:
                VisitAll(ChildrenOf(node));
                break;
        }
    }

    private void VisitMacro(MacroCall macro)
    {
        Visit(macro.Range);
        locals.AddRange(macro.Variables);
        VisitAll(new[] { macro.Predicate, macro.Body }.OfType<SyntaxNode>());
        locals.RemoveRange(locals.Count - macro.Variables.Length, macro.Variables.Length);
    }

    private void VisitAll(IEnumerable<SyntaxNode> nodes)
    {
        foreach (SyntaxNode node in nodes)
        {
            Visit(node);
        }
    }

    private bool IsSteps(SyntaxNode node) => node is NameSyntax { Name: "steps" } name && (name.Rooted || !locals.Contains("steps"));

    private static IEnumerable<SyntaxNode> ChildrenOf(SyntaxNode node) => node switch
    {
        IndexSyntax index => [index.Operand, index.Index],
        CallSyntax call => call.Target is null ? call.Arguments : [call.Target, .. call.Arguments],
        ListSyntax list => list.Items,
        MapSyntax map => map.Entries.SelectMany(entry => new[] { entry.Key, entry.Value }),
        PrefixSyntax prefix => [prefix.Operand],
        BinarySyntax binary => [binary.Left, binary.Right],
        LogicalSyntax logical => logical.Operands,
        ConditionalSyntax conditional => [conditional.Test, conditional.Then, conditional.Otherwise],
        _ => [],
    };
}
