using System.Text.Json;

namespace Countersign.Language;

/// <summary>Which JSON types a template may be as written.</summary>
internal enum TemplateForm
{
    /// <summary>Any value.</summary>
    Any,

    /// <summary>A text.</summary>
    Text,

    /// <summary>An object whose members are templates.</summary>
    LiteralObject,

    /// <summary>An object, or one expression that yields it.</summary>
    Object,
}

/// <summary>A value whose texts may hold <c>${ … }</c>.</summary>
internal sealed class TemplateType(TemplateUse use, TemplateForm form) : FieldType<Template>
{
    public static TemplateType Any { get; } = new(TemplateUse.Value, TemplateForm.Any);

    public static TemplateType Text { get; } = new(TemplateUse.Value, TemplateForm.Text);

    public static TemplateType Object { get; } = new(TemplateUse.Value, TemplateForm.Object);

    public static TemplateType LiteralObject { get; } = new(TemplateUse.Value, TemplateForm.LiteralObject);

    public static TemplateType ExecutorAny { get; } = new(TemplateUse.Executor, TemplateForm.Any);

    public static TemplateType ExecutorObject { get; } = new(TemplateUse.Executor, TemplateForm.Object);

    public static TemplateType Url { get; } = new(TemplateUse.Url, TemplateForm.Text);

    public static TemplateType Person { get; } = new(TemplateUse.Person, TemplateForm.Text);

    public static TemplateType BlockOutput { get; } = new(TemplateUse.BlockOutput, TemplateForm.Any);

    public override string Words => form switch
    {
        TemplateForm.Text => "text template",
        TemplateForm.Object or TemplateForm.LiteralObject => "object template",
        _ => "template",
    };

    public override bool TryRead(Node node, ReadContext context, out Template value)
    {
        bool fits = node.Kind switch
        {
            NodeKind.Broken => false,
            NodeKind.Text => form != TemplateForm.LiteralObject && (form != TemplateForm.Object || Template.IsOneExpression(node.Text)),
            NodeKind.Object => form != TemplateForm.Text,
            _ => form == TemplateForm.Any,
        };
        if (!fits)
        {
            return Wrong(node, context, out value);
        }

        value = Template.Read(node, LanguageFunctions.For(use), context.Problems)!;
        if (value is null)
        {
            return false;
        }

        context.Templates.Add(new TemplateSite(context.Step, node, value, use));
        return true;
    }

    public override void Write(Utf8JsonWriter writer, Template value) => value.Source.WriteTo(writer);

    public override void WriteSchema(SchemaWriter schema)
    {
        switch (form)
        {
            case TemplateForm.Text:
                schema.Simple("string");
                break;
            case TemplateForm.LiteralObject:
                schema.Simple("object");
                break;
            case TemplateForm.Object:
                schema.Json.WriteStartObject();
                schema.Json.WriteStartArray("anyOf");
                schema.Simple("object");
                schema.Simple("string", ("pattern", @"^\$\{[\s\S]*\}$"));
                schema.Json.WriteEndArray();
                schema.Json.WriteEndObject();
                break;
            default:
                schema.Json.WriteStartObject();
                schema.Json.WriteEndObject();
                break;
        }
    }
}

/// <summary>One expression, written bare (<c>a &gt; b</c>) or as <c>${ a &gt; b }</c>; its normal form is the bare one.</summary>
internal sealed class ExpressionType(TemplateUse use, bool orList) : FieldType<Template>
{
    /// <summary>An expression that yields a boolean.</summary>
    public static ExpressionType Condition { get; } = new(TemplateUse.Condition, orList: false);

    /// <summary>An expression that yields a list, or a list of templates.</summary>
    public static ExpressionType List { get; } = new(TemplateUse.List, orList: true);

    public override string Words => orList ? "expression (text) or list template" : "expression (text)";

    public override bool TryRead(Node node, ReadContext context, out Template value)
    {
        if (node.Kind != NodeKind.Text && !(orList && node.Kind == NodeKind.List))
        {
            return Wrong(node, context, out value);
        }

        bool bare = node.Kind == NodeKind.Text && !Template.IsOneExpression(node.Text);
        value = (bare ? Template.ReadExpression(node, LanguageFunctions.For(use), context.Problems) : Template.Read(node, LanguageFunctions.For(use), context.Problems))!;
        if (value is null)
        {
            return false;
        }

        context.Templates.Add(new TemplateSite(context.Step, node, value, use));
        return true;
    }

    public override void Write(Utf8JsonWriter writer, Template value)
    {
        if (value.Expression is { } expression)
        {
            writer.WriteStringValue(expression.Source.Trim());
        }
        else
        {
            value.Source.WriteTo(writer);
        }
    }

    public override void WriteSchema(SchemaWriter schema)
    {
        if (!orList)
        {
            schema.Simple("string");
            return;
        }

        schema.Json.WriteStartObject();
        schema.Json.WriteStartArray("type");
        schema.Json.WriteStringValue("string");
        schema.Json.WriteStringValue("array");
        schema.Json.WriteEndArray();
        schema.Json.WriteEndObject();
    }
}
