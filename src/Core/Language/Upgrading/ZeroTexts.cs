using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Expressions;

namespace Countersign.Language;

/// <summary>Carries the values of one step of language 0.x over: its texts wrote expressions as <c>{{ … }}</c> and named steps by ids that are no longer allowed.</summary>
internal sealed class ZeroTexts(string step, IReadOnlyDictionary<string, string> ids, UpgradeLog log)
{
    /// <summary>A field of <c>config</c>, read as what it was: a template, one expression, or something that is neither.</summary>
    public JsonNode? Field(string kind, Node node) => (kind, node.Key) switch
    {
        ("conditional", "when") or ("foreach", "items") => Condition(node),
        ("switch", "cases") => Members(node, entry => Members(entry, member => member.Key == "when" ? Condition(member) : Value(member))),
        ("wait", "event") => Members(node, member => member.Key == "schema" ? Literal(member) : Value(member)),
        ("form", "fields") => Members(node, field => Members(field, member => member.Key is "pattern" or "options" ? Literal(member) : Plain(member))),
        (_, "schema" or "json_schema") => Literal(node),
        _ => Value(node),
    };

    /// <summary>A value whose texts are templates.</summary>
    private JsonNode? Value(Node node) => node.Kind == NodeKind.Text ? JsonValue.Create(Text(node, node.Text)) : Members(node, Value);

    /// <summary>A text that is an expression, bare or as <c>{{ … }}</c>.</summary>
    private JsonNode? Condition(Node node)
    {
        if (node.Kind != NodeKind.Text)
        {
            return Value(node);
        }

        string text = node.Text.Trim();
        return JsonValue.Create(text.StartsWith("{{", StringComparison.Ordinal) ? Text(node, text) : Expression(node, text));
    }

    /// <summary>Text for people, in which nothing is evaluated any more.</summary>
    private JsonNode? Plain(Node node)
    {
        if (node.Kind == NodeKind.Text && node.Text.Contains("{{", StringComparison.Ordinal))
        {
            log.Problems.Error(ProblemCodes.TemplateNotAllowed, node, $"'{node.Key}' of a form's field takes plain text in language 1.0; '{{{{ … }}}}' would be shown as it is.");
        }

        return node.Kind is NodeKind.Object or NodeKind.List ? Members(node, Plain) : Literal(node);
    }

    private static JsonNode? Literal(Node node) => JsonSerializer.SerializeToNode(node.ToJson());

    private static JsonNode? Members(Node node, Func<Node, JsonNode?> read) => node.Kind switch
    {
        NodeKind.Object => new JsonObject(node.Children.Select(child => KeyValuePair.Create(child.Key!, read(child)))),
        NodeKind.List => new JsonArray([.. node.Children.Select(read)]),
        _ => Literal(node),
    };

    private string Text(Node node, string text)
    {
        StringBuilder result = new();
        int literal = 0;
        for (int open = text.IndexOf("{{", StringComparison.Ordinal); open >= 0; open = text.IndexOf("{{", literal, StringComparison.Ordinal))
        {
            int end = ExpressionEnd.Find(text, open + 2, "}}");
            if (end < 0)
            {
                log.Problems.Error(ProblemCodes.TemplateSyntax, node, $"The expression '{TemplateParser.Shortened(text[open..])}' has no '}}}}' that ends it.");
                return text;
            }

            AppendLiteral(result, text[literal..open], beforeExpression: true);
            result.Append("${ ").Append(Expression(node, text[(open + 2)..end].Trim())).Append(" }");
            literal = end + 2;
        }

        if (literal > 0)
        {
            log.Changes.Add($"Step '{step}': '{{{{ … }}}}' became '${{ … }}'.");
        }

        AppendLiteral(result, text[literal..], beforeExpression: false);
        return result.ToString();
    }

    /// <summary>What was plain text stays plain text, whatever it means today.</summary>
    private void AppendLiteral(StringBuilder result, string text, bool beforeExpression)
    {
        string escaped = text.Replace("${", "$${", StringComparison.Ordinal);
        if (escaped != text)
        {
            log.Changes.Add($"Step '{step}': the characters '${{' of a text are written '$${{'.");
        }

        // A dollar sign right before an expression would make it the escape.
        bool dollar = beforeExpression && escaped.EndsWith('$');
        result.Append(dollar ? escaped[..^1] + "${ '$' }" : escaped);
    }

    private string Expression(Node node, string source)
        => TemplateParser.ParseExpression(node, source, LanguageFunctions.All, log.Problems) is { } expression
            ? StepMentions.Rename(expression, ids)
            : source;
}
