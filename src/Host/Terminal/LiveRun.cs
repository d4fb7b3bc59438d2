using System.Globalization;
using System.Text.Json;
using Countersign.Access;
using Countersign.Api.Live;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;

namespace Countersign.Host.Terminal;

/// <summary>Shows a run at the terminal while it goes on, and asks where it waits for somebody.</summary>
/// <param name="host">The host that runs it.</param>
/// <param name="answer">What is answered where a run waits.</param>
/// <param name="output">Where to write.</param>
internal sealed class LiveRun(LocalHost host, IAnswer answer, TextWriter output)
{
    /// <summary>Shows a run from its beginning until it has ended.</summary>
    public async Task<RunRow> FollowAsync(RunIdentity run, CancellationToken cancellation)
    {
        await foreach (var stored in host.Api.Tail.FollowAsync(run.Tenant, run.Id, 0, TimeSpan.FromSeconds(15), cancellation))
        {
            if (stored is not { } entry)
            {
                continue;
            }

            var happened = CloudEvent.Of(entry);
            await output.WriteLineAsync(Line(happened));
            if (happened.Type is EventTypes.ApprovalRequested or EventTypes.FormRequested)
            {
                await AnswerAsync(run, happened, cancellation);
            }

            if (happened.Type is EventTypes.RunCompleted or EventTypes.RunFailed or EventTypes.RunCanceled or EventTypes.RunParked)
            {
                break;
            }
        }

        return (await host.Core.Rows.ReadAsync(run, cancellation)).Run;
    }

    private async Task AnswerAsync(RunIdentity run, CloudEvent requested, CancellationToken cancellation)
    {
        var visit = requested.Data!.Value.GetProperty("visit").GetInt32().ToString(CultureInfo.InvariantCulture);
        if (await host.Api.Waits.FindAsync(run, $"{requested.Subject}:{visit}:1", cancellation) is not { IsOpen: true } wait)
        {
            return;
        }

        if (wait.Kind is WaitKind.Approval)
        {
            var shown = await host.Core.Values.LoadAsync(run.Tenant, wait.Shown, cancellation);
            var approver = new Principal(run.Tenant, wait.Audience?.Users.FirstOrDefault() ?? "you", wait.Audience?.Role is { } role ? [role] : []);
            var (approved, reason) = answer.Decide(wait.StepId, shown);
            await host.Api.Approvals.DecideAsync(approver, wait.Id, new Decision(approved, wait.Shown!.Hash, reason), cancellation);
        }
        else
        {
            var person = new Principal(run.Tenant, wait.Audience is { Users: [var first, ..] } ? first : wait.Requester, wait.Audience?.Role is { } role ? [role] : []);
            var definition = await host.Core.Workflows.LoadAsync(run.Tenant, wait.Definition, cancellation);
            var data = answer.Fill(wait.StepId, definition.FindSchema(wait.StepId)?.Document);
            await host.Api.Submissions.SubmitAsync(person, wait.Id, data, cancellation);
        }
    }

    private static string Line(CloudEvent happened)
    {
        var time = happened.Time.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        return $"  {time}  {happened.Type,-22} {happened.Subject,-12} {Facts(happened.Data)}".TrimEnd();
    }

    // What a person wants to read at a glance; the rest is in the log.
    private static string Facts(JsonElement? data)
    {
        if (data is not { ValueKind: JsonValueKind.Object } facts)
        {
            return "";
        }

        var told = new List<string>();
        foreach (var name in (string[])["kind", "provider", "model", "valid", "attempt", "holds", "next", "decision", "status", "origin", "quorum", "role", "deadline", "workflow", "version"])
        {
            if (facts.TryGetProperty(name, out var value) && !(name is "attempt" && value.ToString() == "1"))
            {
                told.Add($"{name}={value}");
            }
        }

        if (facts.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.Object)
        {
            told.Add($"{error.GetProperty("type")}: {(error.TryGetProperty("detail", out var detail) ? detail : error.GetProperty("title"))}");
        }

        return string.Join(' ', told);
    }
}

/// <summary>What is answered where a run waits for a person.</summary>
internal interface IAnswer
{
    /// <summary>Decides an approval.</summary>
    (bool Approved, string? Reason) Decide(string step, JsonElement shown);

    /// <summary>Fills in a form.</summary>
    JsonElement Fill(string step, JsonElement? schema);
}

/// <summary>Asks whoever sits at the terminal.</summary>
internal sealed class AskAtTerminal : IAnswer
{
    /// <inheritdoc/>
    public (bool Approved, string? Reason) Decide(string step, JsonElement shown)
    {
        Console.WriteLine($"\n  Step '{step}' asks for your approval of: {shown}");
        while (true)
        {
            Console.Write("  Approve? [y/n] ");
            switch (Console.ReadLine()?.Trim().ToLowerInvariant())
            {
                case "y" or "yes": return (true, null);
                case "n" or "no": return (false, "rejected at the terminal");
                case null: throw new OperationCanceledException("The terminal was closed.");
                default: Console.WriteLine("  Answer y or n."); break;
            }
        }
    }

    /// <inheritdoc/>
    public JsonElement Fill(string step, JsonElement? schema)
    {
        Console.WriteLine($"\n  Step '{step}' asks for a form: {schema}");
        while (true)
        {
            Console.Write("  Your answer as JSON: ");
            try
            {
                return JsonElement.Parse(Console.ReadLine() ?? throw new OperationCanceledException("The terminal was closed."));
            }
            catch (JsonException exception)
            {
                Console.WriteLine($"  That is not JSON: {exception.Message}");
            }
        }
    }
}

/// <summary>Answers as it was told beforehand, where there is no terminal to ask at.</summary>
/// <param name="approve">What approvals are answered; null leaves them open.</param>
/// <param name="form">What forms are answered; null leaves them open.</param>
internal sealed class AnswerBeforehand(bool? approve, JsonElement? form) : IAnswer
{
    /// <inheritdoc/>
    public (bool Approved, string? Reason) Decide(string step, JsonElement shown)
    {
        var decided = approve ?? throw new NobodyToAskException(step, "--approve or --reject");
        Console.WriteLine($"  (there is no terminal to ask at: {(decided ? "approved" : "rejected")} as told beforehand: {shown})");
        return (decided, "told beforehand");
    }

    /// <inheritdoc/>
    public JsonElement Fill(string step, JsonElement? schema) => form ?? throw new NobodyToAskException(step, "--form JSON");
}

/// <summary>A run waits for somebody, and there is nobody to ask.</summary>
/// <param name="step">The step that waits.</param>
/// <param name="option">What would have answered it.</param>
internal sealed class NobodyToAskException(string step, string option)
    : IOException($"Step '{step}' waits for somebody and there is no terminal to ask at; answer with {option}. The run waits on in the data folder.");
