using System.Globalization;
using Countersign.Ai;
using Countersign.Orchestration;

namespace Countersign.Api.Live;

/// <summary>
/// A part of a model's answer as a CloudEvent 1.0. It is no log entry: it has no sequence and, as a server-sent event, no id, so that a cursor never
/// stands on it, and after a reconnect it does not come again.
/// </summary>
/// <param name="Specversion"><c>1.0</c>.</param>
/// <param name="Id">Run, step, question and offset: the same part has the same id.</param>
/// <param name="Source">The run.</param>
/// <param name="Type"><see cref="TypeName"/>.</param>
/// <param name="Subject">The step's path.</param>
/// <param name="Datacontenttype"><c>application/json</c>.</param>
/// <param name="Data">The part.</param>
public sealed record DeltaEvent(string Specversion, string Id, string Source, string Type, string Subject, string Datacontenttype, DeltaData Data)
{
    /// <summary>The type of these events, <c>ai.delta</c>. No log entry has it.</summary>
    public const string TypeName = "ai.delta";

    /// <summary>The event of a part.</summary>
    public static DeltaEvent Of(RunIdentity run, ModelDelta delta) => new(
        "1.0",
        string.Create(CultureInfo.InvariantCulture, $"{run.Id}:{delta.Step.Key}:{delta.Ask}:{delta.Offset}"),
        $"/v1/executions/{run.Id}",
        TypeName,
        delta.Step.Path,
        "application/json",
        new DeltaData(delta.Step.Visit, delta.Step.Attempt, delta.Ask, delta.Offset, delta.Text));
}

/// <summary>A part of a model's answer.</summary>
/// <param name="Visit">How often the step has been reached.</param>
/// <param name="Attempt">The step's attempt.</param>
/// <param name="Ask">Which question of the attempt; where it is greater than before, the answer was sent back and what came of it is void.</param>
/// <param name="Offset">How many characters of this answer came before.</param>
/// <param name="Text">The part.</param>
public sealed record DeltaData(int Visit, int Attempt, int Ask, long Offset, string Text);
