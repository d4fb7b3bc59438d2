using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Access;
using Countersign.Canonical;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Workflows;

namespace Countersign.Orchestration;

/// <summary>What is needed to start a run.</summary>
public sealed record StartRequest
{
    /// <summary>The workflow's name.</summary>
    public required string Workflow { get; init; }

    /// <summary>An exact version or a range such as <c>1.x</c>; null for the newest.</summary>
    public string? Version { get; init; }

    /// <summary>The run's input.</summary>
    public JsonElement Input { get; init; }

    /// <summary>Overrides of the definition's profile.</summary>
    public JsonElement? Profile { get; init; }

    /// <summary>What makes a repeated start by the same principal the same start: the client's key. Null makes every start a new one.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Whether workflow and canonical input are the key where the client gives none: the same work is then started once.</summary>
    public bool OncePerInput { get; init; }

    /// <summary>What the client names the undertaking that the run is part of.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The W3C <c>traceparent</c> that the run's calls go on with; null where the client sent none. It makes no start another one.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>What came of a start.</summary>
/// <param name="Run">The run's row.</param>
/// <param name="Repeated">True where the same start had been made before.</param>
public readonly record struct Started(RunRow Run, bool Repeated);

/// <summary>Starts runs: point 1 of the protocol. The run and its idempotency record are one commit; only then is the engine told.</summary>
public sealed class RunStarts(
    ILedger ledger, RunRows runs, WorkflowCatalog workflows, RunDrafts drafts, IEngine engine, Admission admission, TimeProvider time)
{
    /// <summary>Starts a run, or finds the one that the same key started.</summary>
    /// <exception cref="WorkflowNotFoundException">There is no such workflow or version.</exception>
    /// <exception cref="InputInvalidException">Input or profile is not what the definition asks for.</exception>
    /// <exception cref="IdempotencyKeyReusedException">The key was used for another start.</exception>
    public async Task<Started> StartAsync(Principal starter, StartRequest request, CancellationToken cancellationToken = default)
    {
        var body = request.IdempotencyKey is not null ? BodyHash(request, request.CorrelationId ?? "") : request.OncePerInput ? BodyHash(request, null) : "";
        var idempotency = KeyOf(starter, request, body);
        if ((await FindAsync(starter.Tenant, idempotency, body, cancellationToken) ?? await FindOlderAsync(starter, request, body, cancellationToken)) is { } before)
        {
            return new Started(before, Repeated: true);
        }

        var definition = await ResolveAsync(starter.Tenant, request, cancellationToken);
        var run = new RunIdentity(starter.Tenant, Guid.CreateVersion7(time.GetUtcNow()).ToString("N"));
        var row = await drafts.MakeAsync(run, definition, request.Input, request.Profile, starter, null, cancellationToken);
        row = row with { TraceParent = request.TraceParent };
        row = request.CorrelationId is { } correlation ? row with { CorrelationId = correlation } : row;
        try
        {
            await ledger.CommitAsync(starter.Tenant, Starting(run, row, idempotency, body), cancellationToken);
        }
        catch (LedgerConflictException) when (idempotency is not null)
        {
            var theirs = await FindAsync(starter.Tenant, idempotency, body, cancellationToken);
            return new Started(theirs!, Repeated: true);
        }

        return await admission.AdmitNewAsync(run, cancellationToken)
            ? await TellEngineAsync(run, row, cancellationToken)
            : new Started((await runs.ReadAsync(run, cancellationToken)).Run, Repeated: false);
    }

    private async Task<Started> TellEngineAsync(RunIdentity run, RunRow row, CancellationToken cancellationToken)
    {
        try
        {
            await engine.StartAsync(run, cancellationToken);
        }
        catch (EngineBusyException)
        {
            // It is committed as queued; the sweep starts it when there is room.
        }

        return new Started(row, Repeated: false);
    }

    private async Task<Definition> ResolveAsync(string tenant, StartRequest request, CancellationToken cancellationToken)
    {
        VersionRange? range = null;
        return (request.Version is { } text && !VersionRange.TryParse(text, out range) ? null : await workflows.ResolveAsync(tenant, request.Workflow, range, cancellationToken))
            ?? throw await workflows.MissingAsync(tenant, request.Workflow, request.Version, cancellationToken);
    }

    private async Task<RunRow?> FindAsync(string tenant, string? idempotency, string body, CancellationToken cancellationToken)
    {
        if (idempotency is null || await ledger.ReadRowAsync(tenant, idempotency, cancellationToken) is not { } row)
        {
            return null;
        }

        var record = JsonSerializer.Deserialize(row.Value.Span, OrchestrationJson.Default.IdempotencyRecord)!;
        return record.Body == body
            ? (await runs.ReadAsync(new RunIdentity(tenant, record.Run), cancellationToken)).Run
            : throw new IdempotencyKeyReusedException();
    }

    // Before keys belonged to principals they belonged to the tenant. Such a row counts only for the principal who wrote it.
    private async Task<RunRow?> FindOlderAsync(Principal starter, StartRequest request, string body, CancellationToken cancellationToken)
    {
        if (request.IdempotencyKey is not { } key || await ledger.ReadRowAsync(starter.Tenant, RowKeys.Idempotency("run", key), cancellationToken) is not { } row)
        {
            return null;
        }

        var record = JsonSerializer.Deserialize(row.Value.Span, OrchestrationJson.Default.IdempotencyRecord)!;
        return (await runs.ReadAsync(new RunIdentity(starter.Tenant, record.Run), cancellationToken)).Run is var run && run.Requester != starter.User ? null
            : record.Body == body ? run
            : throw new IdempotencyKeyReusedException();
    }

    private static LedgerCommit Starting(RunIdentity run, RunRow row, string? idempotency, string body) => new()
    {
        Rows =
        [
            RowWrite.Insert(RowKeys.Run(run.Id), row.ToBytes()),
            RowWrite.Put(RowKeys.Open(run.Id), "{}"u8.ToArray()),
            RowWrite.Put(ClaimRun.DueKey(row), new DueReason(DueKind.Start, run.Id).ToBytes()),
            .. idempotency is null
                ? Array.Empty<RowWrite>()
                : [RowWrite.Insert(idempotency, JsonSerializer.SerializeToUtf8Bytes(new IdempotencyRecord(body, run.Id), OrchestrationJson.Default.IdempotencyRecord))],
        ],
        Entries = [RunDrafts.Created(run, row)],
    };

    private static string? KeyOf(Principal starter, StartRequest request, string body) => request.IdempotencyKey is { } key
        ? RowKeys.Idempotency("start", $"{starter.User}\n{key}")
        : request.OncePerInput ? RowKeys.Idempotency("input", body) : null;

    // With a key of the client's all of the body must be the same; without one the same work is meant, whatever it is called.
    private static string BodyHash(StartRequest request, string? correlation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (byte[][])
        [
            Encoding.UTF8.GetBytes(request.Workflow),
            Encoding.UTF8.GetBytes(request.Version ?? ""),
            InputCheck.Canonical("input", request.Input),
            request.Profile is { } profile ? InputCheck.Canonical("profile", profile) : [],
            .. correlation is null ? Array.Empty<byte[]>() : [Encoding.UTF8.GetBytes(correlation)],
        ])
        {
            hash.AppendData(BitConverter.GetBytes((long)part.Length));
            hash.AppendData(part);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
