using Countersign.Schemas;

namespace Countersign.Language;

/// <summary>The checks that need to see the whole document.</summary>
internal static class DefinitionCheck
{
    /// <summary>Runs every check, whatever the others find.</summary>
    /// <returns>The schemas of the document, compiled.</returns>
    public static Dictionary<string, JsonSchema> Check(DefinitionParts? parts, Node root, ReadContext context)
    {
        List<StepFlow> flows = [.. context.Blocks.Select(block => new StepFlow(block))];
        GraphCheck.Check(context, flows);
        SelfCallCheck.Check(root, context);
        new ReferenceCheck(context, flows).Check();
        new TypeCheck(parts, root, context).Check();
        return SchemaCheck.Compile(context);
    }
}
