using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Api.OpenApi;
using Countersign.Api.Problems;
using Countersign.Canonical;
using Countersign.Ledger;
using Countersign.Orchestration;
using Microsoft.AspNetCore.Http;

namespace Countersign.Api.Idempotency;

/// <summary>
/// Requests with an <c>Idempotency-Key</c>: the first answer is kept and given again. A key belongs to a principal and a path. A request that was refused
/// changed nothing, so its key is free again.
/// </summary>
/// <remarks>
/// The answer is a row of its own, written after the change. A host that dies between the two leaves a request in flight until its lease ends; the change
/// itself carries <see cref="RequestKey.Row"/>, so a repetition after that finds it done.
/// </remarks>
internal sealed class AnsweredOnce(ILedger ledger, RunValues values, TimeProvider time)
{
    /// <summary>How long an answer is kept: 7 days.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    // How long a request is in flight at most, besides what it says itself that it is ready to wait.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private const string Replayed = "Idempotency-Replayed";
    private const int MostTries = 20;
    private static readonly string[] KeptHeaders = ["Location", "ETag", "Retry-After"];

    /// <summary>Answers a request: with its first answer where there is one, else by carrying it out.</summary>
    /// <param name="context">The request.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="principal">Whose key it is.</param>
    /// <param name="carryOut">Carries the request out.</param>
    /// <exception cref="IdempotencyKeyReusedException">The key was used for another request.</exception>
    /// <exception cref="ApiException">The request is in flight: 409 <c>request.in-flight</c>.</exception>
    public async Task AnswerAsync(HttpContext context, string tenant, string principal, Func<Task> carryOut)
    {
        if (context.IdempotencyKey() is not { } key)
        {
            await carryOut();
            return;
        }

        var body = await context.ReadBytesAsync();
        var path = $"{context.Request.Method} {context.Request.Path}";
        var request = RequestKey.Of(principal, path, key, HashOf(path + context.Request.QueryString, body));
        if (await BeginAsync(context, tenant, request) is not { } taken)
        {
            return;
        }

        context.Features.Set(request);
        var answer = context.Response.Body;
        using var written = new MemoryStream();
        context.Response.Body = written;
        var kept = false;
        try
        {
            await carryOut();
            kept = context.Response.StatusCode is >= 200 and < 300;
        }
        finally
        {
            context.Response.Body = answer;
            await EndAsync(context, tenant, request, taken, kept ? written.ToArray() : null);
        }

        written.Position = 0;
        await written.CopyToAsync(answer, context.RequestAborted);
    }

    // What this delivery of the request wrote; null where the request was answered before, which it is now again.
    private async Task<AnswerRecord?> BeginAsync(HttpContext context, string tenant, RequestKey request)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var row = await ledger.ReadRowAsync(tenant, RowOf(request), context.RequestAborted);
            var before = row is null ? null : AnswerRecord.From(row);
            if (before is not null && before.Request != request.Body)
            {
                throw new IdempotencyKeyReusedException();
            }

            var now = time.GetUtcNow();
            if (before is { Status: not 0 })
            {
                await ReplayAsync(context, tenant, before);
                return null;
            }

            if (before is not null && before.Until > now)
            {
                throw InFlight();
            }

