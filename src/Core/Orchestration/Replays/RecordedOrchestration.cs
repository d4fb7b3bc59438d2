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
            if (next != 0 && EndRest(answers[0].Key, keys))
            {
                continue;
            }

            if (next < 0)
            {
                return;
            }

            var answer = answers[next];
            answers.RemoveAt(next);
            Give(answer);
        }
    }

    // The next answer is to a call that was not made yet, so a rest came first whose end is on no record: the sleep before that very attempt, or a
    // hold, which ends for all at once, or the sleep that is over first.
    private bool EndRest(string next, HashSet<string> recorded)
    {
        var lasting = resting.FindAll(rest => open.ContainsKey(rest.Key) && !recorded.Contains(rest.Key));
        var before = lasting.FindAll(rest => rest.Until is not null && VisitOf(rest.Key) == VisitOf(next));
        var ended = before.Count > 0 ? before : lasting.FindAll(rest => rest.Until is null);
        ended = ended.Count > 0 ? ended : [.. lasting.OrderBy(rest => rest.Until).Take(1)];
        ended.ForEach(Wake);
        return ended.Count > 0;
    }

    private static string VisitOf(string key) => key[..key.LastIndexOf(':')];

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
