using System.CommandLine;
using System.Text;
using System.Text.Json;
using Countersign.Host.Benchmarks;
using Countersign.Host.Terminal;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Workflows;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Host.Commands;

/// <summary><c>countersign bench</c>: what runs of a definition cost on this machine and this disk.</summary>
internal static class BenchCommand
{
    private const int Most = 1_000_000;

    public static Command Make()
    {
        var file = new Argument<FileInfo?>("file") { Description = "The definition; left out, a chain of ten steps that do nothing but write their events.", Arity = ArgumentArity.ZeroOrOne };
        var input = new Option<string>("--input") { Description = "The input of each run: JSON, or a file that holds it.", DefaultValueFactory = _ => "{}" };
        var runs = Options.Number("--runs", "How many runs are measured, after a tenth as many to warm up.", 2000, 1, Most);
        var atOnce = Options.Number("--at-once", "How many of them run at a time.", 50, 1, 10_000);
        var place = new Option<string?>("--in") { Description = "A folder on the disk that is to be measured; left out, that of temporary files. Nothing stays in it." };
        var allow = Options.Allow();
        var providers = Options.Providers();
        var command = new Command("bench", "Measures what runs of a definition cost on this machine.") { file, input, runs, atOnce, place, allow, providers };
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = Path.Combine(parsed.GetValue(place) is { } named ? Files.Folder("--in", named) : Path.GetTempPath(), "countersign-bench-" + Path.GetRandomFileName());
            var options = new LocalHostOptions
            {
                Data = folder,
                AllowedTargets = [.. parsed.GetValue(allow) ?? []],
                Providers = await Options.ReadProvidersAsync(parsed.GetValue(providers), cancellation),
            };
            try
            {
                return await RunAsync(
                    options,
                    DefinitionReader.ReadValid(parsed.GetValue(file) is { } given ? await Files.ReadAsync("file", given, cancellation) : Encoding.UTF8.GetBytes(RunBenchmark.Chain(steps: 10))),
                    await Options.JsonOfAsync("--input", parsed.GetValue(input)!, cancellation),
                    (parsed.GetValue(runs), parsed.GetValue(atOnce)),
                    cancellation);
            }
            finally
            {
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(
        LocalHostOptions options, Definition definition, JsonElement input, (int Runs, int AtOnce) asked, CancellationToken cancellation)
    {
        await using var host = await LocalHost.OpenAsync(options, NullLoggerFactory.Instance, cancellation);
        if (host.Models.Check(definition) is { IsEmpty: false } missing)
        {
            throw new ModelsMissingException(definition.Name, missing);
        }

        await host.Core.Workflows.SaveAsync(RunBenchmark.You, definition, SaveRequest.Plain(), cancellation);
        var benchmark = new RunBenchmark(host, definition, input);
        await MeasureAsync(benchmark, Math.Max(1, asked.Runs / 10), asked.AtOnce, "runs to warm up", cancellation);
        var warm = (await host.Core.Parts.Ledger.ReadHeadAsync(RunBenchmark.You.Tenant, cancellation)).Sequence;
        var figures = await MeasureAsync(benchmark, asked.Runs, asked.AtOnce, "runs", cancellation);
        var steps = await StepsAsync(host, warm, cancellation);
        Screen.WriteLine($"{definition.Name} {definition.Version}, {(double)steps / asked.Runs:0.#} steps a run, {asked.AtOnce} at once, {Environment.ProcessorCount} processors, SQLite in {Path.GetDirectoryName(options.Data)}");
        foreach (var line in figures.Lines((double)steps / asked.Runs))
        {
            Screen.WriteLine($"{line}");
        }

        return CommandLine.Ok;
    }

    private static async Task<RunFigures> MeasureAsync(RunBenchmark benchmark, int runs, int atOnce, string what, CancellationToken cancellation)
    {
        using var progress = new Progress(what, runs);
        return await benchmark.MeasureAsync(runs, atOnce, done => progress.Report(done), cancellation);
    }

    // The log says how many steps there were: nobody else counts those of branches, items and loops.
    private static async Task<long> StepsAsync(LocalHost host, long after, CancellationToken cancellation)
    {
        const int Page = 1000;
        long steps = 0;
        while (true)
        {
            var page = await host.Core.Parts.Ledger.ReadEntriesAsync(RunBenchmark.You.Tenant, after + 1, Page, cancellation);
            steps += page.Count(stored => EntryCodec.Decode(stored.Bytes.Span).Type == EventTypes.StepCompleted);
            after += page.Count;
            if (page.Count < Page)
            {
                return Math.Max(steps, 1);
            }
        }
    }
}
