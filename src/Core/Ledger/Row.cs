namespace Countersign.Ledger;

/// <summary>A small piece of state that decides something, as it was read.</summary>
/// <param name="Key">Its key, unique in the tenant; see <see cref="RowKeys"/>.</param>
/// <param name="Value">Its content, UTF-8 JSON, at most 32 KiB.</param>
/// <param name="Version">An opaque mark that changes with every write.</param>
public sealed record Row(string Key, ReadOnlyMemory<byte> Value, string Version);

/// <summary>A due row with its tenant.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Row">The row.</param>
public sealed record DueRow(string Tenant, Row Row);

/// <summary>How a row write treats what is there.</summary>
public enum RowCondition
{
    /// <summary>Write whatever is there.</summary>
    None,

    /// <summary>The row must not exist.</summary>
    Absent,

    /// <summary>The row must have the expected version.</summary>
    Version,
}

/// <summary>One row of a commit: a new value, or a deletion.</summary>
public sealed record RowWrite
{
    private RowWrite(string key, ReadOnlyMemory<byte>? value, RowCondition condition, string? version)
    {
        (Key, Value, Condition, ExpectedVersion) = (key, value, condition, version);
    }

    /// <summary>The row's key.</summary>
    public string Key { get; }

    /// <summary>The new content, UTF-8 JSON; null deletes the row.</summary>
    public ReadOnlyMemory<byte>? Value { get; }

    /// <summary>What must hold for the commit to succeed.</summary>
    public RowCondition Condition { get; }

    /// <summary>The version that <see cref="RowCondition.Version"/> asks for.</summary>
    public string? ExpectedVersion { get; }

    /// <summary>Writes a row that must not exist yet.</summary>
    public static RowWrite Insert(string key, ReadOnlyMemory<byte> value) => new(key, value, RowCondition.Absent, null);

    /// <summary>Writes a row that must have the given version.</summary>
    public static RowWrite Replace(string key, ReadOnlyMemory<byte> value, string version) => new(key, value, RowCondition.Version, version);

    /// <summary>Writes a row whatever is there.</summary>
    public static RowWrite Put(string key, ReadOnlyMemory<byte> value) => new(key, value, RowCondition.None, null);

    /// <summary>Deletes a row that must have the given version.</summary>
    public static RowWrite Delete(string key, string version) => new(key, null, RowCondition.Version, version);

    /// <summary>Deletes a row if it is there.</summary>
    public static RowWrite DeleteIfPresent(string key) => new(key, null, RowCondition.None, null);
}
