using Countersign.Language;

namespace Countersign.Steps;

/// <summary>The fields of <see cref="FormStep"/>.</summary>
internal static class FormDeclaration
{
    public static StepKind Kind { get; } = new StepKind<FormStep>(
        "form",
        "Waits until a person fills in a form.",
        StepTraits.Waits | StepTraits.Effects,
        () => new FormStep(),
        shape => shape
            .Optional("title", TemplateType.Text, s => s.Title, (s, v) => s with { Title = v }, "Heading of the form.")
            .List("fields", new ListType<FormField>(FormFieldDeclaration.Type, 1, 200), s => s.Fields, (s, v) => s with { Fields = v }, "The fields, in the order in which they are shown; either these or `schema`.")
            .OptionalValue("schema", SchemaType.Instance, s => s.Schema, (s, v) => s with { Schema = v }, "JSON Schema of the submitted object, where typed fields do not suffice.")
            .Optional("assignees", PolicyTypes.Audience, s => s.Assignees, (s, v) => s with { Assignees = v }, "Who may fill it in; left out, whoever started the run.")
            .Default("expires", DurationType.Wait, FormStep.DefaultExpires, s => s.Expires, (s, v) => s with { Expires = v }, "Time until the form can no longer be submitted.")
            .OptionalValue("remind", DurationType.Wait, s => s.Remind, (s, v) => s with { Remind = v }, "Time after which, and then at which intervals, the assignees are reminded.")
            .Optional("escalate", PolicyTypes.Escalation, s => s.Escalate, (s, v) => s with { Escalate = v }, "Whom to ask in addition, and after which time.")
            .Default("on_timeout", TimeoutActionType.OfWait, TimeoutAction.Fail, s => s.OnTimeout, (s, v) => s with { OnTimeout = v }, "What happens when the form expires.")
            .Rule(Check)
            .Constrain(schema => Constraints.ExactlyOne(schema, "fields", "schema")));

    private static void Check(FormStep step, Node node, ReadContext context)
    {
        Constraints.RequireExactlyOne(node, context, "fields", "schema");
        PolicyTypes.CheckWithin(step.Expires, step.Remind, step.Escalate, node, context);
        HashSet<string> keys = new(StringComparer.Ordinal);
        foreach ((FormField field, int index) in step.Fields.Select((field, index) => (field, index)))
        {
            if (!keys.Add(field.Key))
            {
                context.Problems.Error(ProblemCodes.DuplicateId, node.Find("fields")!.Children[index].Find("key")!, $"There are two fields '{field.Key}'.");
            }
        }
    }
}
