using System.Text.Json;
using Countersign.Schemas.Evaluation;

namespace Countersign.Schemas.Keywords;

/// <summary>One rule of a compiled schema. Immutable once the schema is compiled, so that any number of threads may use it.</summary>
internal abstract class Keyword(SchemaNode owner, string name, JsonKinds appliesTo)
{
    public string Name => name;

    /// <summary>The types the rule says anything about; every other instance is valid.</summary>
    public JsonKinds AppliesTo => appliesTo;

    /// <summary>Whether the rule must run after all others because it is about what they left.</summary>
    public virtual bool NeedsEvaluated => false;

    /// <summary>The subschemas applied to the very same instance, through which a schema may meet itself for ever.</summary>
    public virtual IEnumerable<SchemaNode> InPlace => [];

    protected SchemaNode Owner => owner;

    /// <summary>Checks an instance of one of the types in <see cref="AppliesTo"/>.</summary>
    /// <param name="instance">The value.</param>
    /// <param name="run">The pass this is part of.</param>
    /// <param name="parts">Takes the evaluated parts; null when nobody asks.</param>
    /// <param name="trace">Takes errors; null for a plain answer.</param>
    public abstract bool Evaluate(JsonElement instance, EvaluationRun run, EvaluatedParts? parts, Trace? trace);

    protected bool Fail(EvaluationRun run, Trace? trace, string rule)
    {
        trace?.Report(run, owner, name, rule);
        return false;
    }
}
