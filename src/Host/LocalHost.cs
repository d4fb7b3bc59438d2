using Countersign.Access;
using Countersign.Ai;
using Countersign.Api;
using Countersign.Composition;
using Countersign.Egress;
using Countersign.Engine;
using Countersign.Engine.Artifacts;
using Countersign.Engine.Runs;
using Countersign.Engine.Sqlite;
using Countersign.Secrets;
using Countersign.Steps;
using Microsoft.Extensions.Logging;

namespace Countersign.Host;

/// <summary>The whole product in one process, over one data folder.</summary>
public sealed class LocalHost : IAsyncDisposable
{
    private readonly DataFolder folder;
    private readonly FileSecretStore secrets;
    private readonly EgressHandler egress;
    private readonly SqliteLedger ledger;
    private readonly ConfiguredModels? configured;

    private LocalHost(LocalHostOptions options, DataFolder folder, FileSecretStore secrets, ConfiguredModels? configured, ILoggerFactory log)
    {
        (this.folder, this.secrets, this.configured, Options) = (folder, secrets, configured, options);
        Models = configured?.Catalog ?? options.Models;
        ledger = SqliteLedger.Open(folder, options.Time);
        var deltas = new LiveDeltas();
        egress = new EgressHandler(new EgressOptions { Allowed = options.AllowedTargets });
        var artifacts = FileArtifactStore.Open(folder);
        var prompts = new PromptTemplates(ledger, artifacts, options.Time);
        Core = new CoreServices(new CoreParts
        {
            Ledger = ledger,
            Artifacts = artifacts,
            Executors =
            [
                new EmitExecutor(),
                new ApiCallExecutor(egress, secrets, options.Time),
                new AiGenerateExecutor(Models, options.Time, prompts.FindAsync, deltas.Publish),
            ],
            Deltas = deltas,
            MaxRunsPerTenant = options.MaxRunsPerTenant,
            Time = options.Time,
        });
        Engine = new EmbeddedEngine(
            new EmbeddedEngineParts
            {
                Ledger = ledger,
                Workflows = Core.Workflows,
                Executors = Core.Executors,
                Activities = Core.Activities,
                Sweep = Core.Sweep,
                Admission = Core.Admission,
                Time = options.Time,
            },
            options.Engine,
            log.CreateLogger<EmbeddedEngine>());
        Api = new ApiServices(Core, Engine, HostKeys.OpenOrCreate(folder, "tasks.key")) { Limits = options.Limits, Secrets = new SecretChanges(secrets, ledger) };
        Engine.Wrote = Api.Tail.Notify;
    }

    /// <summary>What it is set to.</summary>
    public LocalHostOptions Options { get; }

    /// <summary>The providers, and their prices.</summary>
    public ModelCatalog Models { get; }

    /// <summary>The product.</summary>
    public CoreServices Core { get; }

    /// <summary>The engine.</summary>
    public EmbeddedEngine Engine { get; }

    /// <summary>What the HTTP interface calls.</summary>
    public ApiServices Api { get; }

    /// <summary>The ledger's figures: commits, rows, entries.</summary>
    public SqliteLedgerStatistics Statistics => ledger.Statistics;

    /// <summary>The secrets of the tenants.</summary>
    public FileSecretStore Secrets => secrets;

    /// <summary>Opens the data folder and takes up what was at work.</summary>
    /// <exception cref="DataFolderInUseException">Another host owns the folder.</exception>
    /// <exception cref="NewerJournalException">The journal was written by a newer version.</exception>
    /// <exception cref="ProvidersInvalidException">A provider's key is not where the providers file says.</exception>
    public static async Task<LocalHost> OpenAsync(LocalHostOptions options, ILoggerFactory log, CancellationToken cancellationToken = default)
    {
        var folder = DataFolder.Open(options.Data, options.Time);
        FileSecretStore? secrets = null;
        ConfiguredModels? configured = null;
        LocalHost host;
        try
        {
            secrets = new FileSecretStore(Path.Combine(folder.Path, "secrets"), HostKeys.OpenOrCreate(folder, "secrets.key"), options.Time);
            configured = options.Providers is { } file ? await ConfiguredModels.OpenAsync(file, Surroundings(options, secrets), cancellationToken) : null;
            host = new LocalHost(options, folder, secrets, configured, log);
        }
        catch
        {
            configured?.Dispose();
            secrets?.Dispose();
            folder.Dispose();
            throw;
        }

        await host.Engine.StartAsync(cancellationToken);
        return host;
    }

    /// <summary>Makes the first key of a data folder that has none: an admin of the tenant <c>default</c>. Null where there was one before.</summary>
    public async Task<string?> MakeFirstKeyAsync(CancellationToken cancellationToken = default)
    {
        return await Api.Keys.AnyAsync(cancellationToken)
            ? null
            : (await Api.Keys.CreateAsync(Principal.System("default"), "admin", [Role.Admin], cancellationToken: cancellationToken)).Secret;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await Api.DisposeAsync();
        await ledger.DisposeAsync();
        configured?.Dispose();
        egress.Dispose();
        secrets.Dispose();
        folder.Dispose();
    }

    private static ProviderHost Surroundings(LocalHostOptions options, FileSecretStore secrets) => new()
    {
        AllowedTargets = options.AllowedTargets,
        Time = options.Time,
        Keys = async (source, cancellation) => source.Secret is { } name
            ? await secrets.FindAsync(FileSecretStore.HostTenant, name, cancellation)
            : Environment.GetEnvironmentVariable(source.Env!) is { Length: > 0 } value ? new Secret(value) : null,
    };
}
