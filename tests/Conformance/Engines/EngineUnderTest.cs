using Countersign.Composition;
using Countersign.Orchestration;

namespace Countersign.Conformance.Engines;

/// <summary>An engine with its ledger, as a conformance test sees it.</summary>
/// <param name="Core">The product over the engine's own stores. The engine may run in another process.</param>
/// <param name="Engine">The engine.</param>
public sealed record EngineUnderTest(CoreServices Core, IEngine Engine)
{
    /// <summary>
    /// Whether executions are shared between tenants where they run. A task hub serves its queue first in, first out: there, tenants are bounded when
    /// their runs are admitted.
    /// </summary>
    public bool SharesExecutions { get; init; } = true;

    /// <summary>Kills the engine without warning and starts it again on the same stores; null where the engine cannot be.</summary>
    public Func<Task<EngineUnderTest>>? CrashAsync { get; init; }

    /// <summary>Puts a call into the history of a run that its definition never makes; null where the history is out of reach.</summary>
    public Func<RunIdentity, Task>? ForgeHistoryAsync { get; init; }
}
