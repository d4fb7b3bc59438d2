using Countersign.Host;
using Countersign.Host.Samples;
using Countersign.Orchestration;

namespace Countersign.Crash;

/// <summary>A run of a sample.</summary>
public static class SampleScenario
{
    /// <summary>Runs it to its end, from wherever it was left.</summary>
    public static async Task<RunRow> RunAsync(LocalHost host, string services, string name, int number)
    {
        var sample = Sample.Read(name);
        var told = sample.Runs[number];
        var run = await SampleDrive.StartAsync(host.Core, host.Engine, Scenario.Tenant, sample, told, services, "the-one-run");
        return await SampleDrive.FinishAsync(host.Core, host.Engine, run, told, TimeSpan.FromMilliseconds(5));
    }
}
