using System.Globalization;
using System.Net;
using System.Text.Json;
using Countersign.Egress;
using Countersign.Steps;

namespace Countersign.Ai;

/// <summary>
/// Turns a provider's refusal into a <see cref="ModelException"/> before a client library sees it, because the libraries
/// do not pass on how long to wait.
/// </summary>
internal sealed class ModelFailureHandler(HttpMessageHandler inner, string provider, TimeProvider time) : DelegatingHandler(inner)
{
    private const double MostMilliseconds = 24 * 3600 * 1000;
    private const string ContentFilter = "content_filter";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly string[] RequestIds = ["request-id", "x-request-id", "apim-request-id"];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        TraceHeader.Stamp(request);
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException && !cancellationToken.IsCancellationRequested)
        {
            // Nothing of an answer came, so that nothing is known to be billed.
            throw ModelFailure.Unreachable(provider, exception);
        }

        if ((int)response.StatusCode < 400)
        {
            return await AnswerAsync(response, cancellationToken);
        }

        using (response)
        {
            throw await RefusalAsync(response, cancellationToken);
        }
    }

    /// <summary>What an error means that came without a status of its own, in an answer of 200 or in the middle of a stream. Nothing of it is billed.</summary>
    public ModelException Told(ToldError error)
    {
        var status = error.Meant();
        return new ModelException(Meaning(status), $"The provider '{provider}' answered with an error{(error.Word is null ? "" : $" ({error.Word})")}.")
        {
            Status = status,
            Retryable = IsRetryable((HttpStatusCode)status) && error.Word != "insufficient_quota",
        };
    }

    /// <summary>Reads the JSON of an answer, or of a part of one.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="ModelException">It says that there is no answer, or an object has a member twice, so that two readers would read two answers.</exception>
    public JsonDocument Parse(byte[] body)
    {
        var document = JsonDocument.Parse(body);
        try
        {
            if (ToldError.In(document.RootElement) is { } error)
            {
                throw Told(error);
            }

            using var strict = JsonDocument.Parse(body, Strict);
            return document;
        }
        catch (JsonException exception)
        {
            document.Dispose();
            throw new ModelException(ModelErrorCodes.BadAnswer, $"What the provider '{provider}' sent has an object with the same member twice.", exception) { MayBeBilled = true };
        }
        catch (Exception)
        {
            document.Dispose();
            throw;
        }
    }

    // Some servers answer 200 and say in the body that there is no answer.
    private async Task<HttpResponseMessage> AnswerAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType is not { } type || !type.EndsWith("json", StringComparison.OrdinalIgnoreCase))
        {
            return response;
        }

        byte[] body;
        try
        {
            body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            response.Dispose();
            throw ModelFailure.From(exception, provider);
        }

        if (ErrorIn(body) is { } error)
        {
            response.Dispose();
            throw error.Word == ContentFilter ? ModelFailure.Refused(provider, null, null, null) : Told(error);
        }

        var read = new ByteArrayContent(body);
        foreach (var (name, values) in response.Content.Headers.NonValidated)
        {
            read.Headers.TryAddWithoutValidation(name, values);
        }

        response.Content = read;
        return response;
    }

    private static ToldError? ErrorIn(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return ToldError.In(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private async Task<ModelException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var code = ErrorIn(await response.Content.ReadAsByteArrayAsync(cancellationToken))?.Word;
        var requestId = RequestIds.Select(name => Header(response, name)).FirstOrDefault(id => id is not null);
        if (status == 400 && code == ContentFilter)
        {
            // The filter read the question, which is billed.
            return ModelFailure.Refused(provider, null, null, requestId, status);
        }

        return new ModelException(Meaning(status), $"The provider '{provider}' answered {status}{(code is null ? "" : $" ({code})")}.")
        {
            Status = status,
            Retryable = IsRetryable(response.StatusCode) && code != "insufficient_quota",
            RetryAfter = RetryAfter(response),
            RequestId = requestId,
            MayBeBilled = status == 408,
        };
    }

    // Azure tells it in milliseconds as well, of which the whole seconds are a rounding.
    private TimeSpan? RetryAfter(HttpResponseMessage response) =>
        double.TryParse(Header(response, "retry-after-ms"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds < MostMilliseconds
            ? TimeSpan.FromMilliseconds(milliseconds)
            : ApiErrors.RetryAfter(response, time.GetUtcNow());

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.First() : null;

    // The handler below belongs to the host and serves other clients as well.
#pragma warning disable CA2215
    protected override void Dispose(bool disposing)
    {
    }
#pragma warning restore CA2215

    private static string Meaning(int status) => status switch
    {
        429 => ModelErrorCodes.RateLimited,
        408 or 409 or >= 500 => ModelErrorCodes.Unavailable,
        _ => ModelErrorCodes.Rejected,
    };

    private static bool IsRetryable(HttpStatusCode status) => (int)status is 408 or 409 or 429 or >= 500;
}
