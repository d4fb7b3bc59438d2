namespace Countersign.Azure.Ledger;

/// <summary>How a <see cref="TableLedger"/> deals with its storage account.</summary>
public sealed record TableLedgerOptions
{
    /// <summary>What the tables' names start with: <c>…ledger</c> and <c>…tenants</c>. Letters and digits. Default <c>countersign</c>.</summary>
    public string Prefix { get; init; } = "countersign";

    /// <summary>Where entries get their time from. Default: the system's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How often a commit is sent before the ledger calls itself unavailable. Default 8, 1 to 100.</summary>
    public int Attempts { get; init; } = 8;

    /// <summary>How long one try of a commit may take before its outcome is looked up. Default 10 s.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many queries one read sends at a time. Default 16, 1 to 256.</summary>
    public int Parallelism { get; init; } = 16;

    /// <summary>By what writers wait.</summary>
    internal WriterPace Pace { get; init; } = new();
}
