using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Builds <see cref="CallWorkflowStep"/>s.</summary>
public static class CallWorkflowBuilding
{
    /// <summary>Adds a step that runs another workflow.</summary>
    public static TBuilder CallWorkflow<TBuilder>(this TBuilder block, string id, string workflow, Template? input = null, Func<CallWorkflowStep, CallWorkflowStep>? with = null) where TBuilder : BlockBuilder
        => block.Then(new CallWorkflowStep { Id = id, Workflow = workflow, Input = input }, with);
}
