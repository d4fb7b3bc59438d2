namespace Countersign.Host.Tests;

/// <summary>A test that interrupts a process as Ctrl+C does. A shell that starts a job in the background makes it ignore that signal, and so do the processes that the job starts.</summary>
internal sealed class InterruptFactAttribute : FactAttribute
{
    private const int Interrupt = 2;

    public InterruptFactAttribute() => Skip = Ignored() ? "Processes started here ignore Ctrl+C, as every job does that a shell starts in the background." : null;

    private static bool Ignored() =>
        File.Exists("/proc/self/status")
        && File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) is { } line
        && (Convert.ToUInt64(line["SigIgn:".Length..].Trim(), 16) & (1UL << (Interrupt - 1))) != 0;
}
