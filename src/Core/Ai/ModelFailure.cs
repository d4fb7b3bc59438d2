using System.ClientModel;
using Countersign.Egress;

namespace Countersign.Ai;

/// <summary>What an exception of a client library means.</summary>
internal static class ModelFailure
{
    /// <summary>The typed error. Of the library's own words nothing is kept: they may repeat what was asked.</summary>
    public static ModelException From(Exception exception, string provider, long? promptTokens = null)
    {
        if (Find<ModelException>(exception) is { } known)
        {
            return known;
        }

        if (EgressRefusedException.In(exception) is { } refused)
        {
            return new ModelException(refused.Code, refused.Message, exception) { MayBeBilled = refused.Code == EgressCodes.ResponseTooLarge, PromptTokens = promptTokens };
        }

        if (Find<HttpRequestException>(exception) is not null || Find<IOException>(exception) is not null || exception is OperationCanceledException or ClientResultException { Status: 0 })
        {
            return BrokenOff(provider, exception, promptTokens);
        }

        return new ModelException(ModelErrorCodes.BadAnswer, $"What the provider '{provider}' sent cannot be read.", exception) { MayBeBilled = true, PromptTokens = promptTokens };
    }

    /// <summary>The connection failed before anything of an answer came.</summary>
    public static ModelException Unreachable(string provider, Exception? exception) =>
        new(ModelErrorCodes.Unreachable, $"The provider '{provider}' could not be reached, or broke off.", exception) { Retryable = true };

    /// <summary>The connection ended before the answer did. What was made of it until then is billed.</summary>
    public static ModelException BrokenOff(string provider, Exception? exception, long? promptTokens) =>
        new(ModelErrorCodes.Unreachable, $"The provider '{provider}' broke off in the middle of its answer.", exception) { Retryable = true, MayBeBilled = true, PromptTokens = promptTokens };

    /// <summary>The model, or a filter before or behind it, does not want to answer.</summary>
    public static ModelException Refused(string provider, long? promptTokens, long? outputTokens, string? requestId, int? status = null) =>
        new(ModelErrorCodes.Refused, $"The model, or a filter of the provider '{provider}', refused to answer.")
        {
            Status = status,
            MayBeBilled = true,
            PromptTokens = promptTokens,
            OutputTokens = outputTokens,
            RequestId = requestId,
        };

    private static T? Find<T>(Exception exception)
        where T : Exception
    {
        for (Exception? at = exception; at is not null; at = at.InnerException)
        {
            if (at is T found)
            {
                return found;
            }
        }

        return null;
    }
}
