using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Access;
using Countersign.Artifacts;
using Countersign.Language;
using Countersign.Ledger;

namespace Countersign.Workflows;

/// <summary>One version of a workflow, as lists show it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Hash">Its content hash: what runs are pinned to.</param>
/// <param name="Description">What it says of itself.</param>
/// <param name="Author">Who saved it.</param>
/// <param name="Saved">When.</param>
public sealed record WorkflowVersion(string Name, string Version, string Hash, string? Description, string Author, DateTimeOffset Saved);

/// <summary>The definitions of a tenant: immutable per version, addressed by content hash.</summary>
public sealed class WorkflowCatalog(ILedger ledger, IArtifactStore artifacts, TimeProvider time)
{
    private const int CacheLimit = 10_000;

    private readonly ConcurrentDictionary<string, Definition> loaded = new(StringComparer.Ordinal);

    /// <summary>The definition with a content hash, if it was loaded before; for code that must not wait.</summary>
    public Definition? FindLoaded(string hash) => loaded.GetValueOrDefault(hash);

    /// <summary>The definition with a content hash.</summary>
    /// <exception cref="WorkflowNotFoundException">The tenant has none.</exception>
    public async ValueTask<Definition> LoadAsync(string tenant, string hash, CancellationToken cancellationToken = default)
    {
        if (loaded.TryGetValue(hash, out var definition))
        {
            return definition;
        }

        var bytes = await artifacts.GetAsync(tenant, hash, cancellationToken) ?? throw new WorkflowNotFoundException(hash);
        return Remember(DefinitionReader.Read(bytes.Span).Definition ?? throw new ArtifactCorruptException(hash));
    }

    /// <summary>Keeps a definition that was read from elsewhere, by its hash.</summary>
    public Definition Remember(Definition definition)
    {
        if (loaded.Count >= CacheLimit)
        {
            loaded.Clear();
        }

        return loaded.GetOrAdd(definition.Hash, definition);
    }

    /// <summary>Saves a version. The same content again is no error; other content under the same version is.</summary>
    /// <exception cref="WorkflowVersionTakenException">The version exists with other content.</exception>
    public async Task<WorkflowVersion> SaveAsync(Principal author, Definition definition, string requestKey, CancellationToken cancellationToken = default)
    {
        var existing = await FindAsync(author.Tenant, definition.Name, definition.Version.ToString(), cancellationToken);
        if (existing is not null)
        {
            return existing.Hash == definition.Hash ? existing : throw new WorkflowVersionTakenException(definition.Name, existing.Version);
        }

        await artifacts.PutAsync(author.Tenant, definition.Hash, definition.Canonical, cancellationToken);
        var isFirst = (await VersionsAsync(author.Tenant, definition.Name, cancellationToken)).Count == 0;
        var version = new WorkflowVersion(
            definition.Name, definition.Version.ToString(), definition.Hash, definition.Description, author.User, time.GetUtcNow());
        try
        {
            await ledger.CommitAsync(author.Tenant, Saving(author, version, isFirst, requestKey), cancellationToken);
        }
        catch (LedgerConflictException)
        {
            return await SaveAsync(author, definition, requestKey, cancellationToken);
        }

        return version;
    }

    /// <summary>One version of a workflow; null where there is none.</summary>
    public async ValueTask<WorkflowVersion?> FindAsync(string tenant, string name, string version, CancellationToken cancellationToken = default)
    {
        var row = await ledger.ReadRowAsync(tenant, Key(name, version), cancellationToken);
        return row is null ? null : From(row);
    }

    /// <summary>All versions of a workflow, the newest first.</summary>
    public async ValueTask<IReadOnlyList<WorkflowVersion>> VersionsAsync(string tenant, string name, CancellationToken cancellationToken = default)
    {
        var rows = await ledger.ScanRowsAsync(tenant, $"def|{name}|", null, 1000, cancellationToken);
        return [.. rows.Select(From).OrderByDescending(version => SemanticVersion.Parse(version.Version))];
    }

