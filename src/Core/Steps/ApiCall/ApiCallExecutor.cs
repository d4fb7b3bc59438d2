using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Canonical;
using Countersign.Egress;
using Countersign.Expressions;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Schemas;
using Countersign.Secrets;

namespace Countersign.Steps;

/// <summary>
/// Executes <c>api_call</c>: renders the request with the tenant's secrets, sends it once through the egress point, and gives back the
/// response's body. Everything that leaves it — output, error, entries — is cleaned of the secrets that it used.
/// </summary>
/// <param name="egress">Opens connections; not disposed of here.</param>
/// <param name="secrets">Where secrets are.</param>
/// <param name="time">For durations, and for dates in <c>Retry-After</c>.</param>
#pragma warning disable CA1001 // The invoker holds nothing of its own: the handler is the host's.
public sealed class ApiCallExecutor(EgressHandler egress, ISecretStore secrets, TimeProvider time) : IStepExecutor
#pragma warning restore CA1001
{
    private readonly HttpMessageInvoker http = new(egress, disposeHandler: false);

    /// <inheritdoc/>
    public string Kind => "api_call";

    /// <inheritdoc/>
    public bool HasOutsideEffects => true;

    /// <inheritdoc/>
    public async ValueTask<ExecutorResult> ExecuteAsync(StepExecution execution, CancellationToken cancellationToken)
    {
        var scope = new SecretScope(execution.Scope, execution.Run.Tenant, secrets);
        ExecutorResult result;
        try
        {
            result = await CallAsync(execution, scope, cancellationToken);
        }
        catch (StepFailedException exception)
        {
            result = ExecutorResult.Failed(exception.Error);
        }
        catch (ExpressionException exception)
        {
            result = ExecutorResult.Failed(exception.Code == ApiErrorCodes.BadUrl ? ApiErrors.BadUrl(exception.Error.Message) : StepErrors.Expression(exception));
        }
        catch (CanonicalJsonException exception)
        {
            result = ExecutorResult.Failed(StepErrors.From(exception));
        }

        return Cleaned(result, scope);
    }

    private async ValueTask<ExecutorResult> CallAsync(StepExecution execution, SecretScope scope, CancellationToken cancellationToken)
    {
        var step = (ApiCallStep)execution.Step;
        var fields = await scope.RenderAsync(secret => ApiFields.Render(step, secret), cancellationToken);
        using var request = ApiRequest.Make(step, fields, execution.IdempotencyKey);
        request.Options.Set(EgressRequest.Secrets, CheckedBounds(step, scope, request.RequestUri!));
        using var trace = CallTrace.Begin(execution);
        TraceHeader.Stamp(request);
        var call = new ApiCallRecord(step.Method, request.RequestUri!, time);
        var effect = new ApiEffect(execution, step);
        request.Options.Set(EgressRequest.Redirected, effect.Redirected);
        StepError error;
        try
        {
            effect.Sending();
            using var response = await http.SendAsync(request, cancellationToken);
            call.Begun((int)response.StatusCode);
            return await ReadAsync(execution, step, response, call, effect, cancellationToken);
        }
        catch (EgressRefusedException exception)
        {
            error = effect.On(ApiErrors.From(exception), exception.Status);
        }
        catch (HttpRequestException exception)
        {
            error = ApiErrors.Unreachable(call.Origin, Words(exception.HttpRequestError));
            error = WasSent(exception.HttpRequestError) ? effect.OnNoAnswer(error) : effect.On(error);
        }
        catch (IOException)
        {
            error = effect.OnNoAnswer(ApiErrors.Unreachable(call.Origin, "the connection broke off"));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            error = effect.On(ApiErrors.Unreachable(call.Origin, "no connection within the time limit"));
        }
        catch (StepFailedException exception) when (effect.IsKnown)
        {
            // A secret that is not bound to the origin of a redirect refuses the redirect, not the request before it.
            error = effect.On(exception.Error);
        }

        return ExecutorResult.Failed(error) with { Entries = [call.Failure(error)] };
    }

    // From here on the status is known: what goes wrong with the body changes nothing of what the remote side did.
    private async ValueTask<ExecutorResult> ReadAsync(
        StepExecution execution, ApiCallStep step, HttpResponseMessage response, ApiCallRecord call, ApiEffect effect, CancellationToken cancellationToken)
    {
        var isExpected = IsExpected(step, (int)response.StatusCode);
        effect.Answered((int)response.StatusCode);
        StepError error;
        try
        {
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            call.Answered(response, body.Length);
            return isExpected
                ? ExecutorResult.Done(ApiResponse.Read(body, response, step, Schema(execution, step))) with { Response = ApiResponse.Head(response), Entries = [call.Entry()] }
                : ExecutorResult.Failed(effect.On(ApiErrors.OfStatus(call.Origin, response, ApiResponse.Excerpt(body, response), time.GetUtcNow()))) with { Entries = [call.Entry()] };
        }
        catch (StepFailedException exception)
        {
            error = exception.Error;
        }
        catch (Exception exception) when (exception is EgressRefusedException or HttpRequestException or IOException or InvalidDataException or InvalidOperationException)
        {
            error = Unreadable(call, exception);
        }

        error = effect.On(isExpected
            ? error with { Response = ApiResponse.Head(response) }
            : ApiErrors.OfStatus(call.Origin, response, null, time.GetUtcNow()));
        return ExecutorResult.Failed(error) with { Entries = call.HasAnswer ? [call.Entry()] : [call.Failure(error)] };
    }

    private static StepError Unreadable(ApiCallRecord call, Exception exception) => exception switch
    {
        EgressRefusedException refused => ApiErrors.From(refused),
        HttpRequestException http when EgressRefusedException.In(http) is { } refused => ApiErrors.From(refused),
        HttpRequestException http when http.InnerException is not (InvalidDataException or InvalidOperationException) => ApiErrors.Unreachable(call.Origin, Words(http.HttpRequestError)),
        InvalidDataException or InvalidOperationException or HttpRequestException => ApiErrors.BadEncoding(call.Origin),
        _ => ApiErrors.Unreachable(call.Origin, "the connection broke off"),
    };

    private static bool WasSent(HttpRequestError error) => error is not (
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
        or HttpRequestError.ProxyTunnelError or HttpRequestError.VersionNegotiationError);

    // A host that is made of a secret would be resolved, logged and shown, in lower case or in ASCII form. A secret that holds a whole URL
    // is bound to that URL's origin, which is no secret then.
    private static SecretBounds CheckedBounds(ApiCallStep step, SecretScope scope, Uri url)
    {
        var bounds = scope.Bounds;
        if (!bounds.Allow(Origin.Of(url)) && OriginOf(step, scope.WithStandIns()) != Origin.Of(url))
        {
            throw ApiErrors.Refused(
                SecretCodes.InOrigin,
                $"The scheme, the host or the port of 'url' depends on a secret ({string.Join(", ", scope.Names)}) that is not bound to that origin.");
        }

        return bounds;
    }

    private static Origin? OriginOf(ApiCallStep step, ISecretScope scope)
    {
        try
        {
            return step.Url.RenderUrl(scope) is { ValueKind: JsonValueKind.String } text && Uri.TryCreate(text.GetString(), UriKind.Absolute, out var url)
                ? Origin.Of(url)
                : null;
        }
        catch (ExpressionException)
        {
            return null;
        }
    }

    private static ExecutorResult Cleaned(ExecutorResult result, SecretScope scope)
    {
        var used = scope.Names.Select(name => new ExecutorEntry(EventTypes.SecretResolved, name, new LogPayload().Add("name", name)));
        var entries = used.Concat(result.Entries).ToImmutableArray();
        if (scope.Values.IsEmpty)
        {
            return result with { Entries = entries };
        }

        return result with
        {
            Output = result.Output is { } output ? scope.Values.Scrub(output) : null,
            Response = Kept(result.Response, scope),
            Error = result.Error is { } error ? Cleaned(error, scope) : null,
            Entries = [.. entries.Select(entry => new ExecutorEntry(entry.Type, entry.Discriminator, scope.Values.Scrub(entry.Payload)))],
        };
    }

    private static StepError Cleaned(StepError error, SecretScope scope) => error with
    {
        Detail = error.Detail is { } detail ? scope.Values.Scrub(detail) : null,
        Response = Kept(error.Response, scope),
        Body = Kept(error.Body, scope),
    };

    // A remote side may echo a value that is percent-encoded in part, in which no form of it is found: then nothing of it is kept.
    private static JsonElement? Kept(JsonElement? value, SecretScope scope)
    {
        if (value is not { } given)
        {
            return null;
        }

        var clean = scope.Values.Scrub(given);
        var decoded = Uri.UnescapeDataString(clean.GetRawText());
        return scope.Values.Scrub(decoded) == decoded ? clean : null;
    }

    internal static bool IsExpected(ApiCallStep step, int status) =>
        step.Expect.IsDefaultOrEmpty ? status is >= 200 and <= 299 : step.Expect.Any(match => match.Matches(status));

    private static JsonSchema? Schema(StepExecution execution, ApiCallStep step) =>
        step.Schema is { } source ? execution.Definition.FindSchema(step.Id) ?? JsonSchema.Compile(source) : null;

    private static string Words(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError => "the host's name cannot be resolved",
        HttpRequestError.ConnectionError => "no connection",
        HttpRequestError.SecureConnectionError => "no secure connection",
        HttpRequestError.ConfigurationLimitExceeded => "the response's headers are too large",
        HttpRequestError.InvalidResponse => "the response is not HTTP",
        _ => "the connection broke off",
    };
}
