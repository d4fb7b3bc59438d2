using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>Reads run rows.</summary>
public sealed class RunRows(ILedger ledger)
{
    /// <summary>The run's row and its version; null where the tenant has no such run.</summary>
    public async ValueTask<VersionedRun?> FindAsync(RunIdentity run, CancellationToken cancellationToken = default)
    {
        var row = await ledger.ReadRowAsync(run.Tenant, RowKeys.Run(run.Id), cancellationToken);
        return row is null ? null : new VersionedRun(RunRow.From(row), row.Version);
    }

    /// <summary>The run's row and its version, for a caller that knows that it is there.</summary>
    /// <exception cref="RunNotFoundException">There is none.</exception>
    public async ValueTask<VersionedRun> ReadAsync(RunIdentity run, CancellationToken cancellationToken = default) =>
        await FindAsync(run, cancellationToken) ?? throw new RunNotFoundException(run.Id);
}

/// <summary>The tenant has no such run.</summary>
/// <param name="run">The id that was asked for.</param>
public sealed class RunNotFoundException(string run) : Exception($"There is no run '{run}'.")
{
    /// <summary>The id that was asked for.</summary>
    public string Run { get; } = run;
}
