namespace Countersign.Ledger;

/// <summary>
/// Everything that can happen, as <c>noun.verb</c>. A type is never renamed or reused, because old logs keep it. The table in
/// docs/event-types.md is made from these comments.
/// </summary>
public static class EventTypes
{
    /// <summary>A run was accepted, with its definition's hash and its inputs' hash, and is queued.</summary>
    public const string RunCreated = "run.created";

    /// <summary>The run's first activity claimed it.</summary>
    public const string RunStarted = "run.started";

    /// <summary>The run ended with a result.</summary>
    public const string RunCompleted = "run.completed";

    /// <summary>The run ended with an error, after compensation where there was any.</summary>
    public const string RunFailed = "run.failed";

    /// <summary>The run ended because somebody asked for it.</summary>
    public const string RunCanceled = "run.canceled";

    /// <summary>An operator stopped the run from taking further steps.</summary>
    public const string RunPaused = "run.paused";

    /// <summary>An operator let a paused run go on.</summary>
    public const string RunContinued = "run.continued";

    /// <summary>A replay met another order of calls; the run waits for an operator, with expected and found.</summary>
    public const string RunParked = "run.parked";

    /// <summary>Somebody asked for the run to end; what is in flight may still finish.</summary>
    public const string RunCancelRequested = "run.cancel_requested";

    /// <summary>Intent: a step is about to have its effect.</summary>
    public const string StepStarted = "step.started";

    /// <summary>Outcome: a step had its effect, and its result is stored.</summary>
    public const string StepCompleted = "step.completed";

    /// <summary>Outcome: a step's attempt failed, with a typed reason.</summary>
    public const string StepFailed = "step.failed";

    /// <summary>A failed step is tried again, with the attempt's number and the delay before it.</summary>
    public const string StepRetried = "step.retried";

    /// <summary>A wait of a step was closed without an answer, because its run was canceled or its branch ended.</summary>
    public const string StepSkipped = "step.skipped";

    /// <summary>A completed step was undone by its declared compensation.</summary>
    public const string StepCompensated = "step.compensated";

    /// <summary>A step's effect on a remote side has happened (`effect: happened`) or may have happened (`effect: unknown`), and the step has no output of it.</summary>
    public const string StepOutcomeUnknown = "step.outcome_unknown";

    /// <summary>Intent: a model is about to be asked, with provider, model and template.</summary>
    public const string AiRequested = "ai.requested";

    /// <summary>A model answered: provider, model, template, tokens, latency, retries, cost.</summary>
    public const string AiResponse = "ai.response";

    /// <summary>A model's answer broke its schema and it was asked again with the errors.</summary>
    public const string AiRepair = "ai.repair";

    /// <summary>A model gave no usable answer; what was billed nevertheless is named.</summary>
    public const string AiFailed = "ai.failed";

    /// <summary>A remote interface answered, with status and latency.</summary>
    public const string ApiResponse = "api.response";

    /// <summary>A remote interface could not be reached, or refused for good.</summary>
    public const string ApiFailed = "api.failed";

    /// <summary>People were asked to decide, bound to the hash of what they are shown.</summary>
    public const string ApprovalRequested = "approval.requested";

    /// <summary>An approver took the decision on.</summary>
    public const string ApprovalClaimed = "approval.claimed";

    /// <summary>An approver handed the decision to somebody else.</summary>
    public const string ApprovalDelegated = "approval.delegated";

    /// <summary>Approvers were reminded, with the reminder's number.</summary>
    public const string ApprovalReminded = "approval.reminded";

    /// <summary>The decision was put before the next person, as declared.</summary>
    public const string ApprovalEscalated = "approval.escalated";

    /// <summary>One approver's vote was counted.</summary>
    public const string ApprovalVoted = "approval.voted";

    /// <summary>The votes reached a decision, approved or rejected.</summary>
    public const string ApprovalDecided = "approval.decided";

    /// <summary>The deadline passed without a decision, and the declared consequence applies.</summary>
    public const string ApprovalExpired = "approval.expired";

    /// <summary>A decision was given on something other than what the approval shows: it does not count.</summary>
    public const string ApprovalVoided = "approval.voided";

    /// <summary>A person asked or answered something about a waiting approval. The entry has the text redacted; the approval shows it in full.</summary>
    public const string ApprovalMessage = "approval.message";

    /// <summary>A link was made by which its addressee acts on a task without signing in.</summary>
    public const string TaskLinkMade = "task.link_made";

