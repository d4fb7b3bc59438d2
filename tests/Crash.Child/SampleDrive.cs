using System.Text.Json;
using System.Text.RegularExpressions;
using Countersign.Access;
using Countersign.Composition;
using Countersign.Host.Samples;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;
using Countersign.Workflows;

namespace Countersign.Crash;

/// <summary>
/// Runs of samples on any engine. People do what the sample says; what they have done already is read from the log, so that whoever comes after a
/// crash goes on where it broke off.
/// </summary>
public static partial class SampleDrive
{
    /// <summary>Saves the definitions and starts the run, or finds it.</summary>
    public static async Task<RunIdentity> StartAsync(CoreServices core, IEngine engine, string tenant, Sample sample, SampleRun told, string services, string key)
    {
        var alice = new Principal(tenant, "alice", [Role.Engineer]);
        var definition = DefinitionReader.ReadValid(sample.DefinitionOf(told));
        foreach (var saved in sample.Workflows[..^1].Select(file => DefinitionReader.ReadValid(sample.Bytes(file))).Append(definition))
        {
            await core.Workflows.SaveAsync(alice, saved, new SaveRequest("save-" + saved.Hash));
        }

        var started = await core.Starts(engine).StartAsync(alice, new StartRequest
        {
            Workflow = definition.Name,
            Version = definition.Version.ToString(),
            Input = JsonElement.Parse(sample.Bytes(told.Input)),
            Profile = SampleServices.ProfileOf(definition.Profile, services),
            IdempotencyKey = key,
        });
        return new RunIdentity(tenant, started.Run.Id);
    }

    /// <summary>Does what people do until the run has ended.</summary>
    public static async Task<RunRow> FinishAsync(CoreServices core, IEngine engine, RunIdentity run, SampleRun told, TimeSpan glance, CancellationToken patience = default)
    {
        var waits = core.Waits(engine);
        while (true)
        {
            if ((await core.Rows.ReadAsync(run, patience)).Run is { IsEnded: true } ended)
            {
                return ended;
            }

            var entries = await EntriesAsync(core, run);
            foreach (var step in told.Forms.Keys.Concat(told.Votes.Keys))
            {
                var visit = entries.Count(entry => entry.Step == step && entry.Type is EventTypes.ApprovalRequested or EventTypes.FormRequested);
                if (await waits.FindAsync(run, $"{step}:{visit}:1", patience) is { IsOpen: true } wait)
                {
                    await ActAsync(core, waits, run.Tenant, told, entries, wait);
                }
            }

            await Task.Delay(glance, patience);
        }
    }

    /// <summary>The entries of a run.</summary>
    public static async Task<List<LogEntry>> EntriesAsync(CoreServices core, RunIdentity run) =>
        [.. (await core.Parts.Ledger.ReadRunEntriesAsync(run.Tenant, run.Id, 0, 1000)).Select(stored => EntryCodec.Decode(stored.Bytes.Span))];

    /// <summary>A text with the numbers of the services left out: branches race for them, so they may be dealt out otherwise.</summary>
    public static string WithoutNumbers(string text) => Numbers().Replace(text, "#");

    /// <summary>What the services were asked for, each thing once.</summary>
    public static string Effects(SampleServices services) => string.Join(
        '\n', services.Calls.Where(call => !call.EndsWith(" again", StringComparison.Ordinal)).Select(WithoutNumbers).Order(StringComparer.Ordinal));

    private static async Task ActAsync(CoreServices core, Waits waits, string tenant, SampleRun told, List<LogEntry> entries, WaitRow wait)
    {
        var done = entries.Count(entry => entry.Step == wait.Path
            && entry.Type is EventTypes.FormSubmitted or EventTypes.ApprovalVoted or EventTypes.ApprovalEscalated);
        if (wait.Kind is WaitKind.Form)
        {
            await new Submissions(waits, core.Workflows, core.Values).SubmitAsync(Person(wait, Role.Engineer), wait.Id, told.Forms[wait.StepId][done]);
        }
        else if (told.Votes[wait.StepId][done] is not "later" and var vote)
        {
            await new Approvals(waits).DecideAsync(Person(wait, $"voter-{done}"), wait.Id, new Decision(vote == "approved", wait.Shown!.Hash, "as told"));
        }

        Principal Person(WaitRow asked, string otherwise)
        {
            var audience = asked is { State: WaitState.Escalated, EscalateTo: { } higher } ? higher : asked.Audience!;
            var user = audience is { Role: null, Users: [] } ? asked.Requester : audience.Users.Except(asked.Votes.Select(vote => vote.User)).FirstOrDefault() ?? otherwise;
            return new Principal(tenant, user, audience.Role is { } role ? [role] : []);
        }
    }

    [GeneratedRegex("[a-z]-[0-9]{4}")]
    private static partial Regex Numbers();
}
