using System.CommandLine;
using System.Diagnostics;
using Countersign.Checkpoints;
using Countersign.Engine.Checkpoints;
using Countersign.Host.Terminal;
using Countersign.Ledger;

namespace Countersign.Host.Commands;

/// <summary>
/// <c>countersign verify</c>: recomputes an export, offline. With checkpoints it answers three questions: integrity (nothing was
/// altered), completeness (nothing is missing, up to the newest checkpoint), authenticity (signed by a key that is trusted).
/// </summary>
internal static class VerifyCommand
{
    public static Command Make()
    {
        var file = new Argument<FileInfo>("file") { Description = "An export of a log." };
        var checkpoints = new Option<string[]>("--checkpoints") { Description = "A folder of checkpoints; may be repeated, for copies of it.", AllowMultipleArgumentsPerToken = true };
        var keys = new Option<string[]>("--public-key") { Description = "A key that is trusted, PEM; may be repeated.", AllowMultipleArgumentsPerToken = true };
        var name = Options.OriginName();
        var command = new Command(
            "verify",
            "Verifies an export of a log, offline. Exit code 0: intact; 1: tampered with; 2: cannot be read; with checkpoints also 3: not the log that was signed; 4: not signed by a trusted key.")
        {
            file, checkpoints, keys, name,
        };
        command.SetAction(async (parsed, cancellation) =>
            await RunAsync(
                parsed.GetValue(file)!, parsed.GetValue(checkpoints) ?? [], await Options.KeysAsync("--public-key", parsed.GetValue(keys), cancellation), parsed.GetValue(name)!, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo file, string[] folders, CheckpointKey[] keys, string name, CancellationToken cancellation)
    {
        if (folders.Length > 0 != keys.Length > 0)
        {
            throw new OptionException(keys.Length > 0 ? "--public-key" : "--checkpoints", null, "needs the other one: --checkpoints and --public-key belong together, because a checkpoint proves nothing without a key that you trust.");
        }

        foreach (var folder in folders)
        {
            Files.Folder("--checkpoints", folder);
        }

        var watch = Stopwatch.StartNew();
        await using var stream = Files.Open("file", file.ToString());
        var export = await LogExport.OpenAsync(stream, cancellation);
        if (folders.Length == 0)
        {
            var verifier = new ChainVerifier(export.Header.Start, export.Header.End);
            await ReadAsync(export, stream, entry => verifier.Add(entry), cancellation);
            var chain = verifier.Finish();
            var found = Tell(export.Header, chain, watch.Elapsed);
            TellBounds(chain);
            return found;
        }

        if (export.Header.From != 1)
        {
            throw new OptionException("file", file.ToString(), $"begins at entry {export.Header.From}, and checkpoints are compared with whole logs, from entry 1.");
        }

        var tenant = export.Header.Tenant;
        var kept = await CheckpointCollection.ReadAsync(
            folders.Select(folder => new FolderCheckpointStore(folder)), tenant, CheckpointOrigin.For(name, tenant), keys, cancellation);
        var audit = new CheckpointAudit(tenant, kept.Checkpoints, export.Header.End);
        await ReadAsync(export, stream, entry => audit.Add(entry), cancellation);
        var report = audit.Finish();
        var integrity = Tell(export.Header, report.Chain, watch.Elapsed);
        return Tell(kept, report) is var checkpointed && integrity == CommandLine.Ok ? checkpointed : integrity;
    }

    private static async Task ReadAsync(LogExport export, FileStream stream, Action<StoredEntry> look, CancellationToken cancellation)
    {
        using var progress = new Progress("bytes", stream.Length);
        await foreach (var stored in export.ReadAsync(cancellation))
        {
            look(stored);
            progress.Report(stream.Position);
        }
    }

    private static int Tell(ExportHeader header, VerifyReport report, TimeSpan elapsed)
    {
        Screen.WriteLine($"tenant     {header.Tenant}");
        Screen.WriteLine($"entries    {report.Entries:N0} ({report.FirstSequence:N0} to {report.LastSequence:N0}), in {elapsed.TotalSeconds:0.0} s");
        Screen.WriteLine($"head       {report.Head}");
        if (report.Entries == 0)
        {
            Screen.WriteLine($"integrity  NOTHING TO VERIFY: the export holds no entry");
            return CommandLine.Bad;
        }

        Screen.WriteLine($"integrity  {(report.Intact ? $"intact: no entry was altered, and none was removed or inserted from entry {report.FirstSequence:N0} to entry {report.LastSequence:N0}" : "NOT INTACT")}");
        if (report.Erased > 0)
        {
            var more = report.Erased - report.ErasedEntries.Count;
            Screen.WriteLine($"payloads   {report.Erased:N0} REMOVED, with their salts: entries {string.Join(", ", report.ErasedEntries)}{(more > 0 ? $" and {more:N0} more" : "")}");
            Screen.WriteLine($"           The chain proves these entries, but not their contents. It does not show who removed the payloads.");
        }
        else
        {
            Screen.WriteLine($"payloads   none was removed");
        }

        foreach (var fault in report.Faults)
        {
            Screen.WriteLine($"  {fault.Code} at entry {fault.Sequence}: {fault.Message}");
        }

        return report.Intact ? CommandLine.Ok : CommandLine.Bad;
    }

    // A log whose end was cut off is a whole chain as well, so that without checkpoints nothing is known of what is outside.
    private static void TellBounds(VerifyReport report)
    {
        var before = report.FirstSequence > 1 ? $"before entry {report.FirstSequence:N0} or " : "";
        if (report.Intact && report.Entries > 0)
        {
            Screen.WriteLine($"complete   NOT SHOWN: whether entries {before}after entry {report.LastSequence:N0} were removed is shown only by signed checkpoints (--checkpoints)");
        }
    }

    private static int Tell(CheckpointCollection kept, AuditReport report)
    {
        var isSigned = kept.Unbelieved.IsEmpty && !kept.Checkpoints.IsEmpty;
        var isComplete = report.Faults.IsEmpty && kept.Forks.IsEmpty;
        var complete = isComplete && !kept.Checkpoints.IsEmpty
            ? $"up to entry {report.Covered:N0}; {report.Chain.LastSequence - report.Covered:N0} entries are newer than the newest checkpoint"
            : kept.Checkpoints.IsEmpty ? "NOT SHOWN: there is no checkpoint to believe" : "NOT THE LOG THAT WAS SIGNED";
        Screen.WriteLine($"complete   {complete}");
        Tell([.. kept.Forks, .. report.Faults]);
        Screen.WriteLine($"authentic  {(isSigned ? $"{kept.Checkpoints.Length:N0} checkpoints, each signed by a trusted key" : "NOT SIGNED BY A TRUSTED KEY")}");
        Tell(kept.Unbelieved);
        return !isComplete ? CommandLine.Incomplete : isSigned ? CommandLine.Ok : CommandLine.Unsigned;
    }

    private static void Tell(IEnumerable<CheckpointFault> faults)
    {
        foreach (var fault in faults)
        {
            Screen.WriteLine($"  {fault.Code} at {fault.Size}: {fault.Message}");
        }
    }
}
