using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Access;
using Countersign.Artifacts;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;

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
    private const string Scope = "workflow";

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
        return Remember(DefinitionReader.ReadStored(bytes.Span).Definition ?? throw new ArtifactCorruptException(hash));
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

    /// <summary>Saves a version. The same content again is no error; other content under the same version is, even where that version was deleted.</summary>
    /// <param name="author">Who saves it.</param>
    /// <param name="definition">What is saved.</param>
    /// <param name="request">What makes a repetition recognisable, and what must still hold.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="WorkflowVersionTakenException">The version exists, or existed, with other content.</exception>
    /// <exception cref="WorkflowChangedException">The newest version is not the expected one.</exception>
    /// <exception cref="WorkflowNotFoundException">A newest version is expected and there is none.</exception>
    /// <exception cref="IdempotencyKeyReusedException">The key was used before with other content.</exception>
    public async Task<WorkflowVersion> SaveAsync(Principal author, Definition definition, SaveRequest request, CancellationToken cancellationToken = default) =>
        await CommitLoop.RunAsync(token => TrySaveAsync(author, definition, request, token), time, cancellationToken);

    private async ValueTask<WorkflowVersion> TrySaveAsync(Principal author, Definition definition, SaveRequest request, CancellationToken cancellationToken)
    {
        var head = await ledger.ReadRowAsync(author.Tenant, HeadKey(definition.Name), cancellationToken);
        var stored = await ReadAsync(author.Tenant, definition.Name, definition.Version.ToString(), cancellationToken);
        await CheckKeyAsync(author.Tenant, definition, request, cancellationToken);
        if (stored?.Saved.Version.Hash is { } taken && taken != definition.Hash)
        {
            throw new WorkflowVersionTakenException(definition.Name, stored.Saved.Version.Version);
        }

        if (stored is { Saved.Deleted: false })
        {
            return stored.Saved.Version;
        }

        var versions = await VersionsAsync(author.Tenant, definition.Name, cancellationToken);
        CheckExpected(definition.Name, request, versions);
        await artifacts.PutAsync(author.Tenant, definition.Hash, definition.Canonical, cancellationToken);
        var version = new WorkflowVersion(
            definition.Name, definition.Version.ToString(), definition.Hash, definition.Description, author.User, time.GetUtcNow());
        var type = head is null && versions.Count == 0 ? EventTypes.WorkflowCreated : EventTypes.WorkflowUpdated;
        var receipt = await ledger.CommitAsync(author.Tenant, Saving(author, version, type, request, head, stored), cancellationToken);
        return receipt.Repeated ? throw new LedgerConflictException(HeadKey(definition.Name)) : version;
    }

    /// <summary>One version of a workflow; null where there is none, or none any more.</summary>
    public async ValueTask<WorkflowVersion?> FindAsync(string tenant, string name, string version, CancellationToken cancellationToken = default) =>
        await ReadAsync(tenant, name, version, cancellationToken) is { Saved: { Deleted: false } saved } ? saved.Version : null;

    /// <summary>All versions of a workflow, the newest first.</summary>
    public async ValueTask<IReadOnlyList<WorkflowVersion>> VersionsAsync(string tenant, string name, CancellationToken cancellationToken = default)
    {
        const int Page = 1000;
        var versions = new List<WorkflowVersion>();
        string? after = null;
        while (RowKeys.IsSafe(name))
        {
            var rows = await ledger.ScanRowsAsync(tenant, $"def|{name}|", after, Page, cancellationToken);
            versions.AddRange(rows.Select(From).Where(saved => !saved.Deleted).Select(saved => saved.Version));
            if (rows.Count < Page)
            {
                break;
            }

            after = rows[^1].Key;
        }

        return [.. versions.OrderByDescending(version => SemanticVersion.Parse(version.Version))];
    }

    /// <summary>The version that a workflow stands at: its newest release, or its newest pre-release where there is no release yet; null for none.</summary>
    /// <param name="versions">The versions, the newest first.</param>
    public static WorkflowVersion? CurrentOf(IReadOnlyList<WorkflowVersion> versions) =>
        versions.FirstOrDefault(IsRelease) ?? (versions.Count == 0 ? null : versions[0]);

    /// <summary>The current version (<see cref="CurrentOf"/>) of every workflow after a name, in order of their names.</summary>
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

            var name = From(row[0]).Version.Name;
            if (CurrentOf(await VersionsAsync(tenant, name, cancellationToken)) is { } current)
            {
                newest.Add(current);
            }

            cursor = $"def|{name}|~";
        }

        return newest;
    }

    /// <summary>
    /// The newest version that a range allows, loaded; for a null range the newest release. A pre-release is used only where the range names
    /// it exactly. Null where there is none.
    /// </summary>
    public async ValueTask<Definition?> ResolveAsync(string tenant, string name, VersionRange? range, CancellationToken cancellationToken = default)
    {
        var versions = await VersionsAsync(tenant, name, cancellationToken);
        var chosen = versions.FirstOrDefault(version => range is null ? IsRelease(version) : range.Contains(SemanticVersion.Parse(version.Version)));
        return chosen is null ? null : await LoadAsync(tenant, chosen.Hash, cancellationToken);
    }

    /// <summary>The version that a workflow stands at (<see cref="CurrentOf"/>), loaded; null where there is no such workflow.</summary>
    public async ValueTask<Definition?> FindCurrentAsync(string tenant, string name, CancellationToken cancellationToken = default) =>
        CurrentOf(await VersionsAsync(tenant, name, cancellationToken)) is { } current ? await LoadAsync(tenant, current.Hash, cancellationToken) : null;

    /// <summary>What to say of a workflow or version that there is not: whether the workflow is unknown, or only the version.</summary>
    public async ValueTask<WorkflowNotFoundException> MissingAsync(string tenant, string name, string? version, CancellationToken cancellationToken = default)
    {
        var versions = await VersionsAsync(tenant, name, cancellationToken);
        return versions is not [var newest, ..] ? new WorkflowNotFoundException(name)
            : version is not null ? new WorkflowNotFoundException(name, version)
            : new WorkflowNotFoundException(name, hint: $" with a release; name the version to run a pre-release, such as {newest.Version}.");
    }

    /// <summary>
    /// Takes a version out of the catalog, so that no new run starts on it. Open runs go on: they are pinned to its content. Its number stays
    /// taken: no other content can ever be what the log calls by this version.
    /// </summary>
    /// <exception cref="WorkflowNotFoundException">There is no such version.</exception>
    public async Task DeleteAsync(Principal actor, string name, string version, string requestKey, CancellationToken cancellationToken = default) =>
        await CommitLoop.RunAsync(token => TryDeleteAsync(actor, name, version, requestKey, token), time, cancellationToken);

    private async ValueTask TryDeleteAsync(Principal actor, string name, string version, string requestKey, CancellationToken cancellationToken)
    {
        var head = await ledger.ReadRowAsync(actor.Tenant, HeadKey(name), cancellationToken);
        if (await ReadAsync(actor.Tenant, name, version, cancellationToken) is not { Saved: { Deleted: false } saved } stored)
        {
            throw await MissingAsync(actor.Tenant, name, version, cancellationToken);
        }

        var gone = saved with { Deleted = true, Changes = saved.Changes + 1 };
        var commit = new LedgerCommit
        {
            Rows = [RowWrite.Replace(stored.Row.Key, ToBytes(gone), stored.Row.Version), Touch(name, head)],
            Entries = [Entry(actor, EventTypes.WorkflowDeleted, requestKey, gone)],
        };
        if ((await ledger.CommitAsync(actor.Tenant, commit, cancellationToken)).Repeated)
        {
            throw new LedgerConflictException(HeadKey(name));
        }
    }

    private static LedgerCommit Saving(Principal author, WorkflowVersion version, string type, SaveRequest request, Row? head, StoredVersion? stored)
    {
        var saved = new SavedVersion(version, Changes: (stored?.Saved.Changes ?? 0) + 1);
        var key = Key(version.Name, version.Version);
        return new LedgerCommit
        {
            Rows =
            [
                stored is null ? RowWrite.Insert(key, ToBytes(saved)) : RowWrite.Replace(key, ToBytes(saved), stored.Row.Version),
                Touch(version.Name, head),
                .. request.IdempotencyKey is null
                    ? Array.Empty<RowWrite>()
                    : [RowWrite.Insert(RowKeys.Idempotency(Scope, request.IdempotencyKey), JsonSerializer.SerializeToUtf8Bytes(new SaveRecord(version.Hash), WorkflowJson.Default.SaveRecord))],
            ],
            Entries = [Entry(author, type, request.RequestKey, saved)],
        };
    }

    // Every change of a workflow writes its head row, so that of two at once one has to look again.
    private static RowWrite Touch(string name, Row? head) =>
        head is null ? RowWrite.Insert(HeadKey(name), "{}"u8.ToArray()) : RowWrite.Replace(head.Key, "{}"u8.ToArray(), head.Version);

    private static EntryDraft Entry(Principal actor, string type, string requestKey, SavedVersion saved) => new()
    {
        EventId = EventId.Outside($"{saved.Version.Name}:{saved.Version.Version}:{saved.Changes}", type),
        Type = type,
        Actor = actor.User,
        TransactionId = requestKey,
        Payload = new LogPayload().Add("definition", saved.Version.Hash).Add("version", saved.Version.Version).Add("workflow", saved.Version.Name).ToBytes(),
    };

    private static void CheckExpected(string name, SaveRequest request, IReadOnlyList<WorkflowVersion> versions)
    {
        if (request.Expected is not { } expected)
        {
            return;
        }

        if (CurrentOf(versions) is not { } current)
        {
            throw new WorkflowNotFoundException(name);
        }

        if (expected != SaveRequest.AnyVersion && expected != current.Hash)
        {
            throw new WorkflowChangedException(name, current.Version);
        }
    }

    private async ValueTask CheckKeyAsync(string tenant, Definition definition, SaveRequest request, CancellationToken cancellationToken)
    {
        if (request.IdempotencyKey is { } key
            && await ledger.ReadRowAsync(tenant, RowKeys.Idempotency(Scope, key), cancellationToken) is { } row
            && JsonSerializer.Deserialize(row.Value.Span, WorkflowJson.Default.SaveRecord)!.Hash != definition.Hash)
        {
            throw new IdempotencyKeyReusedException();
        }
    }

    private async ValueTask<StoredVersion?> ReadAsync(string tenant, string name, string version, CancellationToken cancellationToken) =>
        RowKeys.IsSafe(name) && RowKeys.IsSafe(version) && await ledger.ReadRowAsync(tenant, Key(name, version), cancellationToken) is { } row
            ? new StoredVersion(row, From(row))
            : null;

    private static bool IsRelease(WorkflowVersion version) => SemanticVersion.Parse(version.Version).Prerelease is null;

    private static string Key(string name, string version) => $"def|{name}|{version}";

    private static string HeadKey(string name) => "defhead|" + name;

    private static ReadOnlyMemory<byte> ToBytes(SavedVersion saved) => JsonSerializer.SerializeToUtf8Bytes(saved, WorkflowJson.Default.SavedVersion);

    private static SavedVersion From(Row row) => JsonSerializer.Deserialize(row.Value.Span, WorkflowJson.Default.SavedVersion)!;

    private sealed record StoredVersion(Row Row, SavedVersion Saved);
}

