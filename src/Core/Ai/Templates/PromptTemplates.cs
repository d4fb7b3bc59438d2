using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Countersign.Access;
using Countersign.Artifacts;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Steps;

namespace Countersign.Ai;

/// <summary>
/// The stored prompts of a tenant. A version is never changed and never taken out, so that what a run was asked with can always be read; one version is
/// the promoted one, which is meant where a step names none.
/// </summary>
public sealed class PromptTemplates(ILedger ledger, IArtifactStore artifacts, TimeProvider time)
{
    private const int CacheLimit = 1000;
    private const string Scope = "template";

    private readonly ConcurrentDictionary<string, PromptTemplate> compiled = new(StringComparer.Ordinal);

    /// <summary>Saves a version; the first one is promoted. The content of the newest version again is that version.</summary>
    /// <param name="author">Who saves it.</param>
    /// <param name="id">1 to 64 of a–z, 0–9, <c>-</c> and <c>_</c>, the first a letter.</param>
    /// <param name="draft">What it says.</param>
    /// <param name="request">What makes a repetition recognisable, and what must still hold.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="TemplateInvalidException">Id or text are not of the form.</exception>
    /// <exception cref="TemplateChangedException">The newest version is not the expected one.</exception>
    /// <exception cref="TemplateNotFoundException">A newest version is expected and there is none.</exception>
    /// <exception cref="IdempotencyKeyReusedException">The key was used before with other content.</exception>
    public async Task<PromptVersion> SaveAsync(Principal author, string id, PromptDraft draft, TemplateSave request, CancellationToken cancellationToken = default)
    {
        if (!IsId(id))
        {
            throw new TemplateInvalidException([new FieldError("/id", "must have 1 to 64 of a-z, 0-9, '-' and '_', the first a letter")]);
        }

        if (draft.Check() is { IsEmpty: false } errors)
        {
            throw new TemplateInvalidException(errors);
        }

        var content = draft.ToCanonical();
        var hash = Hash256.Of(content).ToString();
        return await CommitLoop.RunAsync(token => TrySaveAsync(author, id, draft.Description, content, hash, request, token), time, cancellationToken);
    }

    private async ValueTask<PromptVersion> TrySaveAsync(
        Principal author, string id, string? description, ReadOnlyMemory<byte> content, string hash, TemplateSave request, CancellationToken cancellationToken)
    {
        if (await FindKeyAsync(author.Tenant, id, hash, request, cancellationToken) is { } before)
        {
            return before;
        }

        var head = await ReadHeadAsync(author.Tenant, id, cancellationToken);
        var newest = head is null ? null : await ReadAsync(author.Tenant, id, head.Value.State.Newest, cancellationToken);
        CheckExpected(id, request, newest);
        if (newest?.Hash == hash)
        {
            return newest;
        }

        await artifacts.PutAsync(author.Tenant, hash, content, cancellationToken);
        var version = new PromptVersion(id, (head?.State.Newest ?? 0) + 1, hash, description, author.User, time.GetUtcNow());
        var receipt = await ledger.CommitAsync(author.Tenant, Saving(author, version, request, head), cancellationToken);
        return receipt.Repeated ? throw new LedgerConflictException(id) : version;
    }

    /// <summary>Makes a version the one that is meant where a step names none. Promoting the promoted one changes nothing.</summary>
    /// <exception cref="TemplateNotFoundException">There is no such version.</exception>
    public async Task<PromptVersion> PromoteAsync(Principal actor, string id, int version, CancellationToken cancellationToken = default) =>
        await CommitLoop.RunAsync(token => TryPromoteAsync(actor, id, version, token), time, cancellationToken);

