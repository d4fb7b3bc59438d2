using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Expressions;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>The only code with side effects: does what one kind of step is for, once.</summary>
/// <remarks>An executor may be run again for the same call after a crash. It keeps no state between executions.</remarks>
public interface IStepExecutor
{
    /// <summary>The step kind that it executes, as it stands in a definition.</summary>
    string Kind { get; }

    /// <summary>
    /// Whether an execution reaches outside. If so an intent is committed before it; if not, the intent is skipped and the
    /// step costs one commit.
    /// </summary>
    bool HasOutsideEffects { get; }

    /// <summary>Executes the step once.</summary>
    /// <param name="execution">What to do, for whom, with which values.</param>
    /// <param name="cancellationToken">Fires when the step's time is up, or the host stops.</param>
    /// <returns>What came of it. A step's own failure is a result; anything thrown becomes <c>step.internal-error</c>, which is not retried,
    /// unless it is a <see cref="StepFailedException"/>.</returns>
    ValueTask<ExecutorResult> ExecuteAsync(StepExecution execution, CancellationToken cancellationToken);
}

/// <summary>One execution of a step.</summary>
public sealed record StepExecution
{
    /// <summary>The run.</summary>
    public required RunIdentity Run { get; init; }

    /// <summary>Path, visit and attempt.</summary>
    public required StepRef Ref { get; init; }

    /// <summary>The execution's number, from 1; above 1 an earlier one was cut off and its outcome is unknown.</summary>
    public required int Number { get; init; }

    /// <summary>Who asked for the run, by opaque id; empty where nobody is known.</summary>
    public string Requester { get; init; } = "";

    /// <summary>The step as it is defined.</summary>
    public required Step Step { get; init; }

    /// <summary>The definition that the run is pinned to.</summary>
    public required Definition Definition { get; init; }

    /// <summary>The names that the step's templates may read.</summary>
    public required IExpressionScope Scope { get; init; }

    /// <summary>
    /// Notes an entry as it happens, to be committed with the outcome: also where the execution is then cut off by its time limit, so that
    /// what was billed is logged.
    /// </summary>
    public Action<ExecutorEntry> Note { get; init; } = _ => { };

    /// <summary>
    /// Notes what is known of the step's effect on a remote side: <see cref="StepEffect.Unknown"/> when the request is about to be sent. An
    /// execution that is cut off later leaves that on record.
    /// </summary>
    public Action<StepEffect> NoteEffect { get; init; } = _ => { };

    /// <summary>
    /// The trace that calls to the outside belong to, as a <c>traceparent</c> of W3C Trace Context; null for the run's own, whose trace id is the
    /// run's id.
    /// </summary>
    public string? TraceParent { get; init; }

    /// <summary>
    /// What a remote side may recognise a repetition by: the same over attempts and executions, different for every
    /// loop visit and <c>foreach</c> item.
    /// </summary>
    public string IdempotencyKey => $"{Run.Id}:{Ref.VisitKey}";
}

/// <summary>What came of an execution.</summary>
public sealed record ExecutorResult
{
    /// <summary>The step's output; ignored where <see cref="Error"/> is set. Null stands for JSON <c>null</c>.</summary>
    public JsonElement? Output { get; init; }

    /// <summary>Status and headers of the answer that the output is the body of, as <c>{ status, headers }</c>; null where it is none.</summary>
    public JsonElement? Response { get; init; }

    /// <summary>Why it failed; null where it did not.</summary>
    public StepError? Error { get; init; }

    /// <summary>Log entries of the executor's own (an HTTP status), in order, after those that it noted.</summary>
    public ImmutableArray<ExecutorEntry> Entries { get; init; } = [];

    /// <summary>It worked.</summary>
    public static ExecutorResult Done(JsonElement? output) => new() { Output = output };

    /// <summary>It failed.</summary>
    public static ExecutorResult Failed(StepError error) => new() { Error = error };
}

/// <summary>A log entry that an executor wants committed together with its outcome: facts, ids, hashes and figures; redacted before it is written.</summary>
public sealed class ExecutorEntry
{
    private readonly LogPayload? facts;
    private JsonElement payload;

    /// <summary>An entry of any JSON.</summary>
    /// <param name="type">Its type, <c>noun.verb</c>.</param>
    /// <param name="discriminator">What tells several of a type in one execution apart (a repair's number); null for one.</param>
    /// <param name="payload">Its payload.</param>
    public ExecutorEntry(string type, string? discriminator, JsonElement payload) => (Type, Discriminator, this.payload) = (type, discriminator, payload);

    /// <summary>An entry of facts.</summary>
    /// <param name="type">Its type, <c>noun.verb</c>.</param>
    /// <param name="discriminator">What tells several of a type in one execution apart (a repair's number); null for one.</param>
    /// <param name="facts">Its payload; not added to from here on.</param>
    public ExecutorEntry(string type, string? discriminator, LogPayload facts) => (Type, Discriminator, this.facts) = (type, discriminator, facts);

    /// <summary>Its type.</summary>
    public string Type { get; }

    /// <summary>What tells several of a type in one execution apart; null for one.</summary>
    public string? Discriminator { get; }

    /// <summary>Its payload as JSON.</summary>
    public JsonElement Payload => payload.ValueKind is JsonValueKind.Undefined && facts is not null ? payload = facts.ToElement() : payload;

    /// <summary>Its payload as it is written.</summary>
    internal ReadOnlyMemory<byte> Redacted() => facts is null ? Redactor.Default.Redact(payload) : Redactor.Default.Redact(facts);
}

/// <summary>Thrown inside an executor to end it with an error.</summary>
/// <param name="error">The error.</param>
public sealed class StepFailedException(StepError error) : Exception(error.Detail ?? error.Title)
{
    /// <summary>The error.</summary>
    public StepError Error { get; } = error;
}
