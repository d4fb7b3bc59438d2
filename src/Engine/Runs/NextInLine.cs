using System.Collections.Concurrent;
using Countersign.Orchestration;

namespace Countersign.Engine.Runs;

/// <summary>Admits the next held runs of a tenant as soon as one of its runs ended or began to wait; one admission per tenant at a time.</summary>
internal sealed class NextInLine(EmbeddedEngine engine, Admission admission)
{
    private readonly ConcurrentDictionary<string, int> asked = new(StringComparer.Ordinal);

    /// <summary>A run of the tenant ended or began to wait; returns at once.</summary>
    public void Freed(string tenant)
    {
        if (asked.AddOrUpdate(tenant, 1, static (_, before) => before + 1) == 1)
        {
            _ = Task.Run(() => AdmitAsync(tenant));
        }
    }

    private async Task AdmitAsync(string tenant)
    {
        int seen;
        do
        {
            seen = asked[tenant];
            try
            {
                await admission.AdmitNextAsync(tenant, engine, engine.Stopping);
            }
            catch (OperationCanceledException) when (engine.Stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // The sweep looks at what is held as well.
                engine.Report(new RunIdentity(tenant, "admission"), error);
            }
        }
        while (!asked.TryRemove(KeyValuePair.Create(tenant, seen)));
    }
}
