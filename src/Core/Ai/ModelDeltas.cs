using Countersign.Orchestration;

namespace Countersign.Ai;

/// <summary>Takes a part of an answer while it is made. Nothing of it is kept: what counts is the answer that passed its schema.</summary>
/// <param name="run">The run.</param>
/// <param name="step">The step, with visit and attempt.</param>
/// <param name="ask">Which question of the attempt, from 1; a repair asks again, and what came before is void.</param>
/// <param name="delta">The part.</param>
public delegate void ModelDeltas(RunIdentity run, StepRef step, int ask, string delta);
