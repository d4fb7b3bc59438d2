using System.CommandLine;
using System.Diagnostics;
using Countersign.Ledger;

namespace Countersign.Host.Commands;

/// <summary><c>countersign verify</c>: recomputes an export, offline.</summary>
internal static class VerifyCommand
{
    private const int ProgressEvery = 500_000;

    public static Command Make()
    {
        var file = new Argument<FileInfo>("file") { Description = "An export of a log." };
        var command = new Command("verify", "Verifies an export of a log, offline. Exit code 0: intact; 1: tampered with; 2: cannot be read.") { file };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(file)!, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo file, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        await using var stream = file.OpenRead();
        var export = await LogExport.OpenAsync(stream, cancellation);
        var verifier = new ChainVerifier(export.Header.Start, export.Header.End);
        long looked = 0;
        await foreach (var stored in export.ReadAsync(cancellation))
        {
            verifier.Add(stored);
            if (++looked % ProgressEvery == 0)
            {
                await Console.Error.WriteLineAsync($"  {looked:N0} entries, {100.0 * stream.Position / stream.Length:0} %");
            }
        }

        var report = verifier.Finish();
        Console.WriteLine($"tenant     {export.Header.Tenant}");
        Console.WriteLine($"entries    {report.Entries:N0} ({report.FirstSequence:N0} to {report.LastSequence:N0}), {report.Erased:N0} erased, in {watch.Elapsed.TotalSeconds:0.0} s");
        Console.WriteLine($"head       {report.Head}");
        Console.WriteLine($"integrity  {(report.Intact ? "intact: nothing was altered, removed or put in between" : "NOT INTACT")}");
        foreach (var fault in report.Faults)
        {
            Console.WriteLine($"  {fault.Code} at entry {fault.Sequence}: {fault.Message}");
        }

        return report.Intact ? CommandLine.Ok : CommandLine.Bad;
    }
}
