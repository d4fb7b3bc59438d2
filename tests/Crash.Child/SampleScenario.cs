using System.Text.Json;
using Countersign.Access;
using Countersign.Host;
using Countersign.Host.Samples;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;
using Countersign.Workflows;

namespace Countersign.Crash;

/// <summary>A run of a sample. People do what the sample says; what they have done already is read from the log, so that whoever comes after a crash goes on where it broke off.</summary>
public static class SampleScenario
{
    /// <summary>Runs it to its end, from wherever it was left.</summary>
    public static async Task<RunRow> RunAsync(LocalHost host, string services, string name, int number)
    {
        var sample = Sample.Read(name);
        var told = sample.Runs[number];
        var alice = new Principal(Scenario.Tenant, "alice", [Role.Engineer]);
        var definition = DefinitionReader.ReadValid(sample.DefinitionOf(told));
        foreach (var saved in sample.Workflows[..^1].Select(file => DefinitionReader.ReadValid(sample.Bytes(file))).Append(definition))
        {
            await host.Core.Workflows.SaveAsync(alice, saved, new SaveRequest("save-" + saved.Hash));
        }

        var started = await host.Api.Starts.StartAsync(alice, new StartRequest
        {
            Workflow = definition.Name,
            Version = definition.Version.ToString(),
            Input = JsonElement.Parse(sample.Bytes(told.Input)),
            Profile = SampleServices.ProfileOf(definition.Profile, services),
            IdempotencyKey = "the-one-run",
        });
        var run = new RunIdentity(Scenario.Tenant, started.Run.Id);
        while (true)
        {
            if ((await host.Core.Rows.ReadAsync(run)).Run is { IsEnded: true } ended)
            {
                return ended;
            }

            var entries = await EntriesAsync(host, run);
            foreach (var step in told.Forms.Keys.Concat(told.Votes.Keys))
            {
                var visit = entries.Count(entry => entry.Step == step && entry.Type is (EventTypes.ApprovalRequested or EventTypes.FormRequested));
                if (await host.Api.Waits.FindAsync(run, $"{step}:{visit}:1") is { IsOpen: true } wait)
                {
                    await ActAsync(host, told, entries, wait);
                }
            }

            await Task.Delay(5);
        }
    }

    private static async Task ActAsync(LocalHost host, SampleRun told, List<LogEntry> entries, WaitRow wait)
    {
        var done = entries.Count(entry => entry.Step == wait.Path
            && entry.Type is (EventTypes.FormSubmitted or EventTypes.ApprovalVoted or EventTypes.ApprovalEscalated));
        if (wait.Kind is WaitKind.Form)
        {
            await host.Api.Submissions.SubmitAsync(Person(wait, Role.Engineer), wait.Id, told.Forms[wait.StepId][done]);
        }
        else if (told.Votes[wait.StepId][done] is not "later" and var vote)
        {
            await host.Api.Approvals.DecideAsync(Person(wait, $"voter-{done}"), wait.Id, new Decision(vote == "approved", wait.Shown!.Hash, "as told"));
        }
    }

    private static Principal Person(WaitRow wait, string otherwise)
    {
        var audience = wait is { State: WaitState.Escalated, EscalateTo: { } higher } ? higher : wait.Audience!;
        var user = audience is { Role: null, Users: [] } ? wait.Requester : audience.Users.Except(wait.Votes.Select(vote => vote.User)).FirstOrDefault() ?? otherwise;
        return new Principal(Scenario.Tenant, user, audience.Role is { } role ? [role] : []);
    }

    private static async Task<List<LogEntry>> EntriesAsync(LocalHost host, RunIdentity run) =>
        [.. (await host.Core.Parts.Ledger.ReadRunEntriesAsync(run.Tenant, run.Id, 0, 1000)).Select(stored => EntryCodec.Decode(stored.Bytes.Span))];
}