            var taken = new AnswerRecord(request.Body, Guid.NewGuid().ToString("N"), now, now + Lease + context.Patience());
            if (await TryTakeAsync(tenant, request, row, before, taken, context.RequestAborted))
            {
                return taken;
            }
        }

        throw InFlight();
    }

    private async Task<bool> TryTakeAsync(string tenant, RequestKey request, Row? row, AnswerRecord? before, AnswerRecord taken, CancellationToken cancellationToken)
    {
        var due = DueOf(request, taken);
        var commit = new LedgerCommit
        {
            Rows =
            [
                row is null ? RowWrite.Insert(RowOf(request), taken.ToBytes()) : RowWrite.Replace(row.Key, taken.ToBytes(), row.Version),
                .. before is null || DueOf(request, before) == due ? Array.Empty<RowWrite>() : [RowWrite.DeleteIfPresent(DueOf(request, before))],
                RowWrite.Put(due, new DueReason(DueKind.Forget, NoRun, RowOf(request)).ToBytes()),
            ],
        };
        try
        {
            await ledger.CommitAsync(tenant, commit, cancellationToken);
            return true;
        }
        catch (LedgerConflictException)
        {
            return false;
        }
    }

    // The answer where there is one, else the key is free again. Also where the caller has gone, who may come back.
    private async Task EndAsync(HttpContext context, string tenant, RequestKey request, AnswerRecord taken, byte[]? written)
    {
        try
        {
            if (await ledger.ReadRowAsync(tenant, RowOf(request), CancellationToken.None) is not { } row || AnswerRecord.From(row).Nonce != taken.Nonce)
            {
                return;
            }

            RowWrite[] rows = written is null
                ? [RowWrite.Delete(row.Key, row.Version), RowWrite.DeleteIfPresent(DueOf(request, taken))]
                : [RowWrite.Replace(row.Key, (await AnswerAsync(context, tenant, taken, written)).ToBytes(), row.Version)];
            await ledger.CommitAsync(tenant, new LedgerCommit { Rows = [.. rows] }, CancellationToken.None);
        }
        catch (Exception exception) when (exception is LedgerConflictException or LedgerUnavailableException)
        {
            // The change is committed whatever becomes of the record of its answer. A repetition after the lease finds it done.
        }
    }

    private async Task<AnswerRecord> AnswerAsync(HttpContext context, string tenant, AnswerRecord taken, byte[] written)
    {
        var text = WithoutSecrets(context.GetEndpoint()?.Metadata.GetMetadata<Operation>()?.Secrets ?? [], written);
        return taken with
        {
            Status = context.Response.StatusCode,
            Media = context.Response.ContentType,
            Headers = KeptHeaders.Where(name => context.Response.Headers.ContainsKey(name)).ToDictionary(name => name, name => context.Response.Headers[name].ToString()),
            Body = text.Length == 0 ? null : await values.PackAsync(tenant, JsonSerializer.SerializeToElement(text, ApiJson.Default.String), CancellationToken.None),
        };
    }

    private async Task ReplayAsync(HttpContext context, string tenant, AnswerRecord before)
    {
        var response = context.Response;
        response.StatusCode = before.Status;
        response.Headers[Replayed] = "true";
        foreach (var (name, value) in before.Headers ?? [])
        {
            response.Headers[name] = value;
        }

        if (before.Body is not null)
        {
            response.ContentType = before.Media;
            await response.WriteAsync((await values.LoadAsync(tenant, before.Body, context.RequestAborted)).GetString()!, context.RequestAborted);
        }
    }

    // What is shown once is not kept, so a repetition cannot show it again.
    private static string WithoutSecrets(ImmutableArray<string> secrets, byte[] written)
    {
        if (secrets.IsEmpty || JsonNode.Parse(written) is not JsonObject answer)
        {
            return Encoding.UTF8.GetString(written);
        }

        foreach (var secret in secrets)
        {
            answer.Remove(secret);
        }

        return answer.ToJsonString();
    }

    // JSON that differs in spaces or in the order of names only is the same request.
    private static string HashOf(string target, byte[] body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(target + "\n"));
        hash.AppendData(Canonical(body));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static byte[] Canonical(byte[] body)
    {
        try
        {
            return body is [(byte)'{', ..] ? CanonicalJson.ToBytes(JsonElement.Parse(body)) : body;
        }
        catch (Exception exception) when (exception is JsonException or CanonicalJsonException)
        {
            return body;
        }
    }

    private static ApiException InFlight() => new(
        "request.in-flight", 409, "A request with this Idempotency-Key is in progress. Send the same request again in a second to get its answer.") { RetryAfter = 1 };

    // A due row belongs to no run here.
    private const string NoRun = "-";

    private static string RowOf(RequestKey request) => "answer|" + request.Id;

    private static string DueOf(RequestKey request, AnswerRecord taken) => RowKeys.Due(taken.Taken + Kept, NoRun, RowOf(request));
}
