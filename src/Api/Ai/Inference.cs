using System.Collections.Immutable;
using System.Diagnostics;
using Countersign.Access;
using Countersign.Api.Problems;
using Countersign.Expressions;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Api.Ai;

/// <summary>
/// Asks models outside runs, through the same executor as <c>ai_generate</c>: the same schema check and repair, the same entries with the same
/// prices. Intent before the call, outcome after it.
/// </summary>
internal sealed class Inference(ApiServices services)
{
    /// <summary>How long a question may take, repairs included. Below what the front door of a function app waits.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(200);

    private static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(5);

    private readonly InferKeys keys = new(services.Core.Parts.Ledger, services.Core.Values, services.Core.Parts.Time);

    /// <summary>Asks, or gives the answer that the same key got before.</summary>
    /// <param name="asker">Who asks.</param>
    /// <param name="body">What.</param>
    /// <param name="key">The client's key; null where it gave none.</param>
    /// <param name="cancellationToken">Fires when the caller has gone. With a key the question is asked to its end all the same, so that the answer is there when the caller comes back.</param>
    public async Task<InferView> AskAsync(Principal asker, InferBody body, string? key, CancellationToken cancellationToken)
    {
        var definition = InferDefinition.Of(body);
        var id = Guid.CreateVersion7(services.Core.Parts.Time.GetUtcNow()).ToString("N");
        var begin = Entry(asker, id, EventTypes.AiRequested, null, new LogPayload().Add("definition", definition.Hash).ToBytes());
        if (key is null)
        {
            // Not repeated: nothing was asked yet, so a caller that hears at once that the ledger cannot be written loses nothing.
            await services.Core.Parts.Ledger.CommitAsync(asker.Tenant, new LedgerCommit { Entries = [begin] }, cancellationToken);
            var result = await ExecuteAsync(asker, id, definition, body, cancellationToken);

            // The call was made and may be billed: its outcome is written whether or not the caller is still there.
            await WrittenAsync(CommitAsync(asker, Outcome(asker, id, result)));
            return View(id, result) ?? throw Failed(result.Error!);
        }

        if (await keys.BeginAsync(asker.Tenant, key, body, id, begin, cancellationToken) is { } before)
        {
            return before;
        }

        var outcome = await ExecuteAsync(asker, id, definition, body, CancellationToken.None);
        var view = View(id, outcome);
        var failure = view is null ? Failed(outcome.Error!) : null;
        await WrittenAsync(keys.EndAsync(asker.Tenant, key, id, view, failure, outcome.Error?.Retryable == true, Outcome(asker, id, outcome)));
        return view ?? throw failure!;
    }

    private static InferView? View(string id, Steps.ExecutorResult result) => result.Error is null
        ? new InferView(id, result.Output!.Value, [.. result.Entries.Where(entry => entry.Type == EventTypes.AiResponse).Select(entry => entry.Payload)])
        : null;

    private async Task<Steps.ExecutorResult> ExecuteAsync(Principal asker, string id, Definition definition, InferBody body, CancellationToken cancellationToken)
    {
        var noted = new List<Steps.ExecutorEntry>();
        var execution = new Steps.StepExecution
        {
            Run = new RunIdentity(asker.Tenant, id),
            Ref = new StepRef(InferDefinition.Step, 1, 1),
            Number = 1,
            Step = definition.FindStep(InferDefinition.Step)!,
            Definition = definition,
            Scope = new ExpressionScope(("input", CelValue.FromJson(InferDefinition.InputOf(body)))),
            TraceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C } request ? request.Id : null,
            Note = noted.Add,
        };
        using var timer = new CancellationTokenSource(Limit, services.Core.Parts.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        Steps.ExecutorResult result;
        try
        {
            result = await services.Core.Executors.Find("ai_generate").ExecuteAsync(execution, both.Token);
        }
        catch (Exception exception)
        {
            // Also where the caller has gone: what was billed until then is logged.
            result = Steps.ExecutorResult.Failed(timer.IsCancellationRequested ? StepErrors.Timeout(Limit) : StepErrors.From(exception));
        }

        return result with { Entries = [.. noted, .. result.Entries] };
    }

    private static ImmutableArray<EntryDraft> Outcome(Principal asker, string id, Steps.ExecutorResult result) =>
        [.. result.Entries.Select(entry => Entry(asker, id, entry.Type, entry.Discriminator, Redactor.Default.Redact(entry.Payload)))];

    private static EntryDraft Entry(Principal asker, string id, string type, string? discriminator, ReadOnlyMemory<byte> payload) => new()
    {
        EventId = EventId.Outside(id, discriminator is null ? type : $"{type}:{discriminator}"),
        Type = type,
        Actor = asker.User,
        TransactionId = id,
        Payload = payload,
    };

    private async Task CommitAsync(Principal asker, ImmutableArray<EntryDraft> entries)
    {
        if (!entries.IsEmpty)
        {
            await services.Core.Parts.Ledger.CommitPatientlyAsync(
                asker.Tenant, new LedgerCommit { Entries = entries }, services.Core.Parts.Time, CancellationToken.None);
        }
    }

    // An outcome is written however long the ledger is away; the caller does not wait for that.
    private async Task WrittenAsync(Task writing)
    {
        try
        {
            await writing.WaitAsync(LongestWrite, services.Core.Parts.Time);
        }
        catch (TimeoutException)
        {
            throw new ApiException("ledger.unavailable", 503, "The model was asked, but the outcome cannot be written yet; it is written as soon as the ledger can be.");
        }
    }

    private static ApiException Failed(StepError error) => new(
        error.Type,
        error.Retryable ? 503 : error.Status is 422 || error.Type is "step.expression-failed" ? 422 : error.Type is "ai.provider-unknown" or "ai.model-unknown" or "ai.template-unknown" ? 422 : 502,
        error.Detail ?? error.Title);
}
