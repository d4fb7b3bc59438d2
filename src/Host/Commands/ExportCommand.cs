using System.CommandLine;
using Countersign.Engine;
using Countersign.Engine.Sqlite;
using Countersign.Host.Terminal;
using Countersign.Ledger;

namespace Countersign.Host.Commands;

/// <summary><c>countersign export</c>: a tenant's log as JSON Lines, from a data folder that no host has open.</summary>
internal static class ExportCommand
{
    public static Command Make()
    {
        var data = Options.Data();
        var tenant = Options.Tenant();
        var output = new Option<FileInfo?>("--output", "-o") { Description = "Where to write; left out, to the terminal." };
        var command = new Command("export", "Exports a tenant's log as JSON Lines, which 'verify' reads.") { data, tenant, output };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(data)!, parsed.GetValue(tenant)!, parsed.GetValue(output), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string data, string tenant, FileInfo? output, CancellationToken cancellation)
    {
        using var folder = DataFolder.Open(Options.Existing(data), TimeProvider.System);
        await using var ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = folder.Journal });
        var head = await ledger.ReadHeadAsync(tenant, cancellation);
        using (var progress = new Progress("entries", head.Sequence))
        await using (var file = output?.Create() ?? Console.OpenStandardOutput())
        {
            await LogExport.WriteAsync(
                file,
                new ExportHeader(tenant, 1, head.Sequence, Hash256.Zero, head.Hash),
                CountAsync(new LogReader(ledger).RangeAsync(tenant, 1, head.Sequence, cancellation), progress),
                cancellation);
        }

        await Console.Error.WriteLineAsync($"{head.Sequence} entries of tenant '{tenant}', the last one {head.Hash}");
        return CommandLine.Ok;
    }

    private static async IAsyncEnumerable<StoredEntry> CountAsync(IAsyncEnumerable<StoredEntry> entries, Progress progress)
    {
        long done = 0;
        await foreach (var entry in entries)
        {
            yield return entry;
            progress.Report(++done);
        }
    }
}
