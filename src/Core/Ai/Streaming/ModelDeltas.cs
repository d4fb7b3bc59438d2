using Countersign.Orchestration;

namespace Countersign.Ai;

/// <summary>A part of an answer while it is made. Nothing of it is kept: what counts is the answer that passed its schema.</summary>
/// <param name="Step">The step, with visit and attempt.</param>
/// <param name="Ask">Which question of the attempt, from 1; a repair asks again, and what came before is void.</param>
/// <param name="Offset">How many characters (UTF-16) of this answer came before; a reader that comes late, or reads slowly, sees by it what it missed.</param>
/// <param name="Text">The part.</param>
public sealed record ModelDelta(StepRef Step, int Ask, long Offset, string Text);

/// <summary>Takes a part of an answer while it is made. Returns at once.</summary>
/// <param name="run">The run.</param>
/// <param name="delta">The part.</param>
public delegate void ModelDeltas(RunIdentity run, ModelDelta delta);
