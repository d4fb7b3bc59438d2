namespace Countersign.Language;

/// <summary>A lock that a step takes while it is at work: of all steps of a tenant that name the same lock, one is at work at a time.</summary>
public sealed record StepMutex
{
    /// <summary>How long a step waits in line where <c>wait</c> is not given: 1 hour.</summary>
    public static readonly TimeSpan DefaultWait = TimeSpan.FromHours(1);

    /// <summary>The most characters of a lock's name: 200.</summary>
    public const int LongestName = 200;

    /// <summary>The lock's name; a text, or a template that yields one, of 1 to <see cref="LongestName"/> characters without control characters.</summary>
    public Template Name { get; init; } = Template.Null;

    /// <summary>How long the step waits in line before it fails with <c>mutex.timeout</c>; 1 s to 366 days.</summary>
    public TimeSpan Wait { get; init; } = DefaultWait;

    /// <summary>Whether a text can be the name of a lock.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= LongestName && !text.Any(char.IsControl) && !string.IsNullOrWhiteSpace(text);
}
