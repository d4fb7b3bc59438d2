using Countersign.Orchestration;

namespace Countersign.Functions.Runs;

/// <summary>An activity or the orchestrator met an error that no repetition would mend; the run is parked.</summary>
/// <param name="kind">The type of the error.</param>
public sealed class RunFaultException(string kind) : Exception($"The run met an unforeseen error: {kind}."), IForeignFault
{
    /// <inheritdoc/>
    public string Kind { get; } = kind;
}

/// <summary>
/// The run has not ended well. The orchestrator throws it at its end, so that the instance is Failed in the portal and its failure says why.
/// The run's row and log were written before; nothing reads the instance's end.
/// </summary>
/// <param name="status">The run's status: <c>failed</c> or <c>parked</c>.</param>
/// <param name="code">The type of the run's error.</param>
public sealed class RunNotCompletedException(string status, string code) : Exception($"The run is {status}: {code}.")
{
    /// <summary>The run's status.</summary>
    public string Status { get; } = status;

    /// <summary>The type of the run's error.</summary>
    public string Code { get; } = code;
}
