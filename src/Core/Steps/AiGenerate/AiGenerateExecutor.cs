using System.Text.Json;
using Countersign.Ai;
using Countersign.Language;
using Countersign.Orchestration;
using Countersign.Schemas;

namespace Countersign.Steps;

/// <summary>
/// Executes <c>ai_generate</c>: asks, checks the answer against the schema, and asks again with the errors where it breaks it.
/// Every question is an entry with what it cost; prompts and answers are there by hash only.
/// </summary>
/// <param name="models">The providers, and their prices.</param>
/// <param name="time">For latencies.</param>
/// <param name="templates">Finds stored prompts; null where the host has none.</param>
/// <param name="deltas">Takes parts of answers of steps with <c>stream: true</c>; null where nobody listens.</param>
public sealed class AiGenerateExecutor(ModelCatalog models, TimeProvider time, FindPromptTemplate? templates = null, ModelDeltas? deltas = null) : IStepExecutor
{
    /// <inheritdoc/>
    public string Kind => "ai_generate";

    /// <inheritdoc/>
    public bool HasOutsideEffects => true;

    /// <inheritdoc/>
    public async ValueTask<ExecutorResult> ExecuteAsync(StepExecution execution, CancellationToken cancellationToken)
    {
        var step = (AiGenerateStep)execution.Step;
        using var trace = CallTrace.Begin(execution);
        try
        {
            var choice = models.Choose(step.Provider, step.Model);
            var prompt = await PromptAsync(execution, step, cancellationToken);
            var schema = step.Schema is { } source ? execution.Definition.FindSchema(step.Id) ?? JsonSchema.Compile(source) : null;
            var record = new AskRecord(choice, models.Prices, prompt, execution);
            return await AskAsync(execution, step, Request(execution, step, choice, prompt), schema, record, cancellationToken);
        }
        catch (ModelException exception)
        {
            return ExecutorResult.Failed(AiErrors.From(exception));
        }
    }

    private async ValueTask<ExecutorResult> AskAsync(
        StepExecution execution, AiGenerateStep step, ModelRequest request, JsonSchema? schema, AskRecord record, CancellationToken cancellationToken)
    {
        for (var ask = 1; ; ask++)
        {
            var started = time.GetTimestamp();
            var heard = new Hearing(Listener(execution, step, ask));
            ModelResponse response;
            try
            {
                response = await record.Choice.Provider.AskAsync(request with { OnDelta = heard.OnDelta }, cancellationToken);
            }
            catch (ModelException exception)
            {
                record.Failed(ask, exception, request, heard.Characters, time.GetElapsedTime(started));
                return ExecutorResult.Failed(AiErrors.From(exception));
            }
            catch (OperationCanceledException)
            {
                // The provider went on until it saw that nobody listens any more.
                record.Failed(ask, GivenUp(record.Choice), request, heard.Characters, time.GetElapsedTime(started));
                throw;
            }

            var answer = schema is null ? new ReadAnswer(JsonString.Of(response.Text), []) : AnswerReader.Read(response.Text, schema, response.Finish);
            var isIncomplete = schema is null && IsIncomplete(response);
            record.Answered(ask, response, answer.Errors.IsEmpty && !isIncomplete, time.GetElapsedTime(started));
            if (isIncomplete)
            {
                return ExecutorResult.Failed(AiErrors.Incomplete(response));
            }

            if (answer.Value is { } output)
            {
                return ExecutorResult.Done(output);
            }

            if (ask > step.Repair)
            {
                return ExecutorResult.Failed(answer.IsIncomplete ? AiErrors.Incomplete(response) : AiErrors.SchemaInvalid(answer.Errors, ask));
            }

            record.Repairing(ask, answer.Errors);
            request = request with { Messages = [.. request.Messages, .. RepairPrompt.After(response, answer.Errors)] };
        }
    }

    // A text that was cut off reads like a whole one, so it is never taken. With a schema the answer is sent back instead.
    private static bool IsIncomplete(ModelResponse response) =>
        response.Finish is ModelFinish.Length or ModelFinish.Unfinished || AnswerReader.IsBlank(response.Text);

    private static ModelRequest Request(StepExecution execution, AiGenerateStep step, ModelChoice choice, RenderedPrompt prompt) => new()
    {
        Model = choice.Model,
        System = prompt.System,
        Messages = [new ModelMessage(ModelRole.User, prompt.Text)],
        Schema = step.Schema,
        Temperature = step.Temperature,
        MaxTokens = step.MaxTokens,
        Seed = step.Seed,
        Attempt = execution.Ref.Attempt,
        Mock = step.Mock is { } mock ? new MockScript(mock.Mode, mock.Output?.Render(execution.Scope)) : MockScript.Default,
    };

    private async ValueTask<RenderedPrompt> PromptAsync(StepExecution execution, AiGenerateStep step, CancellationToken cancellationToken)
    {
        var system = Text(step.System, execution.Scope);
        if (step.PromptTemplate is not { } reference)
        {
            return new RenderedPrompt(system, Text(step.Prompt, execution.Scope) ?? "", null);
        }

        var template = templates is null ? null : await templates(execution.Run.Tenant, reference, cancellationToken);
        if (template is null)
        {
            throw new StepFailedException(AiErrors.TemplateUnknown(reference));
        }

        var scope = new VariablesScope(step.Variables?.Render(execution.Scope) ?? JsonElement.Parse("{}"));
        return new RenderedPrompt(system ?? Text(template.System, scope), Text(template.Prompt, scope) ?? "", template);
    }

    // A prompt that is one expression may yield an object; a model reads it as JSON.
    private static string? Text(Template? template, Expressions.IExpressionScope scope) => template?.Render(scope) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Null } => null,
        { } other => other.GetRawText(),
    };

    private static ModelException GivenUp(ModelChoice choice) =>
        new(ModelErrorCodes.CutOff, $"The question to the provider '{choice.Provider.Name}' was given up before its answer came.") { Retryable = true, MayBeBilled = true };

    private Action<long, string>? Listener(StepExecution execution, AiGenerateStep step, int ask) =>
        step.Stream && deltas is not null ? (offset, text) => deltas(execution.Run, new ModelDelta(execution.Ref, ask, offset, text)) : null;
}

/// <summary>What is heard of one answer while it is made.</summary>
internal sealed class Hearing(Action<long, string>? listener)
{
    private long characters;

    /// <summary>How many characters came.</summary>
    public long Characters => Interlocked.Read(ref characters);

    /// <summary>Takes a part; null where nobody listens.</summary>
    public Action<string>? OnDelta => listener is null ? null : Take;

    private void Take(string delta)
    {
        var offset = Interlocked.Add(ref characters, delta.Length) - delta.Length;
        listener!(offset, delta);
    }
}

/// <summary>A prompt as it is sent.</summary>
/// <param name="System">The system prompt; null for none.</param>
/// <param name="Text">The prompt.</param>
/// <param name="Template">The stored prompt it was made from; null where it stood in the step.</param>
internal sealed record RenderedPrompt(string? System, string Text, PromptTemplate? Template);
