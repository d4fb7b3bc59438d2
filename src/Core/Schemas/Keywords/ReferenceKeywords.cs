using System.Text.Json;
using Countersign.Schemas.Evaluation;

namespace Countersign.Schemas.Keywords;

/// <summary><c>$ref</c> (Core 2020-12, section 8.2.3.1). The target is set once all references are resolved.</summary>
internal sealed class RefKeyword(SchemaNode owner) : Keyword(owner, "$ref", JsonKinds.Any)
{
    public SchemaNode? Target { get; set; }

    public override IEnumerable<SchemaNode> InPlace => Target is null ? [] : [Target];

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace) =>
        Target!.Evaluate(instance, run, parts, trace?.At(Name));
}

/// <summary>
/// <c>$dynamicRef</c> whose first target is a dynamic anchor (Core 2020-12, section 8.2.3.2). Where it leads is known only
/// while validating, so a loop through it is found then.
/// </summary>
internal sealed class DynamicRefKeyword(SchemaNode owner) : Keyword(owner, "$dynamicRef", JsonKinds.Any)
{
    public SchemaNode? Initial { get; set; }

    /// <summary>The name of the dynamic anchor; null where the reference behaves like <c>$ref</c>.</summary>
    public string? Anchor { get; set; }

    public override IEnumerable<SchemaNode> InPlace => Anchor is null && Initial is not null ? [Initial] : [];

    public override bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace)
    {
        SchemaNode target = Anchor is null ? Initial! : run.ResolveDynamic(Anchor, Initial!);
        return target.Evaluate(instance, run, parts, trace?.At(Name));
    }
}
