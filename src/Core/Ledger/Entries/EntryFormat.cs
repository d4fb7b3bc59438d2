namespace Countersign.Ledger;

/// <summary>The fixed facts of entry format 1: order, limits and ranges of the fields (docs/log-format.md).</summary>
public static class EntryFormat
{
    /// <summary>The format's number, the first value of every entry.</summary>
    public const byte Number = 1;

    /// <summary>The latest time an entry may carry: the last microsecond of the year 9999, UTC.</summary>
    public const long MaxTime = 253_402_300_799_999_999;

    /// <summary>The longest entry that format 1 can make, in bytes.</summary>
    public const int MaxLength =
        (13 * LengthPrefix) + 1 + 8 + 8 + (2 * Hash256.Length) + 128 + 2048 + 64 + 256 + 256 + 1024 + 256 + 256;

    internal const int LengthPrefix = 2;

    internal static readonly TextField Tenant = new("tenant", 1, 128);
    internal static readonly TextField EventId = new("event-id", 1, 2048);
    internal static readonly TextField Type = new("type", 3, 128);
    internal static readonly TextField Actor = new("actor", 0, 256);
    internal static readonly TextField Run = new("run", 0, 256);
    internal static readonly TextField Step = new("step", 0, 1024);
    internal static readonly TextField CorrelationId = new("correlation-id", 0, 256);
    internal static readonly TextField TransactionId = new("transaction-id", 0, 256);

    /// <summary>Two or more words of a–z, 0–9 and inner underscores with dots between them: what a type must look like.</summary>
    internal static bool IsType(ReadOnlySpan<byte> type)
    {
        var dot = type.IndexOf((byte)'.');
        return dot >= 0 && IsWord(type[..dot]) && (IsWord(type[(dot + 1)..]) || IsType(type[(dot + 1)..]));
    }

    private static bool IsWord(ReadOnlySpan<byte> word)
    {
        if (word.IsEmpty || word[0] == '_' || word[^1] == '_')
        {
            return false;
        }

        foreach (var b in word)
        {
            if (b is not ((>= (byte)'a' and <= (byte)'z') or (>= (byte)'0' and <= (byte)'9') or (byte)'_'))
            {
                return false;
            }
        }

        return true;
    }

    internal sealed record TextField(string Name, int Min, int Max);
}
