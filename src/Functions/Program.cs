using Countersign.Ai;
using Countersign.Azure;
using Countersign.Composition;
using Countersign.Egress;
using Countersign.Functions.Hosting;
using Countersign.Steps;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();

var settings = HostSettings.From(builder.Configuration);
var stores = AzureStores.Open(settings.Stores);
using var models = await HostModels.OpenAsync(settings, builder.Configuration);
var core = new CoreServices(new CoreParts
{
    Ledger = stores.Ledger,
    Artifacts = stores.Artifacts,
    MaxRunsPerTenant = settings.MaxRunsPerTenant,
    Executors =
    [
        new EmitExecutor(),
        new ApiCallExecutor(
            new EgressHandler(new EgressOptions { Allowed = settings.EgressAllowed }), new SettingSecrets(builder.Configuration), TimeProvider.System),
        new AiGenerateExecutor(
            models?.Catalog ?? ModelCatalog.MockOnly,
            TimeProvider.System,
            new PromptTemplates(stores.Ledger, stores.Artifacts, TimeProvider.System).FindAsync),
    ],
});

builder.Services.AddSingleton(settings);
builder.Services.AddSingleton(core);
builder.Services.AddSingleton(stores.Ledger);
builder.Services.AddSingleton(new HttpInterface(core, settings.Stores));
builder.Build().Run();
await stores.Ledger.DisposeAsync();