    /// <summary>A link to a task was used for another task, or after it had expired. Once for each link.</summary>
    public const string TaskLinkRefused = "task.link_refused";

    /// <summary>A person was asked to fill in a form.</summary>
    public const string FormRequested = "form.requested";

    /// <summary>A form was filled in and passed its schema.</summary>
    public const string FormSubmitted = "form.submitted";

    /// <summary>The people of a form were reminded, with the reminder's number.</summary>
    public const string FormReminded = "form.reminded";

    /// <summary>The form was put before the next person, as declared.</summary>
    public const string FormEscalated = "form.escalated";

    /// <summary>A person asked or answered something about a waiting form. The entry has the text redacted; the form shows it in full.</summary>
    public const string FormMessage = "form.message";

    /// <summary>The deadline passed without the form being filled in.</summary>
    public const string FormExpired = "form.expired";

    /// <summary>The run waits for an event or a time.</summary>
    public const string WaitOpened = "wait.opened";

    /// <summary>The event that was waited for arrived.</summary>
    public const string WaitEventReceived = "wait.event_received";

    /// <summary>A person tried to act on a wait in a way that its rules forbid: on their own request, without being named, a second time, or by handing the vote to a person who cannot act.</summary>
    public const string WaitRefused = "wait.refused";

    /// <summary>An event came before the step that waits for it; the run keeps it for that step.</summary>
    public const string WaitEventKept = "wait.event_kept";

    /// <summary>No step took a kept event in time; it is deleted.</summary>
    public const string WaitEventDropped = "wait.event_dropped";

    /// <summary>The time that was waited for has come.</summary>
    public const string WaitElapsed = "wait.elapsed";

    /// <summary>A step waits in line for a lock that another one holds.</summary>
    public const string LockQueued = "lock.queued";

    /// <summary>A step was given a lock, and until when it holds it at the longest.</summary>
    public const string LockAcquired = "lock.acquired";

    /// <summary>A step let go of a lock, because it has ended or because its run was parked.</summary>
    public const string LockReleased = "lock.released";

    /// <summary>A step held a lock for longer than it may, and the lock passed on; the step's outcome is recorded all the same.</summary>
    public const string LockExpired = "lock.expired";

    /// <summary>A step waited in line for a lock for as long as it may, and did not get it.</summary>
    public const string LockTimedOut = "lock.timed_out";

    /// <summary>A run started another run as its child.</summary>
    public const string ChildStarted = "child.started";

    /// <summary>A child run ended and gave its parent what it declared.</summary>
    public const string ChildCompleted = "child.completed";

    /// <summary>A workflow's first version was stored.</summary>
    public const string WorkflowCreated = "workflow.created";

    /// <summary>A workflow's next version was stored.</summary>
    public const string WorkflowUpdated = "workflow.updated";

    /// <summary>A workflow takes no more runs.</summary>
    public const string WorkflowDeleted = "workflow.deleted";

    /// <summary>A version of a prompt template was stored.</summary>
    public const string TemplateCreated = "template.created";

    /// <summary>A version of a prompt template was made the one that is meant where a step names none.</summary>
    public const string TemplatePromoted = "template.promoted";

    /// <summary>A key was not accepted, with the reason; many within a minute are one entry with their count.</summary>
    public const string AuthRefused = "auth.refused";

    /// <summary>A known principal requested what its roles do not allow, or named another tenant; many within a minute are one entry with their count.</summary>
    public const string AccessDenied = "access.denied";

    /// <summary>A key was made; only its hash is kept.</summary>
    public const string ApiKeyCreated = "api_key.created";

    /// <summary>A key works no longer.</summary>
    public const string ApiKeyRevoked = "api_key.revoked";

    /// <summary>A secret was set or bound to other origins: its name and its origins, never its value.</summary>
    public const string SecretSet = "secret.set";

    /// <summary>A secret was deleted, by name.</summary>
    public const string SecretDeleted = "secret.deleted";

    /// <summary>An executor read a secret, by name; never its value.</summary>
    public const string SecretResolved = "secret.resolved";

    /// <summary>A content-addressed payload was stored.</summary>
    public const string ArtifactStored = "artifact.stored";

    /// <summary>A person or an agent was given an artifact.</summary>
    public const string ArtifactRead = "artifact.read";

    /// <summary>A link was made by which whoever holds it reads an artifact until the link expires.</summary>
    public const string ArtifactLinkMade = "artifact.link_made";

    /// <summary>A rate or a quota refused a request, with the limit's name.</summary>
    public const string LimitReached = "limit.reached";
}
