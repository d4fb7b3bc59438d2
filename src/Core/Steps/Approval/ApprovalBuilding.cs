using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Builds <see cref="ApprovalStep"/>s.</summary>
public static class ApprovalBuilding
{
    /// <summary>Adds a step that waits until people of a role decide.</summary>
    public static TBuilder Approval<TBuilder>(this TBuilder block, string id, string role, Func<ApprovalStep, ApprovalStep>? with = null) where TBuilder : BlockBuilder
        => block.Then(new ApprovalStep { Id = id, Approvers = new Audience { Role = role } }, with);
}
