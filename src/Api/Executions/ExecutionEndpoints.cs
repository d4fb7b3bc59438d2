using System.Text.Json;
using Countersign.Access;
using Countersign.Api.Audit;
using Countersign.Api.Authentication;
using Countersign.Api.Limits;
using Countersign.Api.OpenApi;
using Countersign.Api.Problems;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.Executions;

/// <summary>Runs: start, see, control.</summary>
internal static class ExecutionEndpoints
{
    private static readonly JsonElement Nothing = JsonElement.Parse("{}"u8);

    public static void Map(IEndpointRouteBuilder routes, ApiServices services)
    {
        routes.MapPost("/v1/executions", context => StartAsync(context, services)).Is(
            new("startExecution", "Starts a run.", Permission.StartRuns)
            {
                Headers = [Parameter.IdempotencyKey, Parameter.Prefer],
                Body = Content.Of<StartBody>(),
                Status = 202,
                Answer = [Content.Of<RunView>()],
                AnswerHeaders = [Parameter.Location, new("Retry-After", "After how many seconds to look at the run again.")],
                Problems = [404, 409, 422],
            });
        routes.MapGet("/v1/executions", context => ListAsync(context, services)).Is(
            new("listExecutions", "Lists runs, the newest first.", Permission.ReadRuns)
            {
                Query = [new("status", "Only runs of this status."), new("workflow", "Only runs of this workflow."), new("paused", "true: only runs that are paused; false: only runs that are not."), new("compensation", "failed: only runs that could not undo all that they should have."), Parameter.Limit, Parameter.Cursor],
                Answer = [Content.Of<RunPageView>()],
            });
        routes.MapGet("/v1/executions/{id}", context => GetAsync(context, services)).Is(
            new("getExecution", "Gets a run.", Permission.ReadRuns) { Headers = [Parameter.Prefer], Answer = [Content.Of<RunView>()] });
        routes.MapGet("/v1/executions/{id}/history", context => HistoryAsync(context, services)).Is(
            new("getExecutionHistory", "Lists a run's log entries, in order.", Permission.ReadRuns)
            {
                Query = [Parameter.Limit, Parameter.Cursor], Answer = [Content.Of<LogPageView>()],
            });
        routes.MapGet("/v1/executions/{id}/context", context => ContextAsync(context, services)).Is(
            new("getExecutionContext", "Gets the values that a run's expressions can read.", Permission.ReadRuns) { Cost = Cost.Heavy, Answer = [Content.Of<RunContextView>()] });
        MapControls(routes, services);
    }

    private static void MapControls(IEndpointRouteBuilder routes, ApiServices services)
    {
        var control = new Operation("cancelExecution", "Cancels a run. Steps that completed are compensated.", Permission.ControlRuns)
        {
            Headers = [Parameter.IdempotencyKey], Status = 202, Answer = [Content.Of<RunView>()], Problems = [409, 422],
        };
        routes.MapPost("/v1/executions/{id}/resume", context => ResumeAsync(context, services)).Is(control with
        {
            Id = "resumeExecution", Summary = "Hands an event to the step of a run that waits for it, or to the run, which keeps it for that step.",
            Permission = Permission.StartRuns, Body = Content.Of<ResumeBody>(), Problems = [409, 422],
        });
        routes.MapPost("/v1/executions/{id}/cancel", context => CancelAsync(context, services)).Is(
            control with { Body = Content.Of<CancelBody>() with { Optional = true } });
        routes.MapPost("/v1/executions/{id}/pause", context => ControlAsync(context, services, services.Commands.PauseAsync)).Is(
            control with { Id = "pauseExecution", Summary = "Pauses a run: it starts nothing new until it is continued." });
        routes.MapPost("/v1/executions/{id}/continue", context => ControlAsync(context, services, services.Commands.ContinueAsync)).Is(
            control with { Id = "continueExecution", Summary = "Continues a paused run." });
    }

