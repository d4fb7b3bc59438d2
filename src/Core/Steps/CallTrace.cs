using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Steps;

/// <summary>
/// The trace of what an executor calls: each call is a span of its own in the trace of the request or, for a run, in the trace whose id is the run's id, so
/// that a remote side's records are found by it.
/// </summary>
internal static class CallTrace
{
    private const string Name = "countersign.call";

    /// <summary>Begins a span; what is called until it is disposed of is told of it.</summary>
    public static Activity Begin(StepExecution execution)
    {
        var activity = new Activity(Name);
        activity.SetIdFormat(ActivityIdFormat.W3C);
        if ((execution.TraceParent ?? OfRun(execution.Run.Id)) is { } parent)
        {
            activity.SetParentId(parent);
        }

        return activity.Start();
    }

    // An id of a run is 32 hexadecimal digits, which is what an id of a trace is; the span stands for the run as a whole.
    private static string? OfRun(string run) =>
        run.Length == 32 && run.All(char.IsAsciiHexDigitLower) && run.Any(digit => digit != '0')
            ? $"00-{run}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(run)))[..16]}-01"
            : null;
}
