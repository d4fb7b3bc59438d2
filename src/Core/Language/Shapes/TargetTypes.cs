using System.Text.Json;

namespace Countersign.Language;

/// <summary>The id of a step to go on with.</summary>
internal sealed class TargetType : FieldType<string>
{
    public static TargetType Instance { get; } = new();

    public override string Words => "text (step id)";

    public override bool TryRead(Node node, ReadContext context, out string value)
    {
        if (!TextType.StepId.TryRead(node, context, out value))
        {
            return false;
        }

        if (context.Step is not null)
        {
            context.Targets.Add(new TargetSite(context.Step, node, value));
        }

        return true;
    }

    public override void Write(Utf8JsonWriter writer, string value) => writer.WriteStringValue(value);

    public override void WriteSchema(SchemaWriter schema) => TextType.StepId.WriteSchema(schema);
}

/// <summary><c>fail</c>, <c>reject</c> where that makes sense, or the id of a step.</summary>
internal sealed class TimeoutActionType(bool mayReject) : FieldType<TimeoutAction>
{
    /// <summary>Words that cannot be ids of steps, because they mean something else where an id may stand.</summary>
    public static readonly string[] Reserved = ["fail", "reject"];

    /// <summary>For approvals.</summary>
    public static TimeoutActionType OfApproval { get; } = new(mayReject: true);

    /// <summary>For forms and events.</summary>
    public static TimeoutActionType OfWait { get; } = new(mayReject: false);

    public override string Words => mayReject ? "`fail`, `reject` or text (step id)" : "`fail` or text (step id)";

    public override bool TryRead(Node node, ReadContext context, out TimeoutAction value)
    {
        value = TimeoutAction.Fail;
        switch (node.Kind == NodeKind.Text ? node.Text : "")
        {
            case "fail":
                return true;
            case "reject" when mayReject:
                value = TimeoutAction.Reject;
                return true;
            case "reject":
                return Refuse(node, context, ProblemCodes.BadValue, "There is nothing to reject here; 'fail' or the id of a step is wanted.", out value);
            case "approve":
                return Refuse(node, context, ProblemCodes.BadValue, "Nothing approves by itself when time runs out; 'reject', 'fail' or the id of a step is wanted.", out value);
        }

        if (!TargetType.Instance.TryRead(node, context, out string step))
        {
            return false;
        }

        value = TimeoutAction.Goto(step);
        return true;
    }

    public override void Write(Utf8JsonWriter writer, TimeoutAction value)
        => writer.WriteStringValue(value.Kind switch
        {
            TimeoutActionKind.Fail => "fail",
            TimeoutActionKind.Reject => "reject",
            _ => value.Step,
        });

    public override void WriteSchema(SchemaWriter schema)
    {
        schema.Json.WriteStartObject();
        schema.Json.WritePropertyName("allOf");
        schema.Json.WriteStartArray();
        TextType.StepId.WriteSchema(schema);
        schema.Json.WriteEndArray();
        schema.Json.WritePropertyName("not");
        schema.OneOf(mayReject ? ["approve"] : ["approve", "reject"]);
        schema.Json.WriteEndObject();
    }
}
