using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Countersign.Expressions;

namespace Countersign.Language;

/// <summary>A compiled piece of a template.</summary>
internal abstract class TemplatePart
{
    /// <summary>How rendered values are written: nothing is escaped that JSON does not demand.</summary>
    public static readonly JsonWriterOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 128 };

    public abstract void Collect(List<Expression> into);

    public abstract void Render(Utf8JsonWriter writer, IExpressionScope scope);

    /// <summary>Ends a rendering that has become too large, before the next piece is added.</summary>
    protected static void Bound(Utf8JsonWriter writer)
    {
        if (writer.BytesCommitted + writer.BytesPending > Template.MaxRenderedBytes)
        {
            throw new ExpressionException("template.too-large", $"The rendered value is larger than {Template.MaxRenderedBytes} bytes.");
        }
    }
}

/// <summary>A value without expressions.</summary>
internal sealed class ConstantPart(JsonElement value) : TemplatePart
{
    public JsonElement Value { get; } = value;

    public override void Collect(List<Expression> into)
    {
    }

    public override void Render(Utf8JsonWriter writer, IExpressionScope scope)
    {
        Value.WriteTo(writer);
        Bound(writer);
    }
}

/// <summary>A string that is exactly one expression.</summary>
internal sealed class ValuePart(Expression expression) : TemplatePart
{
    public Expression Expression { get; } = expression;

    public override void Collect(List<Expression> into) => into.Add(Expression);

    public override void Render(Utf8JsonWriter writer, IExpressionScope scope)
    {
        Expression.Evaluate(scope).ToJson(writer);
        Bound(writer);
    }
}

/// <summary>A string of texts and expressions, joined as text.</summary>
/// <param name="pieces">Each a text or an <see cref="Expression"/>.</param>
internal sealed class JoinedPart(IReadOnlyList<(string? Text, Expression? Expression)> pieces) : TemplatePart
{
    public IReadOnlyList<(string? Text, Expression? Expression)> Pieces { get; } = pieces;

    public override void Collect(List<Expression> into) => into.AddRange(Pieces.Select(piece => piece.Expression).OfType<Expression>());

    public override void Render(Utf8JsonWriter writer, IExpressionScope scope)
    {
        StringBuilder text = new();
        foreach ((string? literal, Expression? expression) in Pieces)
        {
            text.Append(literal ?? expression!.Evaluate(scope).ToText());
            if (text.Length > Template.MaxRenderedBytes)
            {
                break;
            }
        }

        writer.WriteStringValue(text.ToString());
        Bound(writer);
    }
}

/// <summary>A list of which at least one item holds an expression.</summary>
internal sealed class ListPart(IReadOnlyList<TemplatePart> items) : TemplatePart
{
    public override void Collect(List<Expression> into)
    {
        foreach (TemplatePart item in items)
        {
            item.Collect(into);
        }
    }

    public override void Render(Utf8JsonWriter writer, IExpressionScope scope)
    {
        writer.WriteStartArray();
        foreach (TemplatePart item in items)
        {
            item.Render(writer, scope);
        }

        writer.WriteEndArray();
    }
}

/// <summary>An object of which at least one member holds an expression.</summary>
internal sealed class ObjectPart(IReadOnlyList<(string Name, TemplatePart Value)> members) : TemplatePart
{
    public override void Collect(List<Expression> into)
    {
        foreach ((_, TemplatePart value) in members)
        {
            value.Collect(into);
        }
    }

    public override void Render(Utf8JsonWriter writer, IExpressionScope scope)
    {
        writer.WriteStartObject();
        foreach ((string name, TemplatePart value) in members)
        {
            writer.WritePropertyName(name);
            value.Render(writer, scope);
        }

        writer.WriteEndObject();
    }
}
