using System.Text.Json;
using Countersign.Language;
using Countersign.Steps;

namespace Countersign.Orchestration;

/// <summary>The errors of steps that take a lock.</summary>
public static class MutexErrors
{
    /// <summary>The code of <see cref="Lost"/>.</summary>
    public const string LostCode = "mutex.lost";

    /// <summary>The step waited in line for as long as it may.</summary>
    public static StepError Timeout(TimeSpan wait) => new()
    {
        Type = "mutex.timeout",
        Title = "The lock did not become free in time",
        Detail = $"The step waited {Duration.Format(wait)} in line for its lock.",
        Status = 408,
    };

    /// <summary>The lock had passed on before the attempt began, which has done nothing.</summary>
    public static StepFailedException Lost() => new(new()
    {
        Type = LostCode,
        Title = "The step no longer holds its lock",
        Detail = "The lock had passed on before this attempt began; the attempt did nothing.",
        Status = 409,
    });

    /// <summary>What should be the lock's name is none.</summary>
    public static StepFailedException NameInvalid(JsonElement name) => new(new()
    {
        Type = "mutex.name-invalid",
        Title = "The lock's name is not one",
        Detail = $"'mutex' came to {(name.ValueKind is JsonValueKind.String ? "a text" : name.ValueKind.ToString())}; a lock's name is a text of 1 to {StepMutex.LongestName} characters, not all of them blank, without control characters.",
    });
}
