using System.Collections.Frozen;
using System.Collections.Immutable;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>The kinds of steps there are. A kind is its folder and its line here.</summary>
public static class StepKinds
{
    /// <summary>Every kind, in the order of the reference.</summary>
    public static ImmutableArray<StepKind> All { get; } =
    [
        SetDeclaration.Kind,
        FormDeclaration.Kind,
        AiGenerateDeclaration.Kind,
        ConditionalDeclaration.Kind,
        SwitchDeclaration.Kind,
        ApiCallDeclaration.Kind,
        ApprovalDeclaration.Kind,
        ParallelDeclaration.Kind,
        ForEachDeclaration.Kind,
        CallWorkflowDeclaration.Kind,
        WaitDeclaration.Kind,
        EmitDeclaration.Kind,
        FailDeclaration.Kind,
    ];

    private static readonly FrozenDictionary<string, StepKind> ByName = All.ToFrozenDictionary(kind => kind.Name, StringComparer.Ordinal);

    /// <summary>Finds a kind by the name documents use.</summary>
    /// <returns>The kind, or null where there is none.</returns>
    public static StepKind? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The kind of a step.</summary>
    public static StepKind Of(Step step) => ByName[step.Kind];
}
