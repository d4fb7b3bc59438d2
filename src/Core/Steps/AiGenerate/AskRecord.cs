using System.Collections.Immutable;
using Countersign.Ai;
using Countersign.Ledger;

namespace Countersign.Steps;

/// <summary>The entries of one execution of <c>ai_generate</c>.</summary>
internal sealed class AskRecord(ModelChoice choice, PriceTable prices, RenderedPrompt prompt, StepExecution execution)
{
    private readonly string promptHash = EntryPayload.HashOf($"{prompt.System}\n\n{prompt.Text}");

    public ModelChoice Choice => choice;

    public void Answered(int ask, ModelResponse response, bool valid, TimeSpan latency)
    {
        var usage = prices.Price(choice.Provider.Name, choice.Model, response.Model, response.PromptTokens, response.OutputTokens);
        Add(EventTypes.AiResponse, ask, Facts(ask, latency)
            .Add("answer", EntryPayload.HashOf(response.Text))
            .Add("cost_usd", usage.CostUsd)
            .Add("estimated", response.TokensAreEstimated)
            .Add("finish", Words(response.Finish))
            .Add("model", response.Model)
            .Add("output_tokens", response.OutputTokens)
            .Add("prompt_tokens", response.PromptTokens)
            .Add("request_id", response.RequestId)
            .Add("valid", valid));
    }

    /// <summary>What gave no answer is priced too: by what the provider told, else by an estimate where it had begun to work.</summary>
    public void Failed(int ask, ModelException exception, ModelRequest request, long heard, TimeSpan latency)
    {
        var prompt = exception.PromptTokens ?? (exception.MayBeBilled ? request.EstimateTokens() : null);
        var output = exception.OutputTokens ?? (exception.MayBeBilled ? ModelResponse.EstimateTokens(heard) : null);
        var billed = prompt is null && output is null ? null : prices.Price(choice.Provider.Name, choice.Model, choice.Model, prompt ?? 0, output ?? 0);
        var facts = Facts(ask, latency)
            .Add("code", exception.Code)
            .Add("cost_usd", billed?.CostUsd)
            .Add("model", choice.Model)
            .Add("output_tokens", output)
            .Add("prompt_tokens", prompt)
            .Add("request_id", exception.RequestId)
            .Add("retryable", exception.Retryable)
            .Add("status", exception.Status);
        Add(EventTypes.AiFailed, ask, billed is null ? facts : facts.Add("estimated", prompt != exception.PromptTokens || output != exception.OutputTokens));
    }

    public void Repairing(int repair, ImmutableArray<string> errors) =>
        Add(EventTypes.AiRepair, repair, new LogPayload().Add("errors", errors.Length).Add("repair", repair));

    private LogPayload Facts(int ask, TimeSpan latency) => new LogPayload()
        .Add("ask", ask)
        .Add("latency_ms", (long)latency.TotalMilliseconds)
        .Add("prompt", promptHash)
        .Add("provider", choice.Provider.Name)
        .Add("requester", execution.Requester.Length == 0 ? null : execution.Requester)
        .Add("retries", execution.Ref.Attempt - 1)
        .Add("template", prompt.Template?.Id)
        .Add("template_version", prompt.Template?.Version);

    private void Add(string type, int ask, LogPayload payload) =>
        execution.Note(new ExecutorEntry(type, ask.ToString(System.Globalization.CultureInfo.InvariantCulture), payload));

    private static string Words(ModelFinish finish) => finish switch
    {
        ModelFinish.Stop => "stop",
        ModelFinish.Length => "length",
        ModelFinish.Unfinished => "unfinished",
        _ => "other",
    };
}
