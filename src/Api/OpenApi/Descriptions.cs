using System.Collections.Frozen;
using Countersign.Ai;
using Countersign.Api.Ai;
using Countersign.Api.Artifacts;
using Countersign.Api.Audit;
using Countersign.Api.Authentication;
using Countersign.Api.Executions;
using Countersign.Api.Health;
using Countersign.Api.People;
using Countersign.Api.Workflows;
using Countersign.Artifacts;

namespace Countersign.Api.OpenApi;

/// <summary>What the OpenAPI document says of answers and of the parts of a path.</summary>
internal static class Descriptions
{
    private static readonly FrozenDictionary<Type, string> Answers = new Dictionary<Type, string>
    {
        [typeof(HealthStatus)] = "The host can do what the path asks about.",
        [typeof(SavedWorkflow)] = "The saved version, with the warnings about it.",
        [typeof(ValidationResult)] = "Whether the definition can be saved, and every problem with its place.",
        [typeof(WorkflowPage)] = "A page of workflow versions.",
        [typeof(RunView)] = "The run as it is after the request.",
        [typeof(RunPageView)] = "A page of runs, the newest first.",
        [typeof(RunContextView)] = "The values that the expressions of the run can read.",
        [typeof(WaitView)] = "The approval or form as it is after the request.",
        [typeof(WaitPage)] = "A page of approvals and forms, those of the newest run first.",
        [typeof(LinkView)] = "The link, which is valid until the deadline of the approval or form.",
        [typeof(ArtifactLinkView)] = "The link, which is valid until it expires.",
        [typeof(NewKey)] = "The new key. The key itself is shown in this answer only.",
        [typeof(SecretPage)] = "The tenant's secrets, without their values.",
        [typeof(SecretView)] = "The secret, without its value.",
        [typeof(Upload)] = "The stored artifact.",
        [typeof(ArtifactPage)] = "A page of artifacts.",
        [typeof(LogPageView)] = "A page of log entries, in the order of their sequence.",
        [typeof(VerifyView)] = "Whether the range of the log is intact, and each fault that was found.",
        [typeof(InferView)] = "The model's answer, with the tokens, time and cost of each call.",
        [typeof(PromptVersion)] = "The version of the prompt template.",
        [typeof(TemplateView)] = "The version of the prompt template, with its text.",
        [typeof(TemplatePage)] = "A page of prompt templates.",
        [typeof(UsageTotals)] = "Calls, tokens, time and cost for each group, and in total.",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, string> Media = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["text/event-stream"] = "Server-sent events, one for each log entry, each a CloudEvent 1.0.",
        ["application/x-ndjson"] = "The range of the log as JSON Lines, for `countersign verify`.",
        ["application/octet-stream"] = "The content of the artifact.",
        ["application/schema+json"] = "The JSON Schema of definitions.",
        ["text/markdown"] = "The page of the error code, in Markdown.",
        ["text/html"] = "A page that shows the task and sends the decision.",
        ["application/json"] = "The document, as JSON.",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> Paths = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["executions"] = "The run's id: 32 hexadecimal digits, as the start of the run answered it.",
        ["approvals"] = "The id of the approval or form, from `GET /v1/approvals`.",
        ["tasks"] = "The id of the approval or form that the link is for.",
        ["forms"] = "The form's id, from `GET /v1/approvals`.",
        ["workflows"] = "The workflow's name.",
        ["templates"] = "The prompt template's id.",
        ["artifacts"] = "The SHA-256 of the artifact's content, as 64 hexadecimal digits.",
        ["shared"] = "The SHA-256 of the artifact's content, as 64 hexadecimal digits.",
        ["api-keys"] = "The key's id, as its creation answered it.",
        ["secrets"] = "The secret's name.",
        ["errors"] = "The error code, such as `run.not-found`.",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What an answer holds.</summary>
    public static string OfAnswer(Operation operation) =>
        operation.Answer is not [var content, ..] ? "The request was carried out. The answer has no body."
        : content.Type is { } type && Answers.TryGetValue(type, out var sentence) ? sentence
        : content.Type is null && Media.TryGetValue(content.Media, out sentence) ? sentence
        : "The result of the request.";

    /// <summary>What a part of a path is.</summary>
    public static string OfPath(string path, string parameter)
    {
        var parts = path.Split('/');
        var before = Array.IndexOf(parts, $"{{{parameter}}}") - 1;
        return before >= 0 && Paths.TryGetValue(parts[before], out var sentence)
            ? sentence
            : $"The {parameter} of what the path names.";
    }
}
