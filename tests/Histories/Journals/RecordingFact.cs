namespace Countersign.Histories.Tests.Journals;

/// <summary>Runs only where a journal is to be recorded.</summary>
internal sealed class RecordingFactAttribute : FactAttribute
{
    public RecordingFactAttribute() => Skip = Name is null ? "It records a journal: set COUNTERSIGN_RECORD_JOURNAL to its name." : null;

    public static string? Name => Environment.GetEnvironmentVariable("COUNTERSIGN_RECORD_JOURNAL") is { Length: > 0 } name ? name : null;
}
