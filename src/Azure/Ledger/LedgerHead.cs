using Azure;
using Azure.Data.Tables;
using Countersign.Ledger;

namespace Countersign.Azure.Ledger;

/// <summary>
/// The end of a tenant's log, as the <c>head</c> row holds it. Every transaction of the tenant replaces it, so nothing in the
/// partition changes without it; it also names the newest transactions, so that a writer which lost an acknowledgement can look
/// up what became of it.
/// </summary>
internal sealed record LedgerHead(long Sequence, Hash256 Hash, long Time, ETag Version)
{
    private const int NonceLength = 8;
    private const int WriterLength = 4;
    private const int Remembered = 48;

    private byte[] Nonces { get; init; } = [];

    private byte[] Writers { get; init; } = [];

    /// <summary>The head of a log that has no entry and no row.</summary>
    public static LedgerHead None { get; } = new(0, Hash256.Zero, 0, default);

    public bool IsNone => Version == default;

    public static LedgerHead From(TableEntity row) => new(
        row.GetInt64(nameof(Sequence))!.Value,
        new Hash256(row.GetBinary(nameof(Hash))),
        row.GetInt64(nameof(Time))!.Value,
        row.ETag)
    {
        Nonces = row.GetBinary(nameof(Nonces)) ?? [],
        Writers = row.GetBinary(nameof(Writers)) ?? [],
    };

    /// <summary>Whether the transaction with a nonce is among the newest that succeeded.</summary>
    public bool Knows(long nonce)
    {
        for (var i = 0; i + NonceLength <= Nonces.Length; i += NonceLength)
        {
            if (BitConverter.ToInt64(Nonces, i) == nonce)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Who wrote the newest transaction; null where it is not known.</summary>
    public int? NewestWriter => Writers.Length >= WriterLength ? BitConverter.ToInt32(Writers) : null;

    /// <summary>Whether it is the very head that another one is, whatever their versions look like.</summary>
    public bool Is(LedgerHead other) => Nonces.AsSpan().StartsWith(other.Nonces) && Nonces.Length == other.Nonces.Length;

    /// <summary>How many others wrote lately, and all of them before a writer's own newest transaction.</summary>
    public int ServedBefore(int writer)
    {
        var (others, mine) = (new HashSet<int>(), false);
        var later = 0;
        for (var i = 0; i + WriterLength <= Writers.Length; i += WriterLength)
        {
            var served = BitConverter.ToInt32(Writers, i);
            mine |= served == writer;
            if (served != writer && others.Add(served) && !mine)
            {
                later++;
            }
        }

        return mine ? others.Count - later : 0;
    }

    /// <summary>The head after a transaction; it has no version before it was written.</summary>
    public LedgerHead After(long nonce, int writer, long sequence, Hash256 hash, long time) => new(sequence, hash, time, default)
    {
        Nonces = [.. BitConverter.GetBytes(nonce), .. Nonces.AsSpan(0, Math.Min(Nonces.Length, (Remembered - 1) * NonceLength))],
        Writers = [.. BitConverter.GetBytes(writer), .. Writers.AsSpan(0, Math.Min(Writers.Length, (Remembered - 1) * WriterLength))],
    };

    public TableEntity ToEntity(string partition) => new(partition, TableKeys.Head)
    {
        [nameof(Sequence)] = Sequence,
        [nameof(Hash)] = Hash.ToArray(),
        [nameof(Time)] = Time,
        [nameof(Nonces)] = Nonces,
        [nameof(Writers)] = Writers,
    };
}
