namespace Countersign.Orchestration;

/// <summary>Answers an interpretation with what is on record and does nothing: it comes as far as the run had come when the records were read.</summary>
internal sealed class RecordedOrchestration(RunIdentity run, DateTimeOffset started) : IOrchestration
{
    private readonly Dictionary<string, TaskCompletionSource<CallAnswer>> open = new(StringComparer.Ordinal);

    // Sleeps and holds in the order in which they began: not every engine leaves a record of their end.
    private readonly List<string> resting = [];

    public RunIdentity Run { get; } = run;

    public DateTimeOffset UtcNow { get; private set; } = started;

    public bool ShouldContinueAsNew => false;

    public Task<CallAnswer> ExecuteAsync(ExecutionRequest request) => Open(request.Step.Key);

    public Task<CallAnswer> WaitAsync(WaitRequest request) => Open(request.Step.Key);

    public Task<CallAnswer> CallChildAsync(ChildRequest request) => Open(request.Step.Key);

    public Task<CallAnswer> SleepAsync(StepRef step, DateTimeOffset until) => Rest(step.SleepKey);

    public void EndSleep(StepRef step) => open.Remove(step.SleepKey);

    public Task<CallAnswer> HoldAsync(StepRef step) => Rest(step.Key);

    public Task<CallAnswer> WithdrawAsync(WithdrawRequest request) => Open(request.Step.Key);

    public Task<CallAnswer> EndAsync(EndRequest request) => Open(request.Step.Key);

    public void SetStatus(string status)
    {
    }

    /// <summary>Gives the interpretation, which has begun, its answers, until no recorded one is wanted any more.</summary>
    public void Play(IEnumerable<CallAnswer> recorded)
    {
        var answers = recorded.ToList();
        while (answers.Count > 0)
        {
            var next = answers.FindIndex(answer => open.ContainsKey(answer.Key));
            if (next >= 0)
            {
                var answer = answers[next];
                answers.RemoveAt(next);
                Give(answer);
            }
            else if (resting.Find(open.ContainsKey) is { } key)
            {
                // The run went on, so what it rested for is over.
                Give(new CallAnswer { Key = key, Result = CallResult.Succeeded, At = UtcNow });
            }
            else
            {
                return;
            }
        }
    }

    private Task<CallAnswer> Open(string key) => (open[key] = new TaskCompletionSource<CallAnswer>()).Task;

    private Task<CallAnswer> Rest(string key)
    {
        resting.Add(key);
        return Open(key);
    }

    private void Give(CallAnswer answer)
    {
        open.Remove(answer.Key, out var call);
        UtcNow = answer.At > UtcNow ? answer.At : UtcNow;
        call!.SetResult(answer);
    }
}
