using System.Reflection;
using Countersign.Ai;
using Countersign.Azure;
using Countersign.Composition;
using Countersign.Egress;
using Countersign.Functions.Hosting;
using Countersign.Functions.Runs;
using Countersign.Functions.Worker;
using Countersign.Steps;
using DurableTask.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Worker.Shims;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

// The app's orchestrator and activities on Durable Task itself, over a task hub in Azure Storage; the Functions host is left out. The tests that start
// this process kill it. It ends when its standard input ends, which is when the test process is gone.
new Thread(() =>
{
    while (Console.In.Read() >= 0)
    {
    }

    Environment.Exit(0);
})
{ IsBackground = true }.Start();

var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
var settings = HostSettings.From(configuration);
var stores = AzureStores.Open(settings.Stores);
var core = new CoreServices(new CoreParts
{
    Ledger = stores.Ledger,
    Artifacts = stores.Artifacts,
    Executors =
    [
        new EmitExecutor(),
        new ApiCallExecutor(new EgressHandler(new EgressOptions { Allowed = settings.EgressAllowed }), new SettingSecrets(configuration), TimeProvider.System),
        new AiGenerateExecutor(
            ModelCatalog.MockOnly, TimeProvider.System, new PromptTemplates(stores.Ledger, stores.Artifacts, TimeProvider.System).FindAsync),
    ],
});
var hub = TaskHub.Open(configuration["AzureWebJobsStorage"]!, configuration["HUB_NAME"]!);
var client = new HubClient(hub);
using var worker = new TaskHubWorker(hub, NullLoggerFactory.Instance) { ErrorPropagationMode = ErrorPropagationMode.UseFailureDetails };
var orchestrator = new RunWorkflow(core, settings);
const string Orchestrator = nameof(RunWorkflow);
worker.AddTaskOrchestrations(new Named<TaskOrchestration>(Orchestrator, () => DurableTaskShimFactory.Default.CreateOrchestration<RunInput, RunOutcome?>(
    Orchestrator, (context, _) => orchestrator.RunAsync(context))));
var functions = new RunActivityFunctions(core, NullLogger<RunActivityFunctions>.Instance);
foreach (var method in typeof(RunActivityFunctions).GetMethods())
{
    if (method.GetCustomAttribute<FunctionAttribute>() is { Name: var name })
    {
        worker.AddTaskActivities(new Named<TaskActivity>(name, () => DurableTaskShimFactory.Default.CreateActivity<CallInput, CallOutput>(
            name, async (_, input) => await (Task<CallOutput>)method.Invoke(functions, [input, client, CancellationToken.None])!)));
    }
}

await hub.CreateIfNotExistsAsync();
await worker.StartAsync();
Console.WriteLine("ready");
var sweeps = new Sweeps(core, stores.Ledger, settings, NullLogger<Sweeps>.Instance);
while (true)
{
    await Task.Delay(TimeSpan.FromSeconds(1));
    try
    {
        await sweeps.SweepDueAsync(new TimerInfo(), client, CancellationToken.None);
    }
    catch (Exception error)
    {
        // The host writes it down and calls the function again at its next time.
        await Console.Error.WriteLineAsync(error.ToString());
    }
}

internal sealed class Named<T> : ObjectCreator<T>
{
    private readonly Func<T> create;

    public Named(string name, Func<T> create) => (Name, Version, this.create) = (name, "", create);

    public override T Create() => create();
}
