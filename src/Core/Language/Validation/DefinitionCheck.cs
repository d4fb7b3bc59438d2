namespace Countersign.Language;

/// <summary>The checks that need to see the whole document.</summary>
internal static class DefinitionCheck
{
    public static void Check(Node root, ReadContext context)
    {
        List<StepFlow> flows = [.. context.Blocks.Select(block => new StepFlow(block))];
        GraphCheck.Check(context, flows);
        new ReferenceCheck(context, flows).Check();
    }
}
