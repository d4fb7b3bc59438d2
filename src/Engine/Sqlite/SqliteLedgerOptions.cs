namespace Countersign.Engine.Sqlite;

/// <summary>Where a <see cref="SqliteLedger"/> lives and how much it may hold in memory.</summary>
public sealed record SqliteLedgerOptions
{
    /// <summary>The journal's file, usually <c>journal.db</c> in the data folder. Created where there is none; its folder must exist.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// The key that row values and recorded answers are encrypted with, 32 bytes. Null, the default, writes them in clear. Log entries are
    /// never encrypted, so that a log is exported and signed without a key.
    /// </summary>
    public byte[]? Key { get; init; }

    /// <summary>Where entries get their time from. Default: the system's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// Commits that may be waiting for the writer; further ones wait for room before they are taken in. Default 10,000, 1 to 1,000,000.
    /// </summary>
    public int QueueLimit { get; init; } = 10_000;

    /// <summary>The most commits that share one transaction. Default 500, 1 to 100,000.</summary>
    public int GroupLimit { get; init; } = 500;

    /// <summary>Memory for pages of the writer, in KiB. Default 32,768, 64 to 4,194,304. A reading connection has a sixteenth of it.</summary>
    public int CacheKibibytes { get; init; } = 32_768;

    /// <summary>Connections kept open for reads; more reads at once open more for the moment. Default 4, 1 to 64.</summary>
    public int Readers { get; init; } = 4;

    /// <summary>Pages (4 KiB) in the write-ahead log from which on it is copied into the database. Default 4,000, 100 to 1,000,000.</summary>
    public int CheckpointPages { get; init; } = 4_000;

    /// <summary>The most pages the file may have; a full file refuses writes as a full disk does. 0: no limit.</summary>
    internal int MaxPages { get; init; }

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Path);
        if (Key is { Length: not 32 })
        {
            throw new ArgumentOutOfRangeException(nameof(Key), Key.Length, "A key has 32 bytes.");
        }

        InRange(QueueLimit, 1, 1_000_000, nameof(QueueLimit));
        InRange(GroupLimit, 1, 100_000, nameof(GroupLimit));
        InRange(CacheKibibytes, 64, 4_194_304, nameof(CacheKibibytes));
        InRange(Readers, 1, 64, nameof(Readers));
        InRange(CheckpointPages, 100, 1_000_000, nameof(CheckpointPages));
    }

    private static void InRange(int value, int min, int max, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, min, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max, name);
    }
}
