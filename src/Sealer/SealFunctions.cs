using Countersign.Checkpoints;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Countersign.Sealing;

/// <summary>A log does not fit what was signed, or is not intact. The function fails, so that whatever watches failures sees it.</summary>
/// <param name="tenants">How many tenants' logs were refused.</param>
public sealed class SealRefusedException(int tenants)
    : Exception($"{tenants} logs were refused; nothing was signed for them. The log of this invocation names them.");

/// <summary>What the sealer does by the clock. The host runs each of them in one place at a time.</summary>
public sealed partial class SealFunctions(OpenSealer opened, ILogger<SealFunctions> log)
{
    /// <summary>Signs a checkpoint of every log that has news.</summary>
    /// <exception cref="SealRefusedException">A log was refused; the others are sealed.</exception>
    [Function("SealLogs")]
    public async Task SealLogsAsync([TimerTrigger("%COUNTERSIGN_SEAL_SCHEDULE%")] TimerInfo timer, CancellationToken cancellationToken)
    {
        _ = timer;
        var sealer = await opened.GetAsync(cancellationToken);
        var refused = 0;
        await foreach (var outcome in sealer.SealAllAsync(cancellationToken))
        {
            refused += Tell(outcome);
        }

        ThrowIf(refused);
    }

    /// <summary>Holds every log, from its first entry, against all its checkpoints: what was done to older entries is found here.</summary>
    /// <exception cref="SealRefusedException">A log does not fit.</exception>
    [Function("RecheckLogs")]
    public async Task RecheckLogsAsync([TimerTrigger("%COUNTERSIGN_RECHECK_SCHEDULE%")] TimerInfo timer, CancellationToken cancellationToken)
    {
        _ = timer;
        var sealer = await opened.GetAsync(cancellationToken);
        var refused = 0;
        foreach (var tenant in await opened.Log.ReadTenantsAsync(cancellationToken))
        {
            refused += Tell(await sealer.RecheckAsync(tenant, cancellationToken));
        }

        ThrowIf(refused);
    }

    private int Tell(SealOutcome outcome)
    {
        if (outcome is { Result: SealResult.Sealed, Newest: { } made })
        {
            LogSealed(log, outcome.Tenant, made.Size, made.Root.ToString());
        }

        foreach (var fault in outcome.Faults)
        {
            LogRefused(log, outcome.Tenant, fault.Code, fault.Size, fault.Message);
        }

        return outcome.Result == SealResult.Refused ? 1 : 0;
    }

    private static void ThrowIf(int refused)
    {
        if (refused > 0)
        {
            throw new SealRefusedException(refused);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Sealed {Tenant} at {Size}, root {Root}")]
    private static partial void LogSealed(ILogger logger, string tenant, long size, string root);

    [LoggerMessage(2, LogLevel.Critical, "Refused {Tenant}: {Code} at {Size}: {Explanation}")]
    private static partial void LogRefused(ILogger logger, string tenant, string code, long size, string explanation);
}
