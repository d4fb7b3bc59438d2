using System.Text.Json;
using Countersign.Expressions;

namespace Countersign.Language;

/// <summary>Splits strings into texts and expressions, and compiles them.</summary>
internal static class TemplateParser
{
    /// <summary>Compiles a value; null where an expression inside cannot be parsed, which has been reported.</summary>
    public static TemplatePart? Parse(Node node, ExpressionFunctions functions, ProblemList problems)
    {
        switch (node.Kind)
        {
            case NodeKind.Broken:
                return null;
            case NodeKind.Text:
                return ParseText(node, functions, problems);
            case NodeKind.List:
                TemplatePart?[] items = [.. node.Children.Select(child => Parse(child, functions, problems))];
                return items.Contains(null) ? null
                    : items.All(item => item is ConstantPart) ? Constant(node, items)
                    : new ListPart(items!);
            case NodeKind.Object:
                TemplatePart?[] values = [.. node.Children.Select(child => Parse(child, functions, problems))];
                return values.Contains(null) ? null
                    : values.All(value => value is ConstantPart) ? Constant(node, values)
                    : new ObjectPart([.. values.Select((value, index) => (node.Children[index].Key!, value!))]);
            default:
                return new ConstantPart(node.ToJson());
        }
    }

    /// <summary>Compiles one expression; null where it cannot be parsed, which has been reported.</summary>
    public static Expression? ParseExpression(Node node, string source, ExpressionFunctions functions, ProblemList problems)
    {
        if (Expression.TryParse(source.Trim(), out Expression? expression, out ExpressionError? error, functions: functions))
        {
            return expression;
        }

        problems.Error(ProblemCodes.ExpressionSyntax, node, $"The expression '{Shortened(source.Trim())}' cannot be read: {error.Message} (at {error.Line}:{error.Column} of it)");
        return null;
    }

    /// <summary>Whether a text is exactly one <c>${ … }</c>.</summary>
    public static bool IsOneExpression(string text)
        => text.StartsWith("${", StringComparison.Ordinal) && ExpressionEnd.Find(text, 2, "}") == text.Length - 1;

    /// <summary>A text as a message can hold it.</summary>
    public static string Shortened(string text) => text.Length <= 80 ? text : text[..77] + "...";

    private static ConstantPart Constant(Node node, TemplatePart?[] parts)
    {
        // Only texts with $${ differ from what is written, so most constants are the source itself.
        JsonElement source = node.ToJson();
        if (!source.GetRawText().Contains("$${", StringComparison.Ordinal))
        {
            return new ConstantPart(source);
        }

        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            TemplatePart whole = node.Kind == NodeKind.List
                ? new ListPart(parts!)
                : new ObjectPart([.. parts.Select((part, index) => (node.Children[index].Key!, part!))]);
            whole.Render(writer, NoScope.Instance);
        }

        using JsonDocument document = JsonDocument.Parse(stream.ToArray());
        return new ConstantPart(document.RootElement.Clone());
    }

    private static TemplatePart? ParseText(Node node, ExpressionFunctions functions, ProblemList problems)
    {
        string text = node.Text;
        List<(string? Text, Expression? Expression)> pieces = [];
        int literal = 0;
        int at = text.IndexOf("${", StringComparison.Ordinal);
        while (at >= 0)
        {
            if (at > literal && text[at - 1] == '$')
            {
                pieces.Add((text[literal..(at - 1)] + "${", null));
                literal = at + 2;
            }
            else
            {
                int end = ExpressionEnd.Find(text, at + 2, "}");
                if (end < 0)
                {
                    problems.Error(ProblemCodes.TemplateSyntax, node, $"The expression '{Shortened(text[at..])}' has no '}}' that ends it (a comment runs to the end of its line); write '$${{' for the characters '${{'.");
                    return null;
                }

                if (ParseExpression(node, text[(at + 2)..end], functions, problems) is not { } expression)
                {
                    return null;
                }

                if (at == 0 && end == text.Length - 1)
                {
                    return new ValuePart(expression);
                }

                pieces.Add((text[literal..at], null));
                pieces.Add((null, expression));
                literal = end + 1;
            }

            at = text.IndexOf("${", literal, StringComparison.Ordinal);
        }

        pieces.Add((text[literal..], null));
        return pieces.Exists(piece => piece.Expression is not null)
            ? new JoinedPart([.. pieces.Where(piece => piece.Text != "")])
            : new ConstantPart(new Node(NodeKind.Text, string.Concat(pieces.Select(piece => piece.Text)), node.Line, node.Column).ToJson());
    }
}
