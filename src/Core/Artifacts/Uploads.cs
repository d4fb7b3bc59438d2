using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Access;
using Countersign.Ledger;

namespace Countersign.Artifacts;

/// <summary>An artifact that somebody uploaded. Its name and media type are metadata: it is stored and found by its hash alone.</summary>
/// <param name="Sha256">The SHA-256 of its content, 64 hexadecimal digits in lower case.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="MediaType">What its uploader said it is.</param>
/// <param name="By">Who uploaded it.</param>
/// <param name="Stored">When.</param>
public sealed record Upload(string Sha256, long Size, string MediaType, string By, DateTimeOffset Stored);

/// <summary>Artifacts from outside: what people and agents upload and download. Outputs of runs are not among them.</summary>
public sealed class Uploads(ILedger ledger, IArtifactStore artifacts, TimeProvider time)
{
    /// <summary>What the row of every upload starts with.</summary>
    public const string Prefix = "upload|";

    /// <summary>Stores content. The same content again is the same artifact, as it was stored first.</summary>
    public async Task<Upload> StoreAsync(Principal uploader, ReadOnlyMemory<byte> content, string mediaType, CancellationToken cancellationToken = default)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        if (await FindAsync(uploader.Tenant, hash, cancellationToken) is { } before)
        {
            return before;
        }

        await artifacts.PutAsync(uploader.Tenant, hash, content, cancellationToken);
        var upload = new Upload(hash, content.Length, mediaType, uploader.User, time.GetUtcNow());
        try
        {
            var receipt = await ledger.CommitAsync(uploader.Tenant, Storing(upload), cancellationToken);
            if (!receipt.Repeated)
            {
                return upload;
            }
        }
        catch (LedgerConflictException)
        {
            // Somebody else stored the same meanwhile.
        }

        return (await FindAsync(uploader.Tenant, hash, cancellationToken))!;
    }

    /// <summary>An upload and its content; null where the tenant has none under this hash. The reading is in the log.</summary>
    public async Task<(Upload Upload, ReadOnlyMemory<byte> Content)?> ReadAsync(Principal reader, string sha256, CancellationToken cancellationToken = default)
    {
        if (await FindAsync(reader.Tenant, sha256, cancellationToken) is not { } upload
            || await artifacts.GetAsync(reader.Tenant, sha256, cancellationToken) is not { } content)
        {
            return null;
        }

        var entry = Entry(Guid.NewGuid().ToString("N"), EventTypes.ArtifactRead, reader.User, upload);
        await ledger.CommitAsync(reader.Tenant, new LedgerCommit { Entries = [entry] }, cancellationToken);
        return (upload, content);
    }

    /// <summary>A page of uploads, in order of their hashes.</summary>
    /// <returns>The uploads, and the row after which the next page begins; null at the end.</returns>
    public async Task<(IReadOnlyList<Upload> Uploads, string? Next)> ListAsync(string tenant, string? after, int limit, CancellationToken cancellationToken = default)
    {
        var rows = await ledger.ScanRowsAsync(tenant, Prefix, after, limit, cancellationToken);
        return ([.. rows.Select(From)], rows.Count == limit ? rows[^1].Key : null);
    }

    /// <summary>An upload; null where the tenant has none under this hash.</summary>
    public async ValueTask<Upload?> FindAsync(string tenant, string sha256, CancellationToken cancellationToken = default) =>
        sha256.Length == 64 && RowKeys.IsSafe(sha256) && await ledger.ReadRowAsync(tenant, Prefix + sha256, cancellationToken) is { } row ? From(row) : null;

    private static LedgerCommit Storing(Upload upload) => new()
    {
        Rows = [RowWrite.Insert(Prefix + upload.Sha256, JsonSerializer.SerializeToUtf8Bytes(upload, UploadJson.Default.Upload))],
        Entries = [Entry(upload.Sha256, EventTypes.ArtifactStored, upload.By, upload)],
    };

    private static EntryDraft Entry(string key, string type, string actor, Upload upload) => new()
    {
        EventId = EventId.Outside(key, type),
        Type = type,
        Actor = actor,
        Payload = new LogPayload().Add("media_type", upload.MediaType).Add("sha256", upload.Sha256).Add("size", upload.Size).ToBytes(),
    };

    private static Upload From(Row row) => JsonSerializer.Deserialize(row.Value.Span, UploadJson.Default.Upload)!;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Upload))]
internal sealed partial class UploadJson : JsonSerializerContext;
