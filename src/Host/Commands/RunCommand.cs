using System.CommandLine;
using System.Text.Json;
using Countersign.Access;
using Countersign.Host.Samples;
using Countersign.Host.Terminal;
using Countersign.Language;
using Countersign.Orchestration;
using Microsoft.Extensions.Logging.Abstractions;
using Countersign.Workflows;

namespace Countersign.Host.Commands;

/// <summary><c>countersign run</c>: one run of a definition, shown while it goes on.</summary>
internal static class RunCommand
{
    public static Command Make()
    {
        var file = new Argument<FileInfo>("file") { Description = "The definition, YAML or JSON." };
        var input = new Option<string>("--input") { Description = "The run's input: JSON, or a file that holds it.", DefaultValueFactory = _ => "{}" };
        var profile = new Option<string?>("--profile") { Description = "Overrides of the definition's profile, as JSON." };
        var data = Options.Data();
        var tenant = Options.NewTenant();
        var allow = Options.Allow();
        var approve = new Option<bool>("--approve") { Description = "Approve whatever asks for approval, where there is no terminal to ask at." };
        var reject = new Option<bool>("--reject") { Description = "Reject it instead." };
        var form = new Option<string?>("--form") { Description = "What forms are answered with, as JSON." };
        var also = new Option<FileInfo[]>("--also") { Description = "A further definition, which this one calls; may be repeated.", AllowMultipleArgumentsPerToken = true };
        var services = new Option<bool>("--with-services") { Description = "Starts what the samples call, and leads the profile to it." };
        var providers = Options.Providers();
        var command = new Command("run", "Runs a definition once and shows what happens.")
        {
            file, input, profile, data, tenant, allow, approve, reject, form, also, services, providers,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var started = parsed.GetValue(services) ? await SampleServices.StartAsync(cancellation: cancellation) : null;
            return await RunAsync(
                new Asked(
                    await ReadAsync("file", parsed.GetValue(file)!, cancellation),
                    [.. await Task.WhenAll((parsed.GetValue(also) ?? []).Select(further => ReadAsync("--also", further, cancellation)))],
                    await Options.JsonOfAsync("--input", parsed.GetValue(input)!, cancellation),
                    parsed.GetValue(profile) is { } overrides ? await Options.JsonOfAsync("--profile", overrides, cancellation) : null),
                new LocalHostOptions
                {
                    Data = parsed.GetValue(data)!,
                    AllowedTargets = [.. parsed.GetValue(allow) ?? [], .. started is null ? [] : (string[])[started.Target]],
                    Providers = await Options.ReadProvidersAsync(parsed.GetValue(providers), cancellation),
                },
                parsed.GetValue(tenant)!,
                await AnswerOfAsync(parsed.GetValue(approve), parsed.GetValue(reject), parsed.GetValue(form), cancellation),
                started,
                cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        Asked asked, LocalHostOptions options, string tenant, IAnswer answer, SampleServices? services, CancellationToken cancellation)
    {
        await using var host = await LocalHost.OpenAsync(options, NullLoggerFactory.Instance, cancellation);
        var you = new Principal(tenant, Environment.UserName is { Length: > 0 } name ? name : "operator", [Role.Admin]);
        foreach (var saved in asked.Also.Append(asked.Definition))
        {
            if (host.Models.Check(saved) is { IsEmpty: false } missing)
            {
                throw new ModelsMissingException(saved.Name, missing);
            }

            await host.Core.Workflows.SaveAsync(you, saved, SaveRequest.Plain(), cancellation);
        }

        await TellOfOthersAsync(host, tenant, cancellation);
        var definition = asked.Definition;
        var before = await host.Core.Parts.Ledger.ReadHeadAsync(tenant, cancellation);
        var started = await host.Api.Starts.StartAsync(
            you,
            new StartRequest
            {
                Workflow = definition.Name,
                Version = definition.Version.ToString(),
                Input = asked.Input,
                Profile = asked.Profile ?? (services is null ? null : SampleServices.ProfileOf(definition.Profile, services.Address)),
            },
            cancellation);
        Screen.WriteLine($"Run {started.Run.Id} of {definition.Name} {definition.Version}");
        var run = await FollowAsync(host, answer, new RunIdentity(tenant, started.Run.Id), before.Sequence, cancellation);
        if (run.Status is RunStatus.Completed)
        {
            Screen.WriteLine($"Completed: {ShownFields.Value(await host.Core.Values.LoadAsync(tenant, run.Output, cancellation))}");
            ShowNotUndone(run);
            return CommandLine.Ok;
        }

        Screen.WriteLine($"{run.Status}: {run.Error?.Type} {run.Error?.Detail ?? run.Error?.Title}");
        ShowNotUndone(run);
        return CommandLine.Bad;
    }

    private static void ShowNotUndone(RunRow run)
    {
        foreach (var failed in run.NotUndone ?? [])
        {
            Screen.WriteLine($"Not undone: {failed.Step} ({failed.Error}) {failed.Detail}");
        }
    }

    private static async Task<RunRow> FollowAsync(LocalHost host, IAnswer answer, RunIdentity run, long after, CancellationToken cancellation)
    {
        try
        {
            return await new LiveRun(host, answer).FollowAsync(run, after, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Screen.ErrorLine(
                $"Interrupted. Run {run.Id} is kept in '{host.Options.Data}' and goes on with the next 'serve' or 'run' there. The same command again would start another run.");
            throw;
        }
    }

    // Whoever opens a data folder lets go on what is in it.
    private static async Task TellOfOthersAsync(LocalHost host, string tenant, CancellationToken cancellation)
    {
        var newest = await host.Api.Runs.ListAsync(tenant, new RunFilter(null, null), after: null, limit: 200, cancellation);
        foreach (var other in newest.Items.Where(run => !run.IsEnded).Take(10))
        {
            Screen.WriteLine($"Run {other.Id} of {other.Workflow} {other.Version}, from before, goes on beside this one.");
        }
    }

    private static async Task<Definition> ReadAsync(string argument, FileInfo file, CancellationToken cancellation) =>
        DefinitionReader.ReadValid(await Files.ReadAsync(argument, file, cancellation));

    private static async Task<IAnswer> AnswerOfAsync(bool approve, bool reject, string? form, CancellationToken cancellation) =>
        approve && reject ? throw new OptionException("--approve", null, "excludes --reject; give one of the two.")
        : approve || reject || form is not null || !Screen.CanAsk
            ? new AnswerBeforehand(approve ? true : reject ? false : null, form is null ? null : await Options.JsonOfAsync("--form", form, cancellation))
            : new AskAtTerminal();

    private sealed record Asked(Definition Definition, Definition[] Also, JsonElement Input, JsonElement? Profile);
}
