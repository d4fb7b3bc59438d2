using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Ledger;
using Countersign.Schemas;

namespace Countersign.Orchestration;

/// <summary>An event that came before the step that waits for it.</summary>
/// <param name="Number">Its number among the events of its run, from 1: events are taken in this order.</param>
/// <param name="Name">Its name.</param>
/// <param name="Data">Its data.</param>
/// <param name="Sender">Who sent it: an opaque user id.</param>
/// <param name="At">When it came.</param>
/// <param name="Until">Until when it is kept.</param>
public sealed record KeptEvent(int Number, string Name, RunValue Data, string Sender, DateTimeOffset At, DateTimeOffset Until)
{
    /// <summary>The row's content.</summary>
    public ReadOnlyMemory<byte> ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, KeptEventJson.Default.KeptEvent);

    /// <summary>Reads a row's content.</summary>
    public static KeptEvent From(Row row) => JsonSerializer.Deserialize(row.Value.Span, KeptEventJson.Default.KeptEvent)!;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 128)]
[JsonSerializable(typeof(KeptEvent))]
internal sealed partial class KeptEventJson : JsonSerializerContext;

/// <summary>
/// The events that runs have kept. Keeping one and opening a wait both change the run's row, so an event is never kept beside an open wait that could
/// have taken it.
/// </summary>
/// <param name="ledger">The ledger.</param>
/// <param name="runs">Run rows.</param>
/// <param name="values">Values.</param>
/// <param name="time">The clock.</param>
public sealed class KeptEvents(ILedger ledger, RunRows runs, RunValues values, TimeProvider time)
{
    /// <summary>How many events a run keeps at most: 100.</summary>
    public const int Most = 100;

    /// <summary>How long an event is kept: 7 days, which is also how long a step waits for one unless it says otherwise.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <summary>The events that a run keeps, in the order in which they came.</summary>
    public async ValueTask<IReadOnlyList<(Row Row, KeptEvent Event)>> ListAsync(RunIdentity run, CancellationToken cancellationToken) =>
        [.. (await ledger.ScanRowsAsync(run.Tenant, Prefix(run), null, Most, cancellationToken)).Select(row => (row, KeptEvent.From(row)))];

    /// <summary>The first kept event that a wait can take: of its name, not past its time, with data that the step's schema allows, its defaults filled in.</summary>
    public async ValueTask<(Row Row, KeptEvent Event)?> FirstForAsync(RunIdentity run, WaitRow wait, JsonSchema? schema, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var (row, kept) in await ListAsync(run, cancellationToken))
        {
            if (kept.Name != wait.Event || kept.Until <= now)
            {
                continue;
            }

            if (schema is null)
            {
                return (row, kept);
            }

            var data = schema.FillDefaults(await values.LoadAsync(run.Tenant, kept.Data, cancellationToken));
            if (schema.Validate(data).Valid)
            {
                return (row, kept with { Data = await values.PackAsync(run.Tenant, data, cancellationToken) });
            }
        }

        return null;
    }

    /// <summary>What is written to keep an event.</summary>
    internal static LedgerCommit Keeping(RunIdentity run, VersionedRun row, KeptEvent kept, RequestKey? request) => new()
    {
        Rows =
        [
            row.Replace(row.Run with { Events = kept.Number }),
            RowWrite.Insert(Key(run, kept.Number), kept.ToBytes()),
            RowWrite.Put(DueKey(run, kept), new DueReason(DueKind.DropEvent, run.Id, Key(run, kept.Number)).ToBytes()),
            .. request is null ? Array.Empty<RowWrite>() : [request.Row],
        ],
        Entries = [RunLog.OfRun(run, row.Run, Kind(EventTypes.WaitEventKept, kept), EventTypes.WaitEventKept, kept.Sender, Facts(kept))],
    };

    /// <summary>What is deleted when a step takes an event.</summary>
    internal static IEnumerable<RowWrite> Taking(RunIdentity run, Row row, KeptEvent kept) =>
        [RowWrite.Delete(row.Key, row.Version), RowWrite.DeleteIfPresent(DueKey(run, kept))];

    /// <summary>Deletes an event whose time is over, and says so in the log.</summary>
    internal async Task DropAsync(RunIdentity run, string key, Row due, CancellationToken cancellationToken)
    {
        var row = await ledger.ReadRowAsync(run.Tenant, key, cancellationToken);
        var known = await runs.FindAsync(run, cancellationToken);
        var commit = row is null || known is not { } owner
            ? new LedgerCommit { Rows = [RowWrite.DeleteIfPresent(key), RowWrite.DeleteIfPresent(due.Key)] }
            : Dropping(run, owner.Run, row, due);
        try
        {
            await ledger.CommitAsync(run.Tenant, commit, cancellationToken);
        }
        catch (LedgerConflictException)
        {
            // A step took it at this moment, which deletes the due row as well.
        }
    }

    private static LedgerCommit Dropping(RunIdentity run, RunRow owner, Row row, Row due)
    {
        var kept = KeptEvent.From(row);
        return new LedgerCommit
        {
            Rows = [RowWrite.Delete(row.Key, row.Version), RowWrite.DeleteIfPresent(due.Key)],
            Entries = [RunLog.OfRun(run, owner, Kind(EventTypes.WaitEventDropped, kept), EventTypes.WaitEventDropped, RunLog.Actor, Facts(kept))],
        };
    }

    private static ReadOnlyMemory<byte> Facts(KeptEvent kept) =>
        new LogPayload().Add("data", kept.Data.Hash).Add("event", kept.Name).Add("number", kept.Number).Add("until", kept.Until).ToBytes();

    private static string Kind(string type, KeptEvent kept) => string.Create(CultureInfo.InvariantCulture, $"{type}.{kept.Number}");

    private static string DueKey(RunIdentity run, KeptEvent kept) =>
        RowKeys.Due(kept.Until, run.Id, string.Create(CultureInfo.InvariantCulture, $"event:{kept.Number}"));

    private static string Prefix(RunIdentity run) => $"event|{run.Id}|";

    private static string Key(RunIdentity run, int number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix(run)}{number:D10}");
}
