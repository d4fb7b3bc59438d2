using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Countersign.Azure.Artifacts;
using Countersign.Azure.Ledger;
using Countersign.Ledger;
using Countersign.Tests.Tools;
using Xunit.Abstractions;

namespace Countersign.Azure.Tests.Ledger;

/// <summary>Writers in processes of their own, which are killed, over a network that loses answers: real processes, a real service.</summary>
[Collection(AzuriteCollection.Name)]
[NeedsAzurite]
public sealed class ManyProcessesTests(Azurite azurite, ITestOutputHelper output) : IAsyncLifetime
{
    private const string Tenant = "acme";
    private const int Writers = 16;

    private readonly string prefix = "t" + Guid.NewGuid().ToString("N")[..16];
    private readonly ConcurrentDictionary<string, bool> acknowledged = new(StringComparer.Ordinal);
    private FaultProxy proxy = null!;

    public async Task InitializeAsync() => proxy = await FaultProxy.StartAsync(azurite.TableAddress);

    public async Task DisposeAsync() => await proxy.DisposeAsync();

    [Fact]
    public Task CommitAsync_FourProcessesKilledAndAnswersLost_NothingIsLostOrTwice() => NothingIsLostOrTwiceAsync(4, 40);

    [LongFact]
    public Task CommitAsync_SixteenProcessesKilledAndAnswersLost_NothingIsLostOrTwice() => NothingIsLostOrTwiceAsync(16, 20);

    private async Task NothingIsLostOrTwiceAsync(int processes, int entries)
    {
        var all = entries * Writers;
        proxy.Decide = (_, transaction) => transaction == 0 ? Fault.None : (transaction % 50) switch
        {
            7 => Fault.LostAnswer,
            23 => Fault.SilentAnswer,
            41 => Fault.Gone,
            _ => Fault.None,
        };
        var watch = Stopwatch.StartNew();
        var killed = await Task.WhenAll(Enumerable.Range(0, processes).Select(async process =>
        {
            // Half of them die once, each at a point of its own.
            var dies = process % 2 == 0;
            var until = dies ? (entries * Writers / processes * (process + 1) / (processes + 1)) + 1 : int.MaxValue;
            var survived = await RunAsync(process, Writers / processes, entries, until);
            return survived || await RunAsync(process, Writers / processes, entries, int.MaxValue) ? (survived ? 0 : 1) : throw new InvalidOperationException();
        }));
        var took = watch.Elapsed;

        var (count, ids, intact) = await LogAsync();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{processes} processes of {Writers / processes}: {count} entries in {took.TotalSeconds:F1} s with the processes' start, {killed.Sum()} killed, {proxy.Injected} requests or answers lost"));
        Assert.True(intact);
        Assert.Equal(all, count);
        Assert.Equal(all, ids.Count);
        Assert.All(acknowledged.Keys, id => Assert.Contains(id, ids));
        Assert.Equal(all, acknowledged.Count);
        Assert.True(killed.Sum() >= processes / 2 - 1, "Nobody was killed.");
        Assert.True(proxy.Injected > 0, "No fault was injected.");
    }

    // True where it came to its end, false where it was killed.
    private async Task<bool> RunAsync(int process, int writers, int entries, int killAfter)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "Countersign.Azure.Writer.dll"),
            azurite.Through(proxy.Address), prefix, Tenant, $"p{process}", $"{writers}", $"{entries}",
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var writer = Process.Start(start)!;
        var errors = writer.StandardError.ReadToEndAsync();
        for (var said = 0; await writer.StandardOutput.ReadLineAsync() is { } line;)
        {
            acknowledged[line.Split(' ')[1]] = true;
            if (++said == killAfter)
            {
                writer.Kill(entireProcessTree: true);
            }
        }

        await writer.WaitForExitAsync();
        Assert.True(writer.ExitCode == 0 || killAfter < int.MaxValue, await errors);
        return writer.ExitCode == 0;
    }

    private async Task<(int Count, HashSet<string> Ids, bool Intact)> LogAsync()
    {
        var payloads = await BlobArtifactStore.OpenAsync(new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient(prefix + "-payloads"), new byte[32]);
        await using var ledger = await TableLedger.OpenAsync(
            options => new TableServiceClient(azurite.ConnectionString, options), payloads, new TableLedgerOptions { Prefix = prefix });
        var verifier = new ChainVerifier(ChainStart.Genesis(Tenant));
        var (count, ids) = (0, new HashSet<string>(StringComparer.Ordinal));
        foreach (var stored in await ledger.ReadEntriesAsync(Tenant, 1, 1000))
        {
            verifier.Add(stored);
            ids.Add(EntryCodec.Decode(stored.Bytes.Span).EventId);
            count++;
        }

        return (count, ids, verifier.Finish().Intact);
    }
}
