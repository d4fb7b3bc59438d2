using System.Globalization;
using System.Text;
using Countersign.Ledger;

namespace Countersign.Conformance.Ledger;

/// <summary>
/// What <see cref="ILedger"/> promises, one test for each sentence. A store joins by deriving from this class and saying
/// how it is opened.
/// </summary>
public abstract partial class LedgerConformance : IAsyncLifetime
{
    /// <summary>A run's id of the usual form.</summary>
    protected const string Run1 = "0195a3c27b1e7c44b6a1d0e5f2a39c01";

    /// <summary>Another run's id.</summary>
    protected const string Run2 = "0195a3c27b1e7c44b6a1d0e5f2a39c02";

    private ILedger? _ledger;

    /// <summary>The clock of the store under test.</summary>
    protected ManualTime Time { get; } = new();

    /// <summary>The store under test.</summary>
    protected ILedger Ledger => _ledger!;

    /// <summary>A tenant that no other test uses.</summary>
    protected string Acme { get; } = "acme-" + Guid.NewGuid().ToString("N");

    /// <summary>Another tenant that no other test uses.</summary>
    protected string Globex { get; } = "globex-" + Guid.NewGuid().ToString("N");

    /// <summary>
    /// Opens this test's own store, empty the first time. Called again after the ledger was closed (disposed, where it is
    /// disposable), it opens the same store again.
    /// </summary>
    protected abstract Task<ILedger> OpenAsync(TimeProvider time);

    /// <summary>Removes the store.</summary>
    protected virtual Task CleanAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task InitializeAsync() => _ledger = await OpenAsync(Time);

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await CloseAsync();
        await CleanAsync();
    }

    /// <summary>Closes the store and opens it again.</summary>
    protected async Task ReopenAsync()
    {
        await CloseAsync();
        _ledger = await OpenAsync(Time);
    }

    /// <summary>An entry of a run.</summary>
    protected static EntryDraft Entry(string id, string run = Run1, string payload = "{}") => new()
    {
        EventId = id,
        Type = EventTypes.StepCompleted,
        Actor = "key-1",
        Run = run,
        Step = "steps/work",
        CorrelationId = "order-7",
        TransactionId = run,
        Payload = Utf8(payload),
    };

    /// <summary>A commit of entries only.</summary>
    protected static LedgerCommit Entries(params EntryDraft[] entries) => new() { Entries = [.. entries] };

    /// <summary>A commit of rows only.</summary>
    protected static LedgerCommit Rows(params RowWrite[] rows) => new() { Rows = [.. rows] };

    /// <summary>A commit of a call record only.</summary>
    protected static LedgerCommit Call(CallRecord call) => new() { Call = call };

    /// <summary>Bytes of a text.</summary>
    protected static ReadOnlyMemory<byte> Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Text of bytes.</summary>
    protected static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    /// <summary>All entries of a tenant, page by page.</summary>
    protected async Task<List<StoredEntry>> LogAsync(string tenant, int page = 1000)
    {
        var log = new List<StoredEntry>();
        for (var last = page; last == page;)
        {
            var entries = await Ledger.ReadEntriesAsync(tenant, log.Count + 1, page);
            log.AddRange(entries);
            last = entries.Count;
        }

        return log;
    }

    /// <summary>Recomputes a log by hand: places, chain, payload hashes, times; and that the head says the same.</summary>
    protected async Task<List<LogEntry>> IntactLogAsync(string tenant)
    {
        var log = new List<LogEntry>();
        var previous = Hash256.Zero;
        foreach (var stored in await LogAsync(tenant))
        {
            var entry = EntryCodec.Decode(stored.Bytes.Span);
            Assert.Equal(tenant, entry.Tenant);
            Assert.Equal(log.Count + 1, entry.Sequence);
            Assert.Equal(previous, entry.PreviousHash);
            Assert.Equal(PayloadHash.Of(stored.Salt.Span, stored.Payload.Span), entry.PayloadHash);
            Assert.True(log.Count == 0 || entry.Time >= log[^1].Time, "Time goes backwards.");
            previous = Hash256.Of(stored.Bytes.Span);
            log.Add(entry);
        }

        var head = await Ledger.ReadHeadAsync(tenant);
        Assert.Equal(new LogHead(log.Count, previous), head);
        return log;
    }

    /// <summary>A number as ids carry it.</summary>
    protected static string N(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task CloseAsync()
    {
        if (_ledger is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }
}
