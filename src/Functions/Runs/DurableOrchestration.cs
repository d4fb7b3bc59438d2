using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Countersign.Ledger;
using Countersign.Orchestration;
using Microsoft.DurableTask;

namespace Countersign.Functions.Runs;

/// <summary>
/// What the interpreter may do, done by Durable Functions. Everything in here runs again on every replay: it awaits nothing but
/// the context's own tasks and looks at nothing but their results.
/// </summary>
internal sealed partial class DurableOrchestration(TaskOrchestrationContext context, RunIdentity run, RunInput input, int continueAsNewAfter)
    : IOrchestration, IDisposable
{
    private const int MaxStatus = 8_000;

    private static readonly TimeSpan SkewPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ChildPause = TimeSpan.FromMinutes(1);

    // Only storage and network make an activity fail, so it is repeated until they are back; the step's own policy never sees it.
    private static readonly TaskOptions Patiently = TaskOptions.FromRetryPolicy(
        new RetryPolicy(int.MaxValue, TimeSpan.FromSeconds(1), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromMinutes(1)));

    private readonly TimerScope parking = new(default);
    private readonly Bell asked = new(context, Names.Asked);
    private readonly Dictionary<string, TimerScope> sleeps = new(StringComparer.Ordinal);
    private int askedKnown;
    private int open;
    private int answers;
    private RunFlags flags;

    /// <inheritdoc/>
    public void Dispose() => parking.Dispose();

    /// <inheritdoc/>
    public RunIdentity Run => run;

    /// <inheritdoc/>
    public DateTimeOffset UtcNow { get; private set; }

    /// <inheritdoc/>
    public bool ShouldContinueAsNew => answers >= continueAsNewAfter && open == 0;

    /// <summary>Claims the run.</summary>
    /// <returns>What it starts with; null where this orchestration has no business with it.</returns>
    public async Task<ClaimedRun?> ClaimAsync()
    {
        // A delivery that is repeated after a crash must find its own claim, so the nonce is the instance's. Chance would not do, not even that of the
        // context: a first turn that was cut off after its messages went out is taken again at another time, and draws something else.
        var request = JsonSerializer.SerializeToElement(new ClaimRequest(context.InstanceId, input.Resumes), MessageJson.Default.ClaimRequest);
        return (await ActivityAsync(Names.ClaimRun, request)).Claim;
    }

    /// <summary>Begins, or goes on, as of a time.</summary>
    public void Begin(RunStart start) => (UtcNow, flags) = (start.Started, start.Flags);

    /// <summary>Sets the run aside for an operator.</summary>
    public async Task ParkAsync(Exception cause)
    {
        parking.Cancel();
        await ActivityAsync(Names.ParkRun, JsonSerializer.SerializeToElement(
            cause is ReplayMismatchException mismatch
                ? new ParkRequest(mismatch.Expected, mismatch.Found, null, context.CurrentUtcDateTime)
                : cause is LedgerRefusedException refused
                ? new ParkRequest(null, null, null, context.CurrentUtcDateTime, refused.What)
                : new ParkRequest(null, null, cause is RunFaultException fault ? fault.Kind : cause.GetType().Name, context.CurrentUtcDateTime),
            MessageJson.Default.ParkRequest));
    }

    /// <inheritdoc/>
    public Task<CallAnswer> ExecuteAsync(ExecutionRequest request) =>
        OneAsync(Names.ActivityOf(request.Kind), request, OrchestrationJson.Default.ExecutionRequest);

    /// <inheritdoc/>
    public Task<CallAnswer> WithdrawAsync(WithdrawRequest request) => OneAsync(Names.Withdraw, request, OrchestrationJson.Default.WithdrawRequest);

    /// <inheritdoc/>
    public Task<CallAnswer> EndAsync(EndRequest request) => OneAsync(Names.EndRun, request, OrchestrationJson.Default.EndRequest);

    /// <inheritdoc/>
    public void SetStatus(string status) => context.SetCustomStatus(status.Length <= MaxStatus ? status : status[..MaxStatus]);

    private Task<CallAnswer> OneAsync<T>(string activity, T request, JsonTypeInfo<T> type)
        where T : CallRequest => CallAsync(request.Step.Key, async () =>
        {
            var known = asked.Rings;
            var output = await ActivityAsync(activity, JsonSerializer.SerializeToElement(request, type));
            return Answer(output, request.Step.Key, known)!;
        });

    private async Task<CallAnswer> CallAsync(string key, Func<Task<CallAnswer>> call)
    {
        open++;
        var answer = await call();
        open--;
        answers++;
        flags = answer.Flags | (flags & RunFlags.Cancel);
        UtcNow = answer.At > UtcNow ? answer.At : UtcNow;
        return answer.Key == key ? answer : throw new ReplayMismatchException(run, answer.Key, key);
    }

    // The answer names the call that it answers: Durable itself compares no more than the activity's name and its place in the order.
    private CallAnswer? Answer(CallOutput output, string key, int known)
    {
        if (output.Answer?.Deserialize(OrchestrationJson.Default.CallAnswer) is not { } answer)
        {
            return null;
        }

        askedKnown = Math.Max(askedKnown, known);
        return answer.Key == key ? answer : throw new ReplayMismatchException(run, answer.Key, key);
    }

    private async Task<CallOutput> ActivityAsync(string name, JsonElement? request)
    {
        var output = await context.CallActivityAsync<CallOutput>(name, new CallInput(run.Tenant, run.Id, request, input.Resumes), Patiently);
        return output switch
        {
            { Refused: { } what } => throw new LedgerRefusedException(what),
            { Fault: { } fault } => throw new RunFaultException(fault),
            _ => output,
        };
    }

    private Task TimerAsync(DateTimeOffset at, CancellationToken cancellationToken) =>
        at.UtcDateTime > context.CurrentUtcDateTime ? context.CreateTimer(at.UtcDateTime, cancellationToken) : Task.CompletedTask;
}