    private static async Task StartAsync(HttpContext context, ApiServices services)
    {
        var starter = context.Principal();
        var body = await context.ReadAsync(ApiJson.Default.StartBody);
        if (body.CorrelationId is { } correlation && (correlation.Length is 0 or > 128 || correlation.AsSpan().ContainsAnyExceptInRange(' ', '~')))
        {
            throw new ApiException("request.body-invalid", 400, "The correlation id is not one.", [new("/correlationId", "must be 1 to 128 printable ASCII characters")]);
        }

        var request = new StartRequest
        {
            Workflow = body.Workflow,
            Version = body.Version,
            Input = body.Input ?? Nothing,
            Profile = body.Profile,
            CorrelationId = body.CorrelationId,
            TraceParent = context.Request.Headers.TraceParent.Count > 0 ? System.Diagnostics.Activity.Current?.Id : null,
            OncePerInput = body.OncePerInput,
            IdempotencyKey = context.IdempotencyKey(),
        };
        Started started;
        using (await services.Bounds.EnterAsync(starter, Cost.Start, context.RequestAborted))
        {
            started = await services.Starts.StartAsync(starter, request, context.RequestAborted);
        }

        if (started.Repeated)
        {
            context.Response.Headers["Idempotency-Replayed"] = "true";
        }

        var run = await WaitForNewsAsync(services, starter.Tenant, started.Run, context.Patience(), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = RunLinks.Of(run.Id).Status;
        context.Response.Headers.RetryAfter = "1";
        await WriteAsync(context, services, starter.Tenant, run);
    }

    private static async Task ListAsync(HttpContext context, ApiServices services)
    {
        var reader = context.Principal();
        var page = await services.Runs.ListAsync(
            reader.Tenant, new RunFilter(StatusOf(context.QueryText("status")), context.QueryText("workflow"), IsNotUndone(context.QueryText("compensation"))) { Paused = FlagOf(context, "paused") },
            context.CursorText(RowKeys.RunPrefix), (int)context.QueryNumber("limit", 50, 1, 200), context.RequestAborted);
        await context.WriteAsync(
            new RunPageView([.. page.Items.Select(run => RunView.Of(run))], page.Next is null ? null : context.Cursor(page.Next)), ApiJson.Default.RunPageView);
    }

    private static async Task GetAsync(HttpContext context, ApiServices services)
    {
        var reader = context.Principal();
        var run = await FindAsync(context, services, reader);
        await WriteAsync(context, services, reader.Tenant, await WaitForNewsAsync(services, reader.Tenant, run, context.Patience(), context.RequestAborted));
    }

    private static async Task ResumeAsync(HttpContext context, ApiServices services)
    {
        var sender = context.Principal();
        var run = await FindAsync(context, services, sender);
        var body = await context.ReadAsync(ApiJson.Default.ResumeBody);
        var data = body.Data ?? Nothing;
        if (body.Wait is not { } wait)
        {
            await services.Events.SendAsync(sender, new RunIdentity(sender.Tenant, run.Id), body.Event, data, context.RequestAborted);
        }
        else if (!wait.StartsWith(run.Id + ".", StringComparison.Ordinal))
        {
            throw new ApiException("request.body-invalid", 400, "The wait is not one of this run.", [new("/wait", "must be the id of a wait of this run")]);
        }
        else if (await services.Waits.FindAsync(sender.Tenant, wait, context.RequestAborted) is null && !run.IsEnded
            && RunEvents.Knows(await services.Core.Workflows.LoadAsync(sender.Tenant, run.Definition, context.RequestAborted), body.Event))
        {
            throw new WaitRefusedException("wait.not-open", 409, $"The wait '{wait}' is not open yet. Send the event again, or leave 'wait' out: the run then keeps the event.") { RetryAfter = 1 };
        }
        else
        {
            await services.Submissions.ReceiveAsync(sender, wait, body.Event, data, context.RequestAborted);
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
        await WriteAsync(context, services, sender.Tenant, await FindAsync(context, services, sender));
    }

    private static async Task CancelAsync(HttpContext context, ApiServices services)
    {
        var actor = context.Principal();
        var body = await context.ReadAsync(ApiJson.Default.CancelBody, new CancelBody());
        var run = await services.Commands.CancelAsync(actor, IdOf(context), body.Reason, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        await WriteAsync(context, services, actor.Tenant, run);
    }

    private static async Task ControlAsync(HttpContext context, ApiServices services, Func<Principal, string, CancellationToken, Task<RunRow>> command)
    {
        var actor = context.Principal();
        var run = await command(actor, IdOf(context), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        await WriteAsync(context, services, actor.Tenant, run);
    }

    private static async Task HistoryAsync(HttpContext context, ApiServices services)
    {
        var reader = context.Principal();
        var run = await FindAsync(context, services, reader);
        var page = await services.Log.FindAsync(
            reader.Tenant, new LogFilter { Run = run.Id }, context.CursorSequence(), (int)context.QueryNumber("limit", 200, 1, 200), context.RequestAborted);
        await context.WriteAsync(LogPageView.Of(context, page), ApiJson.Default.LogPageView);
    }

    private static async Task ContextAsync(HttpContext context, ApiServices services)
    {
        var reader = context.Principal();
        var run = await FindAsync(context, services, reader);
        var definition = await services.Core.Workflows.LoadAsync(reader.Tenant, run.Definition, context.RequestAborted);
        var values = await services.Core.Replay.ReadAsync(reader.Tenant, run, context.RequestAborted);
        await context.WriteAsync(
            new RunContextView
            {
                Input = await services.Core.Values.LoadAsync(reader.Tenant, values.Input, context.RequestAborted),
                Static = definition.Static,
                Profile = await services.Core.Values.LoadAsync(reader.Tenant, values.Profile, context.RequestAborted),
                Runtime = await LoadAsync(context, services, reader.Tenant, values.Runtime, (_, value) => value),
                Steps = await LoadAsync(context, services, reader.Tenant, values.Steps, (value, output) => new StepContextView(output, value.Response)),
                Errors = await LoadAsync(context, services, reader.Tenant, values.Errors, (_, error) => error),
            },
            ApiJson.Default.RunContextView);
    }

    private static async Task<SortedDictionary<string, T>> LoadAsync<T>(
        HttpContext context, ApiServices services, string tenant, IReadOnlyDictionary<string, RunValue> values, Func<RunValue, JsonElement, T> view)
    {
        var loaded = new SortedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var (name, value) in values)
        {
            loaded[name] = view(value, await services.Core.Values.LoadAsync(tenant, value, context.RequestAborted));
        }

        return loaded;
    }

    // A run that ended or waits is news; so is the end of the caller's patience.
    private static async Task<RunRow> WaitForNewsAsync(ApiServices services, string tenant, RunRow run, TimeSpan patience, CancellationToken cancellationToken)
    {
        run = await services.Standing.OfAsync(tenant, run, cancellationToken);
        if (patience <= TimeSpan.Zero || IsNews(run))
        {
            return run;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        var identity = new RunIdentity(tenant, run.Id);
        try
        {
            await foreach (var _ in services.Tail.FollowAsync(tenant, run.Id, 0, TimeSpan.FromSeconds(1), limit.Token))
            {
                run = await services.Standing.OfAsync(tenant, (await services.Core.Rows.ReadAsync(identity, limit.Token)).Run, limit.Token);
                if (IsNews(run))
                {
                    return run;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Patience is at an end; the caller gets what there is.
        }

        return (await services.Core.Rows.ReadAsync(identity, cancellationToken)).Run;
    }

    // Who waits for a lock only waits for another run, which is no news.
    private static bool IsNews(RunRow run) =>
        run.IsEnded || run.VisibleStatus is RunStatus.Parked || (run.VisibleStatus is RunStatus.Waiting && run.OpenWaits > run.OpenLocks);

    private static async Task<RunRow> FindAsync(HttpContext context, ApiServices services, Principal reader) =>
        (await services.Core.Rows.ReadAsync(new RunIdentity(reader.Tenant, IdOf(context)), context.RequestAborted)).Run;

    private static string IdOf(HttpContext context)
    {
        var id = context.RouteText("id");
        return id.Length == 32 && RowKeys.IsSafe(id) ? id : throw new RunNotFoundException(id);
    }

    private static bool IsNotUndone(string? text) => text switch
    {
        null => false,
        CompensationView.Failed => true,
        _ => throw new ApiException("request.invalid", 400, $"The query's 'compensation' must be '{CompensationView.Failed}' (got: '{text}')."),
    };

    private static bool? FlagOf(HttpContext context, string name) => context.QueryText(name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => throw new ApiException("request.invalid", 400, $"The query's '{name}' must be true or false."),
    };

    private static RunStatus? StatusOf(string? text)
    {
        if (text is null)
        {
            return null;
        }

        return Enum.GetNames<RunStatus>().Contains(text, StringComparer.OrdinalIgnoreCase) && Enum.TryParse<RunStatus>(text, ignoreCase: true, out var status)
            ? status
            : throw Requests.BadQuery("status", $"must be one of {string.Join(", ", Enum.GetNames<RunStatus>()).ToLowerInvariant()}");
    }

    private static async Task WriteAsync(HttpContext context, ApiServices services, string tenant, RunRow run)
    {
        JsonElement? output = run.Output is null ? null : await services.Core.Values.LoadAsync(tenant, run.Output, context.RequestAborted);
        run = await services.Standing.OfAsync(tenant, run, context.RequestAborted);
        var view = RunView.Of(run, output);
        if (run.Overrides is not null)
        {
            view = view with { Overrides = await services.Core.Drafts.OverridesAsync(tenant, run.Overrides, context.RequestAborted) };
        }

        if (run.OpenLocks > 0)
        {
            var awaited = await services.Locks.WaitedForAsync(new RunIdentity(tenant, run.Id), context.RequestAborted);
            view = view with { Locks = [.. awaited.Select(AwaitedLockView.Of)] };
        }

        await context.WriteAsync(view, ApiJson.Default.RunView);
    }
}
