namespace Countersign.Language;

/// <summary>The fields of a block, which stand in the object it belongs to: the document, a branch, a <c>foreach</c>.</summary>
internal static class BlockFields
{
    public static Shape<T> Block<T>(this Shape<T> shape, Func<T, Block> get, Func<T, Block, T> set) where T : class
        => shape
            .Required("start", TextType.StepId, owner => get(owner).Start, (owner, value) => set(owner, get(owner) with { Start = value }), "Id of the first step.")
            .Required("steps", StepListType.Instance, owner => get(owner).Steps, (owner, value) => set(owner, get(owner) with { Steps = value }), "The steps, in any order.")
            .Optional("output", TemplateType.BlockOutput, owner => get(owner).Output, (owner, value) => set(owner, get(owner) with { Output = value }), "What comes out at the end; left out, the output of the last step that ran.");
}
