using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Countersign.Access;
using Countersign.Ai;
using Countersign.Host.Samples;
using Countersign.Host.Terminal;
using Countersign.Language;
using Countersign.Orchestration;
using Microsoft.Extensions.Logging.Abstractions;
using Countersign.Workflows;

namespace Countersign.Host.Commands;

/// <summary><c>countersign demo</c>: a sample's runs one after the other, and the log that proves them.</summary>
internal static class DemoCommand
{
    private const string Tenant = "demo";

    public static Command Make()
    {
        var data = new Option<string?>("--data") { Description = "A data folder to keep; left out, a temporary one." };
        var name = new Option<string>("--sample") { Description = $"The sample: {string.Join(", ", Sample.Names())}.", DefaultValueFactory = _ => Sample.Usual };
        var providers = Options.Providers();
        var command = new Command("demo", "Runs a sample from beginning to end, and verifies the log of it.") { data, name, providers };
        command.SetAction(async (parsed, cancellation) => await RunAsync(
            parsed.GetValue(data),
            Sample.Read(parsed.GetValue(name)!),
            parsed.GetValue(providers) is { } path ? await Options.ReadProvidersAsync(path, cancellation) : null,
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string? data, Sample sample, ProvidersFile? providers, CancellationToken cancellation)
    {
        var temporary = data is null ? Directory.CreateTempSubdirectory("countersign-demo-").FullName : null;
        try
        {
            return await RunInAsync(data ?? temporary!, sample, providers, cancellation);
        }
        finally
        {
            if (temporary is not null)
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    private static async Task<int> RunInAsync(string data, Sample sample, ProvidersFile? providers, CancellationToken cancellation)
    {
        await using var services = await SampleServices.StartAsync(cancellation: cancellation);
        await using var host = await LocalHost.OpenAsync(
            new LocalHostOptions { Data = data, AllowedTargets = [services.Target], Providers = providers }, NullLoggerFactory.Instance, cancellation);
        var alice = new Principal(Tenant, "alice", [Role.Engineer]);
        Screen.WriteLine($"{sample.Name}: {sample.Says}");
        Screen.WriteLine($"{(providers is null ? "The model is a mock that needs no key; everything else is real." : $"Models: {host.Models}.")} The services that are called listen on {services.Address}.");
        foreach (var called in sample.Workflows[..^1])
        {
            await host.Core.Workflows.SaveAsync(alice, DefinitionReader.ReadValid(sample.Bytes(called)), SaveRequest.Plain(), cancellation);
        }

        var summary = new List<TerminalLine>();
        var asExpected = true;
        foreach (var run in sample.Runs)
        {
            Screen.WriteLine($"\n{run.Says}");
            var row = await ShowAsync(host, services, sample, run, alice, cancellation);

            // Whoever answers at the terminal may let it end otherwise.
            asExpected &= Screen.CanAsk || row.Status.ToString().Equals(run.Ends, StringComparison.OrdinalIgnoreCase);
            summary.Add(await SummaryOfAsync(host, run.Input, row, cancellation));
        }

        return await CloseAsync(host, services, sample.Name, summary, cancellation) && asExpected ? CommandLine.Ok : CommandLine.Bad;
    }

    private static async Task<RunRow> ShowAsync(
        LocalHost host, SampleServices services, Sample sample, SampleRun run, Principal alice, CancellationToken cancellation)
    {
        var definition = DefinitionReader.ReadValid(sample.DefinitionOf(run));
        foreach (var (usual, hurried) in run.Hurry)
        {
            Screen.WriteLine($"  (so that you need not wait, '{usual}' reads '{hurried}' here)");
        }

        await host.Core.Workflows.SaveAsync(alice, definition, SaveRequest.Plain(), cancellation);
        var before = await host.Core.Parts.Ledger.ReadHeadAsync(Tenant, cancellation);
        var started = await host.Api.Starts.StartAsync(
            alice,
            new StartRequest
            {
                Workflow = definition.Name,
                Version = definition.Version.ToString(),
                Input = JsonElement.Parse(sample.Bytes(run.Input)),
                Profile = SampleServices.ProfileOf(definition.Profile, services.Address),
            },
            cancellation);
        var told = new AnswerOfSample(run);
        return await new LiveRun(host, Screen.CanAsk ? new AskAtTerminal(told) : told)
            .FollowAsync(new RunIdentity(Tenant, started.Run.Id), before.Sequence, cancellation);
    }

    private static async Task<bool> CloseAsync(
        LocalHost host, SampleServices services, string sample, List<TerminalLine> summary, CancellationToken cancellation)
    {
        Screen.WriteLine($"\nWhat came of it");
        summary.ForEach(line => Screen.WriteLine(line));
        Screen.WriteLine($"  {(services.Calls.Count == 0 ? "no service was called" : "calls that the services received, in order:")}");
        foreach (var (number, call) in services.Calls.Index())
        {
            Screen.WriteLine($"  {(number + 1).ToString(CultureInfo.InvariantCulture),4}  {call}");
        }

        var report = await host.Api.Log.VerifyAsync(Tenant, cancellationToken: cancellation);
        Screen.WriteLine($"  the log has {report.Entries} entries and is {(report.Intact ? "intact" : "NOT INTACT")}; its head is {report.Head}");
        Screen.WriteLine($"\nNext: 'serve' in place of 'demo' is the HTTP interface, 'run FILE' a run of your own, '--help' all there is.");
        Screen.WriteLine($"Other samples, with 'demo --sample NAME': {string.Join(", ", Sample.Names().Where(name => name != sample))}.");
        return report.Intact;
    }

    private static async Task<TerminalLine> SummaryOfAsync(LocalHost host, string file, RunRow run, CancellationToken cancellation)
    {
        var outcome = run.Status is RunStatus.Completed
            ? ShownFields.Value(await host.Core.Values.LoadAsync(Tenant, run.Output, cancellation))
            : run.Error?.Detail ?? run.Error?.Title;
        return $"  {file,-20} {run.Status.ToString().ToLowerInvariant()}: {outcome}";
    }
}
