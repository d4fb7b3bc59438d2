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
        command.SetAction((parsed, cancellation) =>
            RunAsync(parsed.GetValue(file)!, parsed.GetValue(checkpoints) ?? [], [.. Options.Keys(parsed.GetValue(keys))], parsed.GetValue(name)!, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo file, string[] folders, CheckpointKey[] keys, string name, CancellationToken cancellation)
    {
        if (folders.Length > 0 != keys.Length > 0)
        {
            throw new IOException("--checkpoints and --public-key belong together: without a key that you trust, a checkpoint proves nothing.");
        }

        if (Array.Find(folders, folder => !Directory.Exists(folder)) is { } missing)
        {
            throw new DirectoryNotFoundException($"There is no folder of checkpoints '{missing}'.");
        }

        var watch = Stopwatch.StartNew();
        await using var stream = file.OpenRead();
        var export = await LogExport.OpenAsync(stream, cancellation);
        if (folders.Length == 0)
        {
            var verifier = new ChainVerifier(export.Header.Start, export.Header.End);
            await ReadAsync(export, stream, entry => verifier.Add(entry), cancellation);
            return Tell(export.Header, verifier.Finish(), watch.Elapsed);
        }

        if (export.Header.From != 1)
        {
            throw new IOException($"The export begins at entry {export.Header.From}; checkpoints are compared with whole logs, from entry 1.");
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
        Console.WriteLine($"tenant     {header.Tenant}");
        Console.WriteLine($"entries    {report.Entries:N0} ({report.FirstSequence:N0} to {report.LastSequence:N0}), {report.Erased:N0} erased, in {elapsed.TotalSeconds:0.0} s");
        Console.WriteLine($"head       {report.Head}");
        Console.WriteLine($"integrity  {(report.Intact ? "intact: nothing was altered, removed or put in between" : "NOT INTACT")}");
        foreach (var fault in report.Faults)
        {
            Console.WriteLine($"  {fault.Code} at entry {fault.Sequence}: {fault.Message}");
        }

        return report.Intact ? CommandLine.Ok : CommandLine.Bad;
    }

    private static int Tell(CheckpointCollection kept, AuditReport report)
    {
        var isSigned = kept.Unbelieved.IsEmpty && !kept.Checkpoints.IsEmpty;
        var isComplete = report.Faults.IsEmpty && kept.Forks.IsEmpty;
        Console.WriteLine(isComplete && !kept.Checkpoints.IsEmpty
            ? $"complete   up to entry {report.Covered:N0}; {report.Chain.LastSequence - report.Covered:N0} entries are newer than the newest checkpoint"
            : kept.Checkpoints.IsEmpty ? "complete   NOT SHOWN: there is no checkpoint to believe" : "complete   NOT THE LOG THAT WAS SIGNED");
        Tell([.. kept.Forks, .. report.Faults]);
        Console.WriteLine(isSigned ? $"authentic  {kept.Checkpoints.Length:N0} checkpoints, each signed by a trusted key" : "authentic  NOT SIGNED BY A TRUSTED KEY");
        Tell(kept.Unbelieved);
        return !isComplete ? CommandLine.Incomplete : isSigned ? CommandLine.Ok : CommandLine.Unsigned;
    }

    private static void Tell(IEnumerable<CheckpointFault> faults)
    {
        foreach (var fault in faults)
        {
            Console.WriteLine($"  {fault.Code} at {fault.Size}: {fault.Message}");
        }
    }
}
