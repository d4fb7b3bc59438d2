using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;

namespace Countersign.Azure.Tests.Simulation;

/// <summary>How the simulated service behaves.</summary>
internal sealed record ServiceShape
{
    /// <summary>There and back, on average; each way varies by a quarter.</summary>
    public TimeSpan RoundTrip { get; init; } = TimeSpan.FromMilliseconds(12);

    /// <summary>Of a thousand transactions, how many succeed without the answer ever coming back.</summary>
    public int LostAnswersPerThousand { get; init; } = 20;

    /// <summary>How many rows a partition writes in a second: what the service promises.</summary>
    public int RowsPerSecond { get; init; } = 2_000;
}

/// <summary>
/// One table of the service, as its documentation describes it: transactions are all or nothing, the first action that fails is named,
/// a partition writes so many rows in a second.
/// </summary>
internal sealed class SimulatedTable(VirtualTime time, ServiceShape shape, SplitMix random)
{
    private readonly Dictionary<(string Partition, string Row), TableEntity> rows = [];
    private long versions;
    private DateTimeOffset busyUntil;

    /// <summary>How many transactions were sent.</summary>
    public int Transactions { get; private set; }

    /// <summary>How many of them were refused.</summary>
    public int Refused { get; private set; }

    /// <summary>How many reads were made.</summary>
    public int Reads { get; private set; }

    /// <summary>How many answers were lost.</summary>
    public int Lost { get; private set; }

    /// <summary>The rows of a partition with a prefix, in order.</summary>
    public List<TableEntity> RowsOf(string partition, string prefix) =>
    [
        .. rows.Where(row => row.Key.Partition == partition && row.Key.Row.StartsWith(prefix, StringComparison.Ordinal))
            .OrderBy(row => row.Key.Row, StringComparer.Ordinal)
            .Select(row => row.Value),
    ];

    public async Task<TableEntity?> FindAsync(string partition, string row)
    {
        Reads++;
        await TravelAsync();
        var found = rows.GetValueOrDefault((partition, row));
        await TravelAsync();
        return found is null ? null : Copy(found);
    }

    public async Task<IReadOnlyList<Response>> SubmitAsync(IReadOnlyList<TableTransactionAction> actions, CancellationToken cancellationToken)
    {
        Transactions++;
        await TravelAsync();
        await TurnAsync();
        var answers = Apply(actions, out var refused);
        await BusyAsync(answers.Count);
        if (random.Next(1000) < shape.LostAnswersPerThousand)
        {
            Lost++;
            await VirtualTime.HangAsync(cancellationToken);
        }

        await TravelAsync();
        return refused is null ? answers : throw refused;
    }

    private Task TravelAsync() => time.PassAsync(shape.RoundTrip / 2 * (0.75 + (random.Next(1001) / 2000.0)));

    private async Task TurnAsync()
    {
        while (busyUntil > time.GetUtcNow())
        {
            await time.PassAsync(busyUntil - time.GetUtcNow());
        }
    }

    // What was refused costs the partition next to nothing.
    private async Task BusyAsync(int written)
    {
        if (written > 0)
        {
            var cost = written * TimeSpan.FromSeconds(1) / shape.RowsPerSecond;
            busyUntil = time.GetUtcNow() + cost;
            await time.PassAsync(cost);
        }
    }

    private List<Response> Apply(IReadOnlyList<TableTransactionAction> actions, out TableTransactionFailedException? refused)
    {
        for (var i = 0; i < actions.Count; i++)
        {
            if (Refusal(actions[i]) is { } refusal)
            {
                Refused++;
                var (status, code) = refusal;
                var error = new RequestFailedException(status, code, code, null);
                error.Data["FailedEntity"] = $"{i}";
                refused = new TableTransactionFailedException(error);
                return [];
            }
        }

        refused = null;
        return [.. actions.Select(Write)];
    }

    private (int Status, string Code)? Refusal(TableTransactionAction action)
    {
        var there = rows.GetValueOrDefault((action.Entity.PartitionKey, action.Entity.RowKey));
        return (action.ActionType, there) switch
        {
            (TableTransactionActionType.Add, not null) => (409, TableErrorCode.EntityAlreadyExists.ToString()),
            (TableTransactionActionType.UpdateReplace or TableTransactionActionType.Delete, null) => (404, TableErrorCode.ResourceNotFound.ToString()),
            (TableTransactionActionType.UpdateReplace or TableTransactionActionType.Delete, { } row) when action.ETag != ETag.All && action.ETag != row.ETag =>
                (412, TableErrorCode.UpdateConditionNotSatisfied.ToString()),
            _ => null,
        };
    }

    private Response Write(TableTransactionAction action)
    {
        var key = (action.Entity.PartitionKey, action.Entity.RowKey);
        if (action.ActionType is TableTransactionActionType.Delete)
        {
            rows.Remove(key);
            return new Answered(default);
        }

        var row = Copy((TableEntity)action.Entity);
        row.ETag = new ETag($"W/\"datetime'{++versions}'\"");
        rows[key] = row;
        return new Answered(row.ETag);
    }

    private static TableEntity Copy(TableEntity row) => new(new Dictionary<string, object>(row)) { ETag = row.ETag };
}
