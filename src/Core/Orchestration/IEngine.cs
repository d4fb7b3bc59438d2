namespace Countersign.Orchestration;

/// <summary>
/// What starts and wakes runs. An engine event is only a poke and carries nothing: the committed row decides, so a poke may be
/// lost, doubled, early or late, and the sweep mends what was lost.
/// </summary>
public interface IEngine
{
    /// <summary>Starts a run whose row is committed as <see cref="RunStatus.Queued"/>. Starting it a second time does nothing.</summary>
    /// <exception cref="EngineBusyException">The engine has as much as it can hold; the run stays queued and the sweep starts it.</exception>
    Task StartAsync(RunIdentity run, CancellationToken cancellationToken = default);

    /// <summary>Tells a run that one of its waits may have news.</summary>
    /// <param name="run">The run.</param>
    /// <param name="wait">The wait's key, <see cref="StepRef.Key"/>; null where the news is on the run's row (cancel, pause, continue).</param>
    /// <param name="cancellationToken">Gives up; the sweep pokes again.</param>
    Task PokeAsync(RunIdentity run, string? wait, CancellationToken cancellationToken = default);
}

/// <summary>The engine has as much as it can hold; nothing was lost, the run stays queued.</summary>
public sealed class EngineBusyException() : Exception("The engine is full; the run stays queued until there is room.");
