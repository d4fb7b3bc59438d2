namespace Countersign.Ai;

/// <summary>What the parts of one streamed answer have said so far.</summary>
internal sealed class OpenAiHeard
{
    private static readonly ModelFinish[] FromBest = [ModelFinish.Other, ModelFinish.Stop, ModelFinish.Length, ModelFinish.Unfinished, ModelFinish.Refused];

    /// <summary>Whether there was a part.</summary>
    public bool Any { get; set; }

    /// <summary>The index of the choice that is the answer; null before the first part.</summary>
    public double? Choice { get; set; }

    /// <summary>The worst that a part said of the end; null where none did. A later part does not take back that the answer was cut.</summary>
    public ModelFinish? Finish { get; private set; }

    /// <summary>Adds what a part said of the end.</summary>
    /// <param name="finish">What it said; null for nothing.</param>
    public void Add(ModelFinish? finish) => Finish = Worse(Finish, finish);

    /// <summary>The worse of two ends; null is none.</summary>
    public static ModelFinish? Worse(ModelFinish? one, ModelFinish? other) =>
        one is null ? other
        : other is null ? one
        : Array.IndexOf(FromBest, one.Value) > Array.IndexOf(FromBest, other.Value) ? one : other;
}
