using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Api.Problems;
using Countersign.Canonical;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Api.Ai;

/// <summary>
/// What makes a question with an <c>Idempotency-Key</c> be asked once: a row that is committed with the intent, and holds the answer from the outcome on.
/// A failure that may pass gives the key back, so that the same request can be sent again; a failure for good is the answer.
/// </summary>
internal sealed class InferKeys(ILedger ledger, RunValues values, TimeProvider time)
{
    // A host that died in the middle of a question never ends it; nobody is at it any more after this.
    private static readonly TimeSpan Lease = Inference.Limit + TimeSpan.FromMinutes(1);

    /// <summary>Takes the key, committing the intent; or gives the answer that it got before.</summary>
    /// <exception cref="IdempotencyKeyReusedException">It was used with another body.</exception>
    /// <exception cref="ApiException">It is in flight (409), or what it led to was a failure.</exception>
    public async Task<InferView?> BeginAsync(string tenant, string key, InferBody body, string id, EntryDraft intent, CancellationToken cancellationToken)
    {
        var hash = Hash256.Of(CanonicalJson.ToBytes(JsonSerializer.SerializeToElement(body, ApiJson.Default.InferBody))).ToString();
        return await CommitLoop.RunAsync(token => TryBeginAsync(tenant, key, hash, id, intent, token), time, cancellationToken);
    }

    private async ValueTask<InferView?> TryBeginAsync(
        string tenant, string key, string hash, string id, EntryDraft intent, CancellationToken cancellationToken)
    {
        var row = await ledger.ReadRowAsync(tenant, RowOf(key), cancellationToken);
        if (row is not null && await AnswerAsync(tenant, Read(row), hash, cancellationToken) is { } before)
        {
            return before;
        }

        var taken = ToBytes(new InferRecord(hash, id, time.GetUtcNow() + Lease));
        var commit = new LedgerCommit
        {
            Rows = [row is null ? RowWrite.Insert(RowOf(key), taken) : RowWrite.Replace(row.Key, taken, row.Version)],
            Entries = [intent],
        };

        // Not repeated while the ledger is away: nothing was asked yet, and the caller hears of it at once.
        await ledger.CommitAsync(tenant, commit, cancellationToken);
        return null;
    }

    /// <summary>Commits the outcome, and the answer for whoever comes with the key again.</summary>
    public async Task EndAsync(
        string tenant, string key, string id, InferView? view, ApiException? failure, bool mayPass, ImmutableArray<EntryDraft> entries)
    {
        var answer = view is null ? null : await values.PackAsync(tenant, JsonSerializer.SerializeToElement(view, ApiJson.Default.InferView), CancellationToken.None);
        // Where the lease is over and another request has the key now, the outcome of this question is logged all the same.
        await CommitLoop.RunAsync(
            async token =>
            {
                var row = await ledger.ReadRowAsync(tenant, RowOf(key), token);
                var rows = ImmutableArray<RowWrite>.Empty;
                if (row is not null && Read(row) is var record && record.Id == id)
                {
                    var done = record with { Answer = answer, Failure = failure is null ? null : new InferFailure(failure.Code, failure.Status, failure.Message) };
                    rows = [mayPass ? RowWrite.Delete(row.Key, row.Version) : RowWrite.Replace(row.Key, ToBytes(done), row.Version)];
                }

                if (!entries.IsEmpty || !rows.IsEmpty)
                {
                    await ledger.CommitPatientlyAsync(tenant, new LedgerCommit { Rows = rows, Entries = entries }, time, token);
                }
            },
            time,
            CancellationToken.None);
    }

    private async Task<InferView?> AnswerAsync(string tenant, InferRecord record, string hash, CancellationToken cancellationToken)
    {
        if (record.Body != hash)
        {
            throw new IdempotencyKeyReusedException();
        }

        if (record.Failure is { } failure)
        {
            throw new ApiException(failure.Code, failure.Status, failure.Detail);
        }

        if (record.Answer is { } answer)
        {
            return (await values.LoadAsync(tenant, answer, cancellationToken)).Deserialize(ApiJson.Default.InferView);
        }

        return record.Until > time.GetUtcNow()
            ? throw new ApiException("request.in-flight", 409, "A request with this Idempotency-Key is being worked on; ask again for its answer in a moment.") { RetryAfter = 1 }
            : null;
    }

    private static string RowOf(string key) => RowKeys.Idempotency("infer", key);

    private static InferRecord Read(Row row) => JsonSerializer.Deserialize(row.Value.Span, InferJson.Default.InferRecord)!;

    private static ReadOnlyMemory<byte> ToBytes(InferRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, InferJson.Default.InferRecord);
}

/// <summary>What a key was used for.</summary>
/// <param name="Body">SHA-256 of what was asked.</param>
/// <param name="Id">What the log calls the request.</param>
/// <param name="Until">Until when somebody is at it; afterwards the key can be taken over.</param>
/// <param name="Answer">What was answered; null before, and for a failure.</param>
/// <param name="Failure">How it failed for good; null otherwise.</param>
internal sealed record InferRecord(string Body, string Id, DateTimeOffset Until, RunValue? Answer = null, InferFailure? Failure = null);

/// <summary>A failure that is the answer.</summary>
internal sealed record InferFailure(string Code, int Status, string Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InferRecord))]
internal sealed partial class InferJson : JsonSerializerContext;