/// <summary>What a version is saved under.</summary>
/// <param name="RequestKey">What the log calls the request.</param>
public sealed record SaveRequest(string RequestKey)
{
    /// <summary>The client's key, by which a repetition is recognised; null where it gave none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Any version, which must be there.</summary>
    public const string AnyVersion = "*";

    /// <summary>The content hash that the newest version must have, or <see cref="AnyVersion"/>; null where anything may be there.</summary>
    public string? Expected { get; init; }

    /// <summary>A save under no conditions.</summary>
    public static SaveRequest Plain() => new(Guid.NewGuid().ToString("N"));
}

/// <summary>A version as it is kept. A deleted one stays as a tombstone.</summary>
/// <param name="Version">The version.</param>
/// <param name="Deleted">Whether it was deleted.</param>
/// <param name="Changes">How often it was saved or deleted: what tells their log entries apart.</param>
internal sealed record SavedVersion(WorkflowVersion Version, bool Deleted = false, int Changes = 0);

/// <summary>What an idempotency key was used for.</summary>
/// <param name="Hash">The content hash that was saved.</param>
internal sealed record SaveRecord(string Hash);

/// <summary>There is no such workflow, or no such version of it.</summary>
/// <param name="name">The workflow's name, or the hash of a definition.</param>
/// <param name="version">The version or range that names no version of the workflow; null where there is no such workflow.</param>
/// <param name="hint">What to do instead; empty for nothing.</param>
public sealed class WorkflowNotFoundException(string name, string? version = null, string hint = "") : Exception(
    version is null ? $"There is no workflow '{name}'{(hint.Length == 0 ? "." : hint)}" : $"Workflow '{name}' has no version '{version}'.")
{
    /// <summary>The version or range that names no version of the workflow; null where there is no such workflow.</summary>
    public string? Version { get; } = version;
}

/// <summary>The version exists with other content: versions are immutable.</summary>
/// <param name="name">The workflow.</param>
/// <param name="version">The version.</param>
public sealed class WorkflowVersionTakenException(string name, string version)
    : Exception($"Version {version} of workflow '{name}' exists with other content; versions are immutable, so give the change a new version.");

/// <summary>The newest version is not the one that the change was made from: somebody saved another meanwhile.</summary>
/// <param name="name">The workflow.</param>
/// <param name="newest">The version that is the newest now.</param>
public sealed class WorkflowChangedException(string name, string newest)
    : Exception($"The newest version of workflow '{name}' is {newest} now, which is not the one that If-Match names; look at it before you change it.");

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SavedVersion))]
[JsonSerializable(typeof(SaveRecord))]
internal sealed partial class WorkflowJson : JsonSerializerContext;
