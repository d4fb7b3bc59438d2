using Countersign.Functions.Runs;
using Countersign.Orchestration;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace Countersign.Functions.Hosting;

/// <summary>
/// The engine as the HTTP interface knows it: made before any client of the task hub is there, because the host hands clients to
/// functions only.
/// </summary>
internal sealed class HubEngine(RunRows rows) : IEngine
{
    private DurableEngine? engine;

    /// <summary>Takes the client that the host gave to the function that is being called.</summary>
    public void Use(DurableTaskClient client) => Volatile.Write(ref engine, new DurableEngine(client, rows, NullLogger.Instance));

    /// <inheritdoc/>
    public Task StartAsync(RunIdentity run, CancellationToken cancellationToken = default) =>
        Volatile.Read(ref engine) is { } hub ? hub.StartAsync(run, cancellationToken) : throw new EngineBusyException();

    /// <inheritdoc/>
    public Task PokeAsync(RunIdentity run, string? wait, CancellationToken cancellationToken = default) =>
        Volatile.Read(ref engine)?.PokeAsync(run, wait, cancellationToken) ?? Task.CompletedTask;
}
