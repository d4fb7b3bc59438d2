using System.Net;
using System.Text.Json;
using Countersign.Orchestration;
using Countersign.Steps;

namespace Countersign.Engine.Tests.Runs;

internal static class TestExecutors
{
    public static System.Collections.Immutable.ImmutableArray<IStepExecutor> All(string remote) => [new Emit(), new Api()];

    private sealed class Emit : IStepExecutor
    {
        public string Kind => "emit";
        public bool HasOutsideEffects => false;
        public ValueTask<ExecutorResult> ExecuteAsync(StepExecution execution, CancellationToken cancellationToken)
        {
            var step = (EmitStep)execution.Step;
            var data = step.Data?.Render(execution.Scope) ?? JsonElement.Parse("{}");
            return new(new ExecutorResult { Output = data, Entries = [new ExecutorEntry(step.Event, null, data)] });
        }
    }

    private sealed class Api : IStepExecutor
    {
        private static readonly HttpClient Client = new();
        public string Kind => "api_call";
        public bool HasOutsideEffects => true;
        public async ValueTask<ExecutorResult> ExecuteAsync(StepExecution execution, CancellationToken cancellationToken)
        {
            var step = (ApiCallStep)execution.Step;
            using var request = new HttpRequestMessage(new HttpMethod(step.Method), step.Url.Render(execution.Scope).GetString());
            if (step.Body is { } body) request.Content = new StringContent(body.Render(execution.Scope).GetRawText());
            if (step.Idempotent) request.Headers.Add("Idempotency-Key", execution.IdempotencyKey);
            using var response = await Client.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.IsSuccessStatusCode
                ? ExecutorResult.Done(JsonElement.Parse(text))
                : ExecutorResult.Failed(new StepError { Type = "api.status", Title = "x", Status = (int)response.StatusCode, Retryable = response.StatusCode is HttpStatusCode.ServiceUnavailable });
        }
    }
}
