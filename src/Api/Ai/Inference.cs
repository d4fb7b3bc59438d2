using System.Text.Json;
using System.Text.Json.Nodes;
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
    private const string Step = "ask";
    private const string At = "/steps/0";

    public async Task<InferView> AskAsync(Principal asker, InferBody body, CancellationToken cancellationToken)
    {
        var definition = Define(body);
        var id = Guid.CreateVersion7(services.Core.Parts.Time.GetUtcNow()).ToString("N");
        var input = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["prompt"] = body.Prompt, ["system"] = body.System ?? "" });
        await CommitAsync(asker, id, [(EventTypes.AiRequested, null, new LogPayload().Add("definition", definition.Hash).ToBytes())], cancellationToken);
        var result = await ExecuteAsync(asker, id, definition, input, cancellationToken);

        // The call was made and may be billed: its outcome is written whether or not the caller is still there.
        await CommitAsync(
            asker, id, [.. result.Entries.Select(entry => (entry.Type, entry.Discriminator, (ReadOnlyMemory<byte>)Redactor.Default.Redact(entry.Payload)))], CancellationToken.None);
        return result.Error is { } error
            ? throw Failed(error)
            : new InferView(id, result.Output!.Value, [.. result.Entries.Where(entry => entry.Type == EventTypes.AiResponse).Select(entry => entry.Payload)]);
    }

    // Made into a definition, so that everything about it is checked by the one reader, with its codes.
    private static Definition Define(InferBody body)
    {
        var step = new JsonObject { ["id"] = Step, ["type"] = "ai_generate", ["prompt"] = "${ input.prompt }", ["repair"] = body.Repair };
        void Set(string name, JsonNode? value)
        {
            if (value is not null)
            {
                step[name] = value;
            }
        }

        Set("system", body.System is null ? null : "${ input.system }");
        Set("schema", body.Schema is { } schema ? JsonNode.Parse(schema.GetRawText()) : null);
        Set("provider", body.Provider);
        Set("model", body.Model);
        Set("temperature", body.Temperature);
        Set("max_tokens", body.MaxTokens);
        var document = new JsonObject
        {
            ["language"] = "1.0", ["name"] = "infer", ["version"] = "1.0.0", ["start"] = Step, ["steps"] = new JsonArray(step),
        };
        var read = DefinitionReader.Read(JsonSerializer.SerializeToUtf8Bytes<JsonNode>(document));
        return read.Definition ?? throw new ApiException(
            "request.body-invalid", 400, "What is asked is not of the form; see the errors.",
            [.. read.Problems.Select(problem => new FieldError(PointerOf(problem.Pointer), $"{problem.Code}: {problem.Message}"))]);
    }

    private static string PointerOf(string pointer) =>
        pointer.StartsWith(At, StringComparison.Ordinal) ? pointer[At.Length..].Replace("/max_tokens", "/maxTokens", StringComparison.Ordinal) : pointer;

    private async Task<Steps.ExecutorResult> ExecuteAsync(Principal asker, string id, Definition definition, JsonElement input, CancellationToken cancellationToken)
    {
        var noted = new List<Steps.ExecutorEntry>();
        var execution = new Steps.StepExecution
        {
            Run = new RunIdentity(asker.Tenant, id),
            Ref = new StepRef(Step, 1, 1),
            Number = 1,
            Step = definition.FindStep(Step)!,
            Definition = definition,
            Scope = new ExpressionScope(("input", CelValue.FromJson(input))),
            Note = noted.Add,
        };
        Steps.ExecutorResult result;
        try
        {
            result = await services.Core.Executors.Find("ai_generate").ExecuteAsync(execution, cancellationToken);
        }
        catch (Exception exception)
        {
            // Also where the caller has gone: what was billed until then is logged.
            result = Steps.ExecutorResult.Failed(StepErrors.From(exception));
        }

        return result with { Entries = [.. noted, .. result.Entries] };
    }

    private async Task CommitAsync(
        Principal asker, string id, IReadOnlyList<(string Type, string? Discriminator, ReadOnlyMemory<byte> Payload)> entries, CancellationToken cancellationToken)
    {
        if (entries.Count > 0)
        {
            await services.Core.Parts.Ledger.CommitPatientlyAsync(
                asker.Tenant,
                new LedgerCommit
                {
                    Entries =
                    [
                        .. entries.Select(entry => new EntryDraft
                        {
                            EventId = EventId.Outside(id, entry.Discriminator is null ? entry.Type : $"{entry.Type}:{entry.Discriminator}"),
                            Type = entry.Type,
                            Actor = asker.User,
                            TransactionId = id,
                            Payload = entry.Payload,
                        }),
                    ],
                },
                services.Core.Parts.Time,
                cancellationToken);
        }
    }

    private static ApiException Failed(StepError error) => new(
        error.Type, error.Retryable ? 503 : error.Status is 422 ? 422 : error.Type is "ai.provider-unknown" or "ai.model-unknown" ? 422 : 502, error.Detail ?? error.Title);
}
