using Countersign.Ledger;

namespace Countersign.Engine.Sqlite;

/// <summary>The end of one tenant's log as the writer knows it, ahead of the file while a group is being written.</summary>
internal sealed class TenantHead(string name, long number)
{
    public string Name { get; } = name;

    public long Number { get; } = number;

    public long Sequence { get; set; }

    public Hash256 Hash { get; set; }

    /// <summary>Microseconds since 1970: no later entry may have less.</summary>
    public long Time { get; set; }
}