    private async ValueTask<PromptVersion> TryPromoteAsync(Principal actor, string id, int version, CancellationToken cancellationToken)
    {
        if (await ReadHeadAsync(actor.Tenant, id, cancellationToken) is not { } head
            || await ReadAsync(actor.Tenant, id, version, cancellationToken) is not { } chosen)
        {
            throw new TemplateNotFoundException(id, version);
        }

        if (head.State.Promoted == version)
        {
            return chosen;
        }

        var changed = head.State with { Promoted = version, Promotions = head.State.Promotions + 1 };
        var commit = new LedgerCommit
        {
            Rows = [RowWrite.Replace(head.Row.Key, ToBytes(changed), head.Row.Version)],
            Entries =
            [
                new EntryDraft
                {
                    EventId = EventId.Outside(string.Create(CultureInfo.InvariantCulture, $"{id}:{changed.Promotions}"), EventTypes.TemplatePromoted),
                    Type = EventTypes.TemplatePromoted,
                    Actor = actor.User,
                    TransactionId = Guid.NewGuid().ToString("N"),
                    Payload = new LogPayload().Add("before", head.State.Promoted).Add("template", id).Add("template_version", version).ToBytes(),
                },
            ],
        };
        var receipt = await ledger.CommitAsync(actor.Tenant, commit, cancellationToken);
        return receipt.Repeated ? throw new LedgerConflictException(id) : chosen;
    }

    /// <summary>A stored prompt, ready to be rendered: <see cref="FindPromptTemplate"/>.</summary>
    public async ValueTask<PromptTemplate?> FindAsync(string tenant, PromptTemplateReference reference, CancellationToken cancellationToken = default)
    {
        if (await FindVersionAsync(tenant, reference.Id, reference.Version, cancellationToken) is not { } version)
        {
            return null;
        }

        if (compiled.Count >= CacheLimit)
        {
            compiled.Clear();
        }

        return compiled.TryGetValue($"{tenant}|{version.Hash}", out var known)
            ? known with { Id = version.Id, Version = version.Version }
            : compiled[$"{tenant}|{version.Hash}"] = (await LoadAsync(tenant, version, cancellationToken)).Compile(version.Id, version.Version);
    }

    /// <summary>A version; the promoted one for null. Null where there is none.</summary>
    public async ValueTask<PromptVersion?> FindVersionAsync(string tenant, string id, int? version, CancellationToken cancellationToken = default)
    {
        if (!RowKeys.IsSafe(id))
        {
            return null;
        }

        var wanted = version ?? (await ReadHeadAsync(tenant, id, cancellationToken))?.State.Promoted;
        return wanted is { } number ? await ReadAsync(tenant, id, number, cancellationToken) : null;
    }

    /// <summary>The newest version's number and the promoted one's; null where there is no such template.</summary>
    public async ValueTask<(int Newest, int Promoted)?> FindNumbersAsync(string tenant, string id, CancellationToken cancellationToken = default) =>
        RowKeys.IsSafe(id) && await ReadHeadAsync(tenant, id, cancellationToken) is { } head ? (head.State.Newest, head.State.Promoted) : null;

    /// <summary>What a version says.</summary>
    public async ValueTask<PromptDraft> LoadAsync(string tenant, PromptVersion version, CancellationToken cancellationToken = default) =>
        PromptDraft.FromCanonical((await artifacts.GetAsync(tenant, version.Hash, cancellationToken) ?? throw new ArtifactCorruptException(version.Hash)).Span);

    /// <summary>The versions of a template that come before a number, the newest first.</summary>
    public async ValueTask<IReadOnlyList<PromptVersion>> VersionsAsync(string tenant, string id, int? before, int limit, CancellationToken cancellationToken = default)
    {
        var newest = (await FindNumbersAsync(tenant, id, cancellationToken))?.Newest ?? 0;
        var versions = new List<PromptVersion>();
        for (var number = Math.Min(newest, (before ?? int.MaxValue) - 1); number > 0 && versions.Count < limit; number--)
        {
            versions.Add((await ReadAsync(tenant, id, number, cancellationToken))!);
        }

        return versions;
    }

    /// <summary>The newest version of every template after an id, in order of their ids.</summary>
    public async ValueTask<IReadOnlyList<PromptVersion>> ListAsync(string tenant, string? after, int limit, CancellationToken cancellationToken = default)
    {
        var heads = await ledger.ScanRowsAsync(tenant, HeadPrefix, after is null ? null : HeadKey(after), limit, cancellationToken);
        var newest = new List<PromptVersion>();
        foreach (var head in heads)
        {
            newest.Add((await ReadAsync(tenant, head.Key[HeadPrefix.Length..], HeadOf(head).Newest, cancellationToken))!);
        }

        return newest;
    }

