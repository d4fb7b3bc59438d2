using Countersign.Language;
using Countersign.Steps;

namespace Countersign.Orchestration;

/// <summary>Which control does which kind of step; a kind that is not named here is done by its executor.</summary>
internal static class StepControls
{
    private static readonly ExecutorControl Executor = new();
    private static readonly SetControl Set = new();
    private static readonly ConditionalControl Conditional = new();
    private static readonly SwitchControl Switch = new();
    private static readonly FailControl Fail = new();
    private static readonly ParallelControl Parallel = new();
    private static readonly ForEachControl ForEach = new();
    private static readonly CallWorkflowControl CallWorkflow = new();
    private static readonly ApprovalControl Approval = new();
    private static readonly FormControl Form = new();
    private static readonly WaitControl Wait = new();

    public static StepControl For(Step step) => step switch
    {
        SetStep => Set,
        ConditionalStep => Conditional,
        SwitchStep => Switch,
        FailStep => Fail,
        ParallelStep => Parallel,
        ForEachStep => ForEach,
        CallWorkflowStep => CallWorkflow,
        ApprovalStep => Approval,
        FormStep => Form,
        WaitStep => Wait,
        _ => Executor,
    };
}
