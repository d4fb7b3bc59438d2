using Countersign.Language;

namespace Countersign.Orchestration;

/// <summary>What all steps that wait have in common.</summary>
internal static class Waiting
{
    /// <summary>Opens the wait and waits.</summary>
    /// <exception cref="InterpretationStopped">The run was canceled meanwhile.</exception>
    public static async Task<CallAnswer> ForAsync(Frame frame, Step step, StepRef at)
    {
        var answer = await OpenAsync(frame, step, at);
        return answer.Result is CallResult.Canceled ? throw new InterpretationStopped() : answer;
    }

    /// <summary>Opens the wait and waits, also where the answer is that it was withdrawn.</summary>
    public static Task<CallAnswer> OpenAsync(Frame frame, Step step, StepRef at) => OpenAsync(frame, new WaitRequest
    {
        Step = at,
        StepId = step.Id,
        Pin = frame.Turn.Start.Pin,
        Scope = frame.Scope(step),
        Pending = frame.TakePending(),
    });

    /// <summary>Opens a wait and waits, also where the answer is that it was withdrawn.</summary>
    public static async Task<CallAnswer> OpenAsync(Frame frame, WaitRequest request)
    {
        frame.Turn.OpenWaits.Add(request.Step.Key);
        var answer = frame.Turn.Seen(await frame.Turn.Orchestration.WaitAsync(request));
        frame.Turn.OpenWaits.Remove(request.Step.Key);
        return answer;
    }

    /// <summary>Where a wait leads whose deadline came first.</summary>
    public static StepResult Expired(Frame frame, Step step, StepRef at, TimeoutAction action, string noun) => action.Kind switch
    {
        TimeoutActionKind.Goto => StepResult.GoWithoutOutput(action.Step),
        _ => StepResult.Fail(new()
        {
            Type = $"{noun}.expired",
            Title = "Nobody answered in time",
            Detail = $"Step '{step.Id}' was not answered before its deadline.",
            Status = 408,
            Instance = $"{frame.Turn.Orchestration.Run.Id}/{at.VisitKey}",
        }),
    };
}
