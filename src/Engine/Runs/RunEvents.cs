using System.Text.Json;
using Countersign.Ledger;
using Microsoft.Extensions.Logging;

namespace Countersign.Engine.Runs;

/// <summary>
/// Logs what becomes of runs: start, wait, end and suspension, and the failures of steps. A line holds ids and error codes, which definitions
/// and the product choose; nothing that a run computes or receives.
/// </summary>
internal sealed partial class RunEvents(ILogger log)
{
    private const int LongestCode = 128;

    /// <summary>Logs the events of a commit that was written.</summary>
    public void Log(string tenant, LedgerCommit commit)
    {
        if (!log.IsEnabled(LogLevel.Error))
        {
            return;
        }

        foreach (var entry in commit.Entries)
        {
            if (entry.Run.Length > 0)
            {
                Log(tenant, entry);
            }
        }
    }

    private void Log(string tenant, EntryDraft entry)
    {
        switch (entry.Type)
        {
            case EventTypes.RunCreated: Created(log, entry.Run, tenant, Text(entry, "workflow"), Text(entry, "version")); break;
            case EventTypes.RunStarted: Started(log, entry.Run, tenant); break;
            case EventTypes.ApprovalRequested or EventTypes.FormRequested or EventTypes.WaitOpened: Waits(log, entry.Run, tenant, entry.Step, entry.Type); break;
            case EventTypes.RunPaused or EventTypes.RunContinued or EventTypes.RunCancelRequested: Changed(log, entry.Run, tenant, entry.Type, entry.Actor); break;
            case EventTypes.RunCompleted or EventTypes.RunCanceled: Ended(log, entry.Run, tenant, entry.Type); break;
            case EventTypes.RunFailed: Failed(log, entry.Run, tenant, Code(entry)); break;
            case EventTypes.RunParked: Suspended(log, entry.Run, tenant, Code(entry)); break;
            case EventTypes.StepFailed or EventTypes.StepOutcomeUnknown: StepFailed(log, entry.Step, entry.Run, tenant, entry.Type, Code(entry)); break;
            default: break;
        }
    }

    private static string Code(EntryDraft entry) =>
        JsonElement.Parse(entry.Payload.Span) is { ValueKind: JsonValueKind.Object } facts
        && facts.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.Object
        && error.TryGetProperty("type", out var type) && type.ValueKind is JsonValueKind.String ? Word(type.GetString()!) : "-";

    private static string Text(EntryDraft entry, string name) =>
        JsonElement.Parse(entry.Payload.Span) is { ValueKind: JsonValueKind.Object } facts
        && facts.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? Word(value.GetString()!) : "-";

    private static string Word(string text) =>
        text.Length is > 0 and <= LongestCode && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '+' or '/') ? text : "-";

    [LoggerMessage(10, LogLevel.Information, "Run {Run} of tenant {Tenant} created: workflow {Workflow} {Version}")]
    private static partial void Created(ILogger logger, string run, string tenant, string workflow, string version);

    [LoggerMessage(11, LogLevel.Information, "Run {Run} of tenant {Tenant} started")]
    private static partial void Started(ILogger logger, string run, string tenant);

    [LoggerMessage(12, LogLevel.Information, "Run {Run} of tenant {Tenant} waits at step {Step}: {Event}")]
    private static partial void Waits(ILogger logger, string run, string tenant, string step, string @event);

    [LoggerMessage(13, LogLevel.Information, "Run {Run} of tenant {Tenant}: {Event} by {User}")]
    private static partial void Changed(ILogger logger, string run, string tenant, string @event, string user);

    [LoggerMessage(14, LogLevel.Information, "Run {Run} of tenant {Tenant} ended: {Event}")]
    private static partial void Ended(ILogger logger, string run, string tenant, string @event);

    [LoggerMessage(15, LogLevel.Warning, "Run {Run} of tenant {Tenant} failed: {Code}")]
    private static partial void Failed(ILogger logger, string run, string tenant, string code);

    [LoggerMessage(16, LogLevel.Error, "Run {Run} of tenant {Tenant} is suspended and needs an operator: {Code}")]
    private static partial void Suspended(ILogger logger, string run, string tenant, string code);

    [LoggerMessage(17, LogLevel.Warning, "Step {Step} of run {Run} of tenant {Tenant}: {Event}, {Code}")]
    private static partial void StepFailed(ILogger logger, string step, string run, string tenant, string @event, string code);
}
