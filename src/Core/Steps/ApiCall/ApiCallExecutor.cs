using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Canonical;
using Countersign.Egress;
using Countersign.Expressions;
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
        using var trace = CallTrace.Begin(execution);
        TraceHeader.Stamp(request);
        var call = new ApiCallRecord(step.Method, request.RequestUri!, time);
        StepError error;
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            call.Answered(response, body.Length);
            return IsExpected(step, (int)response.StatusCode)
                ? ExecutorResult.Done(ApiResponse.Read(body, response.Content.Headers.ContentType, Schema(execution, step))) with { Entries = [call.Entry()] }
                : ExecutorResult.Failed(ApiErrors.OfStatus(call.Origin, response, time.GetUtcNow())) with { Entries = [call.Entry()] };
        }
        catch (EgressRefusedException exception)
        {
            error = ApiErrors.From(exception);
        }
        catch (StepFailedException exception)
        {
            error = exception.Error;
        }
        catch (HttpRequestException exception)
        {
            error = ApiErrors.Unreachable(call.Origin, Words(exception.HttpRequestError));
        }
        catch (IOException)
        {
            error = ApiErrors.Unreachable(call.Origin, "the connection broke off");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            error = ApiErrors.Unreachable(call.Origin, "no connection within the time limit");
        }

        return ExecutorResult.Failed(error) with { Entries = call.HasAnswer ? [call.Entry()] : [call.Failure(error)] };
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
            Error = result.Error is { } error ? error with { Detail = error.Detail is { } detail ? scope.Values.Scrub(detail) : null } : null,
            Entries = [.. entries.Select(entry => new ExecutorEntry(entry.Type, entry.Discriminator, scope.Values.Scrub(entry.Payload)))],
        };
    }

    private static bool IsExpected(ApiCallStep step, int status) =>
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
