using System.Collections.Immutable;

namespace Countersign.Checkpoints;

/// <summary>How a sealer names logs and whom it believes.</summary>
public sealed record SealerOptions
{
    /// <summary>What origins begin with; see <see cref="CheckpointOrigin.For"/>. Default <c>countersign</c>.</summary>
    public string Name { get; init; } = CheckpointOrigin.DefaultName;

    /// <summary>Keys of former checkpoints, beside the signer's own: after a change of keys the old one belongs here. Default none.</summary>
    public ImmutableArray<CheckpointKey> FormerKeys { get; init; } = [];
}