    private static LedgerCommit Saving(Principal author, PromptVersion version, TemplateSave request, (Row Row, TemplateHead State)? head)
    {
        var value = head is { } known ? known.State with { Newest = version.Version } : new TemplateHead(version.Version, version.Version);
        return new LedgerCommit
        {
            Rows =
            [
                RowWrite.Insert(Key(version.Id, version.Version), JsonSerializer.SerializeToUtf8Bytes(version, PromptJson.Default.PromptVersion)),
                head is { } there ? RowWrite.Replace(there.Row.Key, ToBytes(value), there.Row.Version) : RowWrite.Insert(HeadKey(version.Id), ToBytes(value)),
                .. request.IdempotencyKey is null
                    ? Array.Empty<RowWrite>()
                    : [RowWrite.Insert(RowKeys.Idempotency(Scope, request.IdempotencyKey), JsonSerializer.SerializeToUtf8Bytes(new TemplateKey(version.Id, version.Version, version.Hash), PromptJson.Default.TemplateKey))],
            ],
            Entries =
            [
                new EntryDraft
                {
                    EventId = EventId.Outside(string.Create(CultureInfo.InvariantCulture, $"{version.Id}:{version.Version}"), EventTypes.TemplateCreated),
                    Type = EventTypes.TemplateCreated,
                    Actor = author.User,
                    TransactionId = request.RequestKey,
                    Payload = new LogPayload().Add("content", version.Hash).Add("promoted", value.Promoted).Add("template", version.Id).Add("template_version", version.Version).ToBytes(),
                },
            ],
        };
    }

    private static void CheckExpected(string id, TemplateSave request, PromptVersion? newest)
    {
        if (request.Expected is { } expected && (newest is null || (expected != TemplateSave.AnyVersion && newest.Hash != expected)))
        {
            throw newest is null ? new TemplateNotFoundException(id, null) : new TemplateChangedException(id, newest.Version);
        }
    }

    private async ValueTask<PromptVersion?> FindKeyAsync(string tenant, string id, string hash, TemplateSave request, CancellationToken cancellationToken)
    {
        if (request.IdempotencyKey is not { } key || await ledger.ReadRowAsync(tenant, RowKeys.Idempotency(Scope, key), cancellationToken) is not { } row)
        {
            return null;
        }

        var used = JsonSerializer.Deserialize(row.Value.Span, PromptJson.Default.TemplateKey)!;
        return used.Id == id && used.Hash == hash ? await ReadAsync(tenant, id, used.Version, cancellationToken) : throw new IdempotencyKeyReusedException();
    }

    private async ValueTask<(Row Row, TemplateHead State)?> ReadHeadAsync(string tenant, string id, CancellationToken cancellationToken) =>
        await ledger.ReadRowAsync(tenant, HeadKey(id), cancellationToken) is { } row ? (row, HeadOf(row)) : null;

    private async ValueTask<PromptVersion?> ReadAsync(string tenant, string id, int version, CancellationToken cancellationToken) =>
        await ledger.ReadRowAsync(tenant, Key(id, version), cancellationToken) is { } row
            ? JsonSerializer.Deserialize(row.Value.Span, PromptJson.Default.PromptVersion)
            : null;

    private static bool IsId(string id) =>
        id.Length is > 0 and <= 64 && char.IsAsciiLetterLower(id[0]) && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');

    private const string HeadPrefix = "tplhead|";

    private static string HeadKey(string id) => HeadPrefix + id;

    private static string Key(string id, int version) => string.Create(CultureInfo.InvariantCulture, $"tpl|{id}|{version:D7}");

    private static TemplateHead HeadOf(Row row) => JsonSerializer.Deserialize(row.Value.Span, PromptJson.Default.TemplateHead)!;

    private static ReadOnlyMemory<byte> ToBytes(TemplateHead head) => JsonSerializer.SerializeToUtf8Bytes(head, PromptJson.Default.TemplateHead);
}
