using Countersign.Steps;

namespace Countersign.Language;

/// <summary>Refuses a workflow that calls itself: every child would start the next, and nothing a document can say bounds how deep.</summary>
internal static class SelfCallCheck
{
    public static void Check(Node root, ReadContext context)
    {
        if (root.Find("name") is not { Kind: NodeKind.Text } name)
        {
            return;
        }

        SemanticVersion? version = root.Find("version") is { Kind: NodeKind.Text } written && SemanticVersion.TryParse(written.Text, out SemanticVersion? own) ? own : null;
        foreach (StepSite site in context.Steps)
        {
            if (site.Step is CallWorkflowStep call && call.Workflow == name.Text && MayBe(call.Version, version))
            {
                context.Problems.Error(ProblemCodes.SelfCall, site.Node.Find("workflow")!, $"The workflow calls itself{(call.Version is null ? "" : $" ('{call.Version}' includes this version)")}: each child would start another one. Use 'foreach' or a cycle with 'max_visits', or put the repeated part into a workflow of its own.");
            }
        }
    }

    /// <summary>Whether the version that is called can be this one; without a range it is the newest release, which this one may become.</summary>
    private static bool MayBe(VersionRange? range, SemanticVersion? own) => range is null || (own is not null && range.Contains(own));
}
