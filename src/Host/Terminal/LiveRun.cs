using System.Globalization;
using Countersign.Access;
using Countersign.Api.Live;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;

namespace Countersign.Host.Terminal;

/// <summary>Shows a run at the terminal while it goes on, and asks where it waits for somebody.</summary>
/// <param name="host">The host that runs it.</param>
/// <param name="answer">What is answered where a run waits.</param>
internal sealed class LiveRun(LocalHost host, IAnswer answer)
{
    private readonly Dictionary<string, string> waits = new(StringComparer.Ordinal);
    private readonly HashSet<string> voted = new(StringComparer.Ordinal);

    /// <summary>Shows a run and the runs that it calls, until it has ended.</summary>
    /// <param name="run">The run.</param>
    /// <param name="after">The newest sequence of the tenant's log before the run was started.</param>
    /// <param name="cancellation">Stops showing; the run goes on.</param>
    /// <exception cref="NobodyToAskException">It waits for somebody, and there is nobody to ask.</exception>
    public async Task<RunRow> FollowAsync(RunIdentity run, long after, CancellationToken cancellation)
    {
        await foreach (var stored in host.Api.Tail.FollowAsync(run.Tenant, null, after, TimeSpan.FromSeconds(15), cancellation))
        {
            if (stored is not { } entry || EntryCodec.Decode(entry.Bytes.Span) is not { } logged || logged.TransactionId != run.Id)
            {
                continue;
            }

            var happened = CloudEvent.Of(entry);
            Screen.WriteLine(EventLine.Of(happened, indented: logged.Run != run.Id));
            await AnswerAsync(new RunIdentity(run.Tenant, logged.Run), happened, cancellation);
            if (logged.Run == run.Id && happened.Type is (EventTypes.RunCompleted or EventTypes.RunFailed or EventTypes.RunCanceled or EventTypes.RunParked))
            {
                break;
            }
        }

        return (await host.Core.Rows.ReadAsync(run, cancellation)).Run;
    }

    private async Task AnswerAsync(RunIdentity run, CloudEvent happened, CancellationToken cancellation)
    {
        var wait = $"{run.Id} {happened.Subject}";
        if (happened.Type is EventTypes.ApprovalRequested or EventTypes.FormRequested)
        {
            var visit = happened.Data!.Value.GetProperty("visit").GetInt32().ToString(CultureInfo.InvariantCulture);
            waits[wait] = $"{happened.Subject}:{visit}:1";
        }

        if (happened.Type is EventTypes.ApprovalRequested or EventTypes.ApprovalVoted or EventTypes.ApprovalEscalated or EventTypes.FormRequested or EventTypes.FormEscalated)
        {
            await AnswerAsync(run, waits[wait], cancellation);
        }
    }

    private async Task AnswerAsync(RunIdentity run, string key, CancellationToken cancellation)
    {
        if (await host.Api.Waits.FindAsync(run, key, cancellation) is not { IsOpen: true } wait)
        {
            return;
        }

        if (wait.Kind is WaitKind.Approval)
        {
            await DecideAsync(run, wait, cancellation);
            return;
        }

        var person = Person(run.Tenant, wait, wait.Audience is { Users: [] } ? wait.Requester : null);
        var title = wait.Shown is null ? null : (await host.Core.Values.LoadAsync(run.Tenant, wait.Shown, cancellation)).ToString();
        var definition = await host.Core.Workflows.LoadAsync(run.Tenant, wait.Definition, cancellation);
        var data = answer.Fill(new AskedForm(wait.StepId, person.User, title, definition.FindSchema(wait.StepId)));
        await host.Api.Submissions.SubmitAsync(person, wait.Id, data, cancellation);
    }

    private async Task DecideAsync(RunIdentity run, WaitRow wait, CancellationToken cancellation)
    {
        if (answer.IsOnePerson && voted.Contains(wait.Id))
        {
            throw new NobodyToAskException(
                wait.StepId, $"the key of another person over HTTP: {wait.Quorum} people must approve, and the person at the terminal has voted");
        }

        var shown = await host.Core.Values.LoadAsync(run.Tenant, wait.Shown, cancellation);
        var approver = Person(run.Tenant, wait, null);
        var escalates = wait.Escalate is not null && wait.State is not WaitState.Escalated;
        var (vote, reason) = answer.Decide(
            new AskedApproval(wait.StepId, approver.User, shown, wait.Votes.Count(given => given.Approved), wait.Quorum, escalates));
        if (vote is Vote.Later)
        {
            Screen.WriteLine($"  (left open{(escalates ? $"; escalated at {wait.Escalate!.Value.ToLocalTime():HH:mm:ss}" : "")})");
            return;
        }

        await host.Api.Approvals.DecideAsync(approver, wait.Id, new Decision(vote is Vote.Approved, wait.Shown!.Hash, reason), cancellation);
        voted.Add(wait.Id);
    }

    // Whoever sits at the terminal plays everybody: the next one of the audience who has not voted yet and did not ask for the run.
    private static Principal Person(string tenant, WaitRow wait, string? named)
    {
        var audience = wait is { State: WaitState.Escalated, EscalateTo: { } higher } ? higher : wait.Audience!;
        var made = Enumerable.Range(1, wait.Quorum).Select(number => wait.Quorum == 1 ? $"an-{audience.Role}" : $"{audience.Role}-{number}");
        var candidates = audience.Users.Concat(audience.Role is null ? [] : made);
        var user = named
            ?? candidates.FirstOrDefault(name => (wait.AllowRequester || name != wait.Requester) && !wait.Votes.Any(vote => vote.User == name))
            ?? throw new NobodyToAskException(wait.StepId, "somebody else's key over HTTP: the only one asked is who started the run");
        return new Principal(tenant, user, audience.Role is { } role ? [role] : []) { Via = Principal.CommandLine };
    }
}
