using System.Collections.Immutable;
using Countersign.Ai;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>What goes wrong in <c>ai_generate</c>.</summary>
internal static class AiErrors
{
    private const int Named = 5;

    public static StepError From(ModelException exception) => new()
    {
        Type = exception.Code,
        Title = Title(exception.Code),
        Status = exception.Status,
        Detail = exception.Message,
        Retryable = exception.Retryable,
        RetryAfter = exception.RetryAfter,
    };

    public static StepError Incomplete(ModelResponse response) => new()
    {
        Type = ModelErrorCodes.Incomplete,
        Title = Title(ModelErrorCodes.Incomplete),
        Status = 422,
        Detail = response.Finish switch
        {
            ModelFinish.Length => $"The answer of '{response.Provider}' was cut off at the most tokens allowed ({response.OutputTokens} were made); allow more with 'max_tokens', or ask for less.",
            ModelFinish.Unfinished => $"The answer of '{response.Provider}' did not finish: the provider reports an error, a cancellation, a cut, or a tool call instead of an answer.",
            _ => $"The answer of '{response.Provider}' has no text that can be seen, or only thinking without an end.",
        },
    };

    public static StepError SchemaInvalid(ImmutableArray<string> errors, int asks) => new()
    {
        Type = ModelErrorCodes.SchemaInvalid,
        Title = Title(ModelErrorCodes.SchemaInvalid),
        Status = 422,
        Detail = $"After {asks} {(asks == 1 ? "answer" : "answers")} the model's answer still breaks the schema: {string.Join("; ", errors.Take(Named))}{(errors.Length > Named ? $"; and {errors.Length - Named} more" : "")}",
    };

    public static StepError TemplateUnknown(PromptTemplateReference reference) => new()
    {
        Type = ModelErrorCodes.TemplateUnknown,
        Title = Title(ModelErrorCodes.TemplateUnknown),
        Status = 404,
        Detail = reference.Version is { } version
            ? $"There is no prompt template '{reference.Id}' with version {version}."
            : $"There is no promoted prompt template '{reference.Id}'.",
    };

    private static string Title(string code) => code switch
    {
        ModelErrorCodes.RateLimited => "The model's provider asks to slow down",
        ModelErrorCodes.Unavailable => "The model's provider is not available",
        ModelErrorCodes.Unreachable => "The model's provider could not be reached",
        ModelErrorCodes.Rejected => "The model's provider rejected the request",
        ModelErrorCodes.Refused => "The model refused to answer",
        ModelErrorCodes.Incomplete => "The model's answer is incomplete",
        ModelErrorCodes.SchemaInvalid => "The model's answer does not satisfy the schema",
        ModelErrorCodes.ProviderUnknown => "The provider is not configured",
        ModelErrorCodes.ModelUnknown => "No model is named",
        ModelErrorCodes.TemplateUnknown => "The prompt template does not exist",
        ModelErrorCodes.CutOff => "The question was given up before its answer came",
        ModelErrorCodes.SignInFailed => "The host could not sign in to the model's provider",
        ModelErrorCodes.MockUnable => "The mock cannot answer",
        _ => "The model gave no usable answer",
    };
}
