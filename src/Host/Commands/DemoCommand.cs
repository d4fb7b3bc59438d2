using System.CommandLine;
using System.Text.Json;
using Countersign.Access;
using Countersign.Host.Demo;
using Countersign.Host.Terminal;
using Countersign.Language;
using Countersign.Orchestration;
using Microsoft.Extensions.Logging.Abstractions;
using Countersign.Workflows;

namespace Countersign.Host.Commands;

/// <summary><c>countersign demo</c>: three invoices, from the text to the payment, and the log that proves it.</summary>
internal static class DemoCommand
{
    private const string Tenant = "demo";

    private static readonly (string File, string Says)[] Invoices =
    [
        ("under-limit.json", "An invoice under the limit: paid without asking."),
        ("over-limit.json", "An invoice over the limit: held until somebody approves it."),
        ("unreadable.json", "An invoice that cannot be read: the model is asked again, in vain, and nothing is paid."),
    ];

    public static Command Make()
    {
        var data = new Option<string?>("--data") { Description = "A data folder to keep; left out, a temporary one." };
        var command = new Command("demo", "Three invoices, from the text to the payment, and the log that proves it.") { data };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(data), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string? data, CancellationToken cancellation)
    {
        var temporary = data is null ? Directory.CreateTempSubdirectory("countersign-demo-").FullName : null;
        try
        {
            return await RunInAsync(data ?? temporary!, cancellation);
        }
        finally
        {
            if (temporary is not null)
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    private static async Task<int> RunInAsync(string data, CancellationToken cancellation)
    {
        await using var payments = await PaymentService.StartAsync(cancellation);
        await using var host = await LocalHost.OpenAsync(
            new LocalHostOptions { Data = data, AllowedTargets = [payments.Target] }, NullLoggerFactory.Instance, cancellation);
        var alice = new Principal(Tenant, "alice", [Role.Engineer]);
        var folder = Path.Combine(AppContext.BaseDirectory, "samples", "invoice-approval");
        var definition = DefinitionReader.ReadValid(await File.ReadAllBytesAsync(Path.Combine(folder, "workflow.yaml"), cancellation));
        await host.Core.Workflows.SaveAsync(alice, definition, SaveRequest.Plain(), cancellation);
        Console.WriteLine($"{definition.Name} {definition.Version}, limit {definition.Static.GetProperty("limit")}; a payment service listens on {payments.Address}.");
        Console.WriteLine("The model is a mock that needs no key; everything else is real.");

        IAnswer answer = Console.IsInputRedirected ? new AnswerBeforehand(true, null) : new AskAtTerminal();
        var summary = new List<string>();
        foreach (var (file, says) in Invoices)
        {
            Console.WriteLine($"\n{says}");
            var started = await host.Api.Starts.StartAsync(
                alice,
                new StartRequest
                {
                    Workflow = definition.Name,
                    Input = JsonElement.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, file), cancellation)),
                    Profile = JsonSerializer.SerializeToElement(
                        new Dictionary<string, string> { ["payments"] = payments.Address, ["notify"] = payments.Address + "/messages" }),
                },
                cancellation);
            var run = await new LiveRun(host, answer, Console.Out).FollowAsync(new RunIdentity(Tenant, started.Run.Id), cancellation);
            summary.Add(await TellAsync(host, file, run, cancellation));
        }

        return await CloseAsync(host, payments, summary, cancellation);
    }

    private static async Task<int> CloseAsync(LocalHost host, PaymentService payments, List<string> summary, CancellationToken cancellation)
    {
        Console.WriteLine("\nWhat came of it");
        summary.ForEach(Console.WriteLine);
        Console.WriteLine($"  the payment service paid {payments.Payments.Count} time(s): {string.Join(", ", payments.Payments)}");
        var report = await host.Api.Log.VerifyAsync(Tenant, cancellationToken: cancellation);
        Console.WriteLine($"  the log has {report.Entries} entries and is {(report.Intact ? "intact" : "NOT INTACT")}; its head is {report.Head}");
        Console.WriteLine("\nNext: 'countersign serve' for the HTTP interface, 'countersign run samples/invoice-approval/workflow.yaml' for a run of your own.");
        return report.Intact ? CommandLine.Ok : CommandLine.Bad;
    }

    private static async Task<string> TellAsync(LocalHost host, string file, RunRow run, CancellationToken cancellation) => run.Status is RunStatus.Completed
        ? $"  {file,-18} completed: {await host.Core.Values.LoadAsync(Tenant, run.Output, cancellation)}"
        : $"  {file,-18} {run.Status.ToString().ToLowerInvariant()}: {run.Error?.Title}";
}