    /// <summary>The newest version of every workflow after a name, in order of their names.</summary>
    public async ValueTask<IReadOnlyList<WorkflowVersion>> ListAsync(string tenant, string? after, int limit, CancellationToken cancellationToken = default)
    {
        var newest = new List<WorkflowVersion>();
        var cursor = after is null ? null : $"def|{after}|~";
        while (newest.Count < limit)
        {
            var row = await ledger.ScanRowsAsync(tenant, "def|", cursor, 1, cancellationToken);
            if (row.Count == 0)
            {
                break;
            }

            var name = From(row[0]).Name;
            newest.Add((await VersionsAsync(tenant, name, cancellationToken))[0]);
            cursor = $"def|{name}|~";
        }

        return newest;
    }

    /// <summary>The newest version that a range allows, loaded; the newest of all for null. Null where there is none.</summary>
    public async ValueTask<Definition?> ResolveAsync(string tenant, string name, VersionRange? range, CancellationToken cancellationToken = default)
    {
        var versions = await VersionsAsync(tenant, name, cancellationToken);
        var chosen = versions.FirstOrDefault(version => range is null || range.Contains(SemanticVersion.Parse(version.Version)));
        return chosen is null ? null : await LoadAsync(tenant, chosen.Hash, cancellationToken);
    }

    /// <summary>Takes a version out of the catalog, so that no new run starts on it. Open runs go on: they are pinned to its content.</summary>
    /// <exception cref="WorkflowNotFoundException">There is no such version.</exception>
    public async Task DeleteAsync(Principal actor, string name, string version, string requestKey, CancellationToken cancellationToken = default)
    {
        var row = await ledger.ReadRowAsync(actor.Tenant, Key(name, version), cancellationToken) ?? throw new WorkflowNotFoundException($"{name} {version}");
        var entry = Entry(actor, EventTypes.WorkflowDeleted, requestKey, From(row));
        await ledger.CommitAsync(actor.Tenant, new LedgerCommit { Rows = [RowWrite.Delete(row.Key, row.Version)], Entries = [entry] }, cancellationToken);
    }

    private static LedgerCommit Saving(Principal author, WorkflowVersion version, bool isFirst, string requestKey) => new()
    {
        Rows = [RowWrite.Insert(Key(version.Name, version.Version), JsonSerializer.SerializeToUtf8Bytes(version, WorkflowJson.Default.WorkflowVersion))],
        Entries = [Entry(author, isFirst ? EventTypes.WorkflowCreated : EventTypes.WorkflowUpdated, requestKey, version)],
    };

    private static EntryDraft Entry(Principal actor, string type, string requestKey, WorkflowVersion version) => new()
    {
        EventId = EventId.Outside(requestKey, type),
        Type = type,
        Actor = actor.User,
        TransactionId = requestKey,
        Payload = new LogPayload().Add("definition", version.Hash).Add("version", version.Version).Add("workflow", version.Name).ToBytes(),
    };

    private static string Key(string name, string version) => $"def|{name}|{version}";

    private static WorkflowVersion From(Row row) => JsonSerializer.Deserialize(row.Value.Span, WorkflowJson.Default.WorkflowVersion)!;
}

/// <summary>There is no such workflow or version.</summary>
/// <param name="name">What was asked for.</param>
public sealed class WorkflowNotFoundException(string name) : Exception($"There is no workflow '{name}'.");

/// <summary>The version exists with other content: versions are immutable.</summary>
/// <param name="name">The workflow.</param>
/// <param name="version">The version.</param>
public sealed class WorkflowVersionTakenException(string name, string version)
    : Exception($"Version {version} of workflow '{name}' exists with other content; versions are immutable, so give the change a new version.");

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkflowVersion))]
internal sealed partial class WorkflowJson : JsonSerializerContext;
