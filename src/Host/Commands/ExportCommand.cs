using System.CommandLine;
using Countersign.Engine;
using Countersign.Engine.Checkpoints;
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
        using var folder = DataFolder.Open(Files.DataFolder(data), TimeProvider.System);
        await using var ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = folder.Journal });
        var head = await ledger.ReadHeadAsync(tenant, cancellation);
        if (head.Sequence == 0)
        {
            using var log = SqliteLogSource.Open(folder.Journal);
            var tenants = (await log.ReadTenantsAsync(cancellation)).Where(name => char.IsAsciiLetterOrDigit(name[0])).ToList();
            throw new OptionException(
                "--tenant", tenant, $"has no log in '{data}'. {(tenants.Count == 0 ? "No tenant has." : $"The tenants are: {string.Join(", ", tenants.Take(20))}{(tenants.Count > 20 ? $" and {tenants.Count - 20} more" : "")}.")}");
        }

        using (var progress = new Progress("entries", head.Sequence))
        await using (var file = output is null ? Screen.OpenOutput() : Files.Create("--output", output.ToString()))
        {
            await LogExport.WriteAsync(
                file,
                new ExportHeader(tenant, 1, head.Sequence, Hash256.Zero, head.Hash),
                CountAsync(new LogReader(ledger).RangeAsync(tenant, 1, head.Sequence, cancellation), progress),
                cancellation);
        }

        Screen.ErrorLine($"{head.Sequence} entries of tenant '{tenant}', the last one {head.Hash}");
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
