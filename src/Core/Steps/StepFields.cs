using Countersign.Language;

namespace Countersign.Steps;

/// <summary>The fields that steps of several kinds share.</summary>
internal static class StepFields
{
    private static readonly (string Name, string Reason)[] Shared =
    [
        ("retry", "only steps that call out are tried again"),
        ("mutex", "it touches nothing outside that would have to be locked"),
        ("timeout", "its time is not limited that way"),
        ("compensate", "it does nothing that could be undone"),
        ("next", "it ends its block"),
        ("catch", "it cannot fail in any other way"),
    ];

    /// <summary>What comes before a kind's own fields.</summary>
    public static Shape<TStep> Before<TStep>(Shape<TStep> shape, string kind) where TStep : Step
        => OfKind(
            shape.Required("id", new StepIdType(), step => step.Id, (step, value) => (TStep)((Step)step with { Id = value }), "Names the step; unique in the document."),
            kind)
            .Optional("description", TextType.Prose, step => step.Description, (step, value) => (TStep)((Step)step with { Description = value }), "What the step is for.");

    /// <summary>The field by which the kind is known.</summary>
    public static Shape<TStep> OfKind<TStep>(Shape<TStep> shape, string kind) where TStep : Step => shape.Constant("type", kind, "The kind of the step.");

    /// <summary>What comes after a kind's own fields.</summary>
    public static Shape<TStep> After<TStep>(Shape<TStep> shape, StepTraits traits) where TStep : Step
    {
        shape = Limits(shape, traits);
        if (traits.HasFlag(StepTraits.Locks))
        {
            shape = shape.Optional("mutex", MutexType.Instance, step => step.Mutex, (step, value) => (TStep)((Step)step with { Mutex = value }), "The lock that the step, and what compensates it, takes while it is at work: its name, or an object.");
        }

        if (traits.HasFlag(StepTraits.Effects))
        {
            shape = shape.Optional("compensate", CompensationType.Instance, step => step.Compensate, (step, value) => (TStep)((Step)step with { Compensate = value }), "What undoes this step when the run fails or is canceled later.");
        }

        shape = shape.OptionalValue("max_visits", new IntegerType(1, 10_000), step => step.MaxVisits, (step, value) => (TStep)((Step)step with { MaxVisits = value }), "How often the step may be entered; bounds a cycle.");
        return traits.HasFlag(StepTraits.Ends)
            ? shape
            : shape
                .List("catch", PolicyTypes.Catch, step => step.Catch, (step, value) => (TStep)((Step)step with { Catch = value }), "Where to go on when the step has failed for good; tried in order.")
                .Optional("next", TargetType.Instance, step => step.Next, (step, value) => (TStep)((Step)step with { Next = value }), "The step that follows; left out, the block ends.");
    }

    /// <summary>Retry and time limit, where the kind has them.</summary>
    public static Shape<TStep> Limits<TStep>(Shape<TStep> shape, StepTraits traits) where TStep : Step
    {
        if (traits.HasFlag(StepTraits.TimeLimit))
        {
            shape = shape.OptionalValue("timeout", DurationType.Limit, step => step.Timeout, (step, value) => (TStep)((Step)step with { Timeout = value }), "Time limit.");
        }

        return traits.HasFlag(StepTraits.Retries)
            ? shape.Optional("retry", PolicyTypes.Retry, step => step.Retry, (step, value) => (TStep)((Step)step with { Retry = value }), "When and how often to try again.")
            : shape;
    }

    /// <summary>Says why a field that other kinds have is not one of this kind.</summary>
    /// <returns>Whether it is such a field.</returns>
    public static bool RefuseForKind(Node node, StepKind kind, ReadContext context)
    {
        foreach ((string name, string reason) in Shared)
        {
            if (node.Key == name)
            {
                context.Problems.ErrorAtKey(ProblemCodes.NotForKind, node, $"A step of kind '{kind.Name}' has no '{name}': {reason}.");
                return true;
            }
        }

        return false;
    }

    /// <summary>Says why a field of other steps is not one of a compensation.</summary>
    /// <returns>Whether it is such a field.</returns>
    public static bool RefuseForCompensation(Node node, ReadContext context)
    {
        if (node.Key is "mutex")
        {
            context.Problems.ErrorAtKey(ProblemCodes.NotForKind, node, "A compensation has no 'mutex' of its own: it takes the lock of the step that it undoes.");
            return true;
        }

        if (node.Key is not ("id" or "description" or "next" or "catch" or "compensate" or "max_visits" or "retry" or "timeout"))
        {
            return false;
        }

        context.Problems.ErrorAtKey(ProblemCodes.NotForKind, node, $"A compensation of this kind has no '{node.Key}': it is not part of the graph.");
        return true;
    }

    /// <summary>An id that does not also mean something else.</summary>
    private sealed class StepIdType : FieldType<string>
    {
        public override string Words => TextType.StepId.Words;

        public override bool TryRead(Node node, ReadContext context, out string value)
        {
            if (!TextType.StepId.TryRead(node, context, out value))
            {
                return false;
            }

            return !TimeoutActionType.Reserved.Contains(value)
                || Refuse(node, context, ProblemCodes.BadId, $"'{value}' has a meaning of its own where ids stand (on_timeout); choose another id.", out value);
        }

        public override void Write(System.Text.Json.Utf8JsonWriter writer, string value) => TextType.StepId.Write(writer, value);

        public override void WriteSchema(SchemaWriter schema)
        {
            schema.Json.WriteStartObject();
            schema.Json.WriteStartArray("allOf");
            TextType.StepId.WriteSchema(schema);
            schema.Json.WriteEndArray();
            schema.Json.WritePropertyName("not");
            schema.OneOf(TimeoutActionType.Reserved);
            schema.Json.WriteEndObject();
        }
    }
}
