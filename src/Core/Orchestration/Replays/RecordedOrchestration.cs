namespace Countersign.Orchestration;

/// <summary>Answers an interpretation with what is on record and does nothing: it comes as far as the run had come when the records were read.</summary>
internal sealed class RecordedOrchestration(RunIdentity run, DateTimeOffset started) : IOrchestration
{
    private readonly Dictionary<string, TaskCompletionSource<CallAnswer>> open = new(StringComparer.Ordinal);

    // Sleeps, which end at a time, and holds, which end together, in the order in which they began. Not every engine leaves a record of their ends.
    private readonly List<(string Key, DateTimeOffset? Until)> resting = [];

    public RunIdentity Run { get; } = run;

    public DateTimeOffset UtcNow { get; private set; } = started;

    public bool ShouldContinueAsNew => false;

    public Task<CallAnswer> ExecuteAsync(ExecutionRequest request) => Open(request.Step.Key);

    public Task<CallAnswer> WaitAsync(WaitRequest request) => Open(request.Step.Key);

    public Task<CallAnswer> CallChildAsync(ChildRequest request) => Open(request.Step.Key);

    public Task<CallAnswer> SleepAsync(StepRef step, DateTimeOffset until) => Rest(step.SleepKey, until);

    public void EndSleep(StepRef step) => open.Remove(step.SleepKey);

    public Task<CallAnswer> HoldAsync(StepRef step) => Rest(step.Key, null);

    public Task<CallAnswer> WithdrawAsync(WithdrawRequest request) => Open(request.Step.Key);

    public Task<CallAnswer> EndAsync(EndRequest request) => Open(request.Step.Key);

    public void SetStatus(string status)
    {
    }

    /// <summary>Gives the interpretation, which has begun, its answers, until no recorded one is wanted any more.</summary>
    public void Play(IReadOnlyList<CallAnswer> recorded)
    {
        var answers = recorded.ToList();
        var keys = recorded.Select(answer => answer.Key).ToHashSet(StringComparer.Ordinal);
        while (answers.Count > 0)
        {
            var next = answers.FindIndex(answer => open.ContainsKey(answer.Key));
            if (next >= 0 && SleepOver(keys, answers[next].At) is { } woken)
            {
                Wake(woken);
            }
            else if (next >= 0)
            {
                var answer = answers[next];
                answers.RemoveAt(next);
                Give(answer);
            }
            else if (!EndRest(keys))
            {
                return;
            }
        }
    }

    // Nothing recorded is wanted, and the run went on: it was continued, or the sleep that ends first is over.
    private bool EndRest(HashSet<string> recorded)
    {
        var holds = resting.Where(rest => rest.Until is null && open.ContainsKey(rest.Key) && !recorded.Contains(rest.Key)).ToList();
        foreach (var hold in holds)
        {
            Wake(hold);
        }

        if (holds.Count == 0 && SleepOver(recorded, DateTimeOffset.MaxValue) is { } woken)
        {
            Wake(woken);
            return true;
        }

        return holds.Count > 0;
    }

    private (string Key, DateTimeOffset? Until)? SleepOver(HashSet<string> recorded, DateTimeOffset now)
    {
        var over = resting.Where(rest => rest.Until <= now && open.ContainsKey(rest.Key) && !recorded.Contains(rest.Key)).ToList();
        return over.Count == 0 ? null : over.MinBy(rest => rest.Until);
    }

    private void Wake((string Key, DateTimeOffset? Until) rest)
    {
        resting.Remove(rest);
        Give(new CallAnswer { Key = rest.Key, Result = CallResult.Succeeded, At = rest.Until ?? UtcNow });
    }

    private Task<CallAnswer> Open(string key) => (open[key] = new TaskCompletionSource<CallAnswer>()).Task;

    private Task<CallAnswer> Rest(string key, DateTimeOffset? until)
    {
        resting.Add((key, until));
        return Open(key);
    }

    private void Give(CallAnswer answer)
    {
        open.Remove(answer.Key, out var call);
        UtcNow = answer.At > UtcNow ? answer.At : UtcNow;
        call!.SetResult(answer);
    }
}
