using System.Collections.Immutable;

namespace Countersign.Language;

/// <summary>
/// Collects the steps of a block. Steps follow each other in the order in which they are added, unless a step names its own
/// <c>next</c>, or <see cref="End"/> or <see cref="Goto"/> comes after it. The methods that add a step of a kind are beside that kind.
/// </summary>
public class BlockBuilder
{
    private readonly List<Step> steps = [];
    private string? start;
    private bool open;

    /// <summary>What the block yields.</summary>
    protected internal Template? BlockOutput { get; private protected set; }

    /// <summary>Adds a step as it is.</summary>
    /// <param name="step">A step with an id.</param>
    public void Add(Step step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (open)
        {
            Link(step.Id);
        }

        steps.Add(step);
        open = step.FallsThrough && step.Next is null;
    }

    /// <summary>Ends the block after the last step: what is added next does not follow it.</summary>
    public void End() => open = false;

    /// <summary>Lets a step follow the last one, in place of the one that is added next.</summary>
    /// <param name="step">Its id; it may be added later.</param>
    public void Goto(string step)
    {
        if (open)
        {
            Link(step);
        }

        open = false;
    }

    /// <summary>Begins with another step than the first one.</summary>
    /// <param name="step">Its id.</param>
    public void Start(string step) => start = step;

    /// <summary>Says what the block yields.</summary>
    public void Output(Template output) => BlockOutput = output;

    /// <summary>The block so far.</summary>
    internal Block ToBlock() => new()
    {
        Start = start ?? steps.FirstOrDefault()?.Id ?? "",
        Steps = [.. steps],
        Output = BlockOutput,
    };

    /// <summary>Takes over the steps of a block, with the ways between them as they are.</summary>
    private protected void Take(Block block)
    {
        steps.AddRange(block.Steps);
        start = block.Start;
        BlockOutput = block.Output;
        open = false;
    }

    private void Link(string next) => steps[^1] = steps[^1] with { Next = next };
}
