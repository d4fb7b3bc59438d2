using System.Globalization;
using System.Text.Json;
using Countersign.Access;
using Countersign.Api.Audit;
using Countersign.Api.Authentication;
using Countersign.Api.Problems;
using Countersign.Ledger;
using Countersign.Orchestration;
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
        routes.MapPost("/v1/executions", context => StartAsync(context, services));
        routes.MapGet("/v1/executions", context => ListAsync(context, services));
        routes.MapGet("/v1/executions/{id}", context => GetAsync(context, services));
        routes.MapPost("/v1/executions/{id}/resume", context => ResumeAsync(context, services));
        routes.MapPost("/v1/executions/{id}/cancel", context => CancelAsync(context, services));
        routes.MapPost("/v1/executions/{id}/pause", context => ControlAsync(context, services, services.Commands.PauseAsync));
        routes.MapPost("/v1/executions/{id}/continue", context => ControlAsync(context, services, services.Commands.ContinueAsync));
        routes.MapGet("/v1/executions/{id}/history", context => HistoryAsync(context, services));
        routes.MapGet("/v1/executions/{id}/context", context => ContextAsync(context, services));
    }

    private static async Task StartAsync(HttpContext context, ApiServices services)
    {
        var starter = context.Demand(Permission.StartRuns);
        var body = await context.ReadAsync(ApiJson.Default.StartBody);
        var started = await services.Starts.StartAsync(
            starter,
            new StartRequest
            {
                Workflow = body.Workflow,
                Version = body.Version,
                Input = body.Input ?? Nothing,
                Profile = body.Profile,
                CorrelationId = body.CorrelationId,
                OncePerInput = body.OncePerInput,
                IdempotencyKey = context.IdempotencyKey(),
            },
            context.RequestAborted);
        var run = await WaitForNewsAsync(services, starter.Tenant, started.Run, context.Patience(), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = RunLinks.Of(run.Id).Status;
        context.Response.Headers.RetryAfter = "1";
        await WriteAsync(context, services, starter.Tenant, run);
    }

    private static async Task ListAsync(HttpContext context, ApiServices services)
    {
        var reader = context.Demand(Permission.ReadRuns);
        var page = await services.Runs.ListAsync(
            reader.Tenant, new RunFilter(StatusOf(context.QueryText("status")), context.QueryText("workflow")),
            context.CursorText(), (int)context.QueryNumber("limit", 50, 1, 200), context.RequestAborted);
        await context.WriteAsync(
            new RunPageView([.. page.Items.Select(run => RunView.Of(run))], page.Next is null ? null : Requests.Cursor(page.Next)), ApiJson.Default.RunPageView);
    }

    private static async Task GetAsync(HttpContext context, ApiServices services)
    {
        var reader = context.Demand(Permission.ReadRuns);
        var run = await FindAsync(context, services, reader);
        await WriteAsync(context, services, reader.Tenant, await WaitForNewsAsync(services, reader.Tenant, run, context.Patience(), context.RequestAborted));
    }

    private static async Task ResumeAsync(HttpContext context, ApiServices services)
    {
        var sender = context.Demand(Permission.StartRuns);
        var run = await FindAsync(context, services, sender);
        var body = await context.ReadAsync(ApiJson.Default.ResumeBody);
        if (!body.Wait.StartsWith(run.Id + ".", StringComparison.Ordinal))
        {
            throw new ApiException("request.body-invalid", 400, "The wait is not one of this run.", [new("/wait", "must be the id of a wait of this run")]);
        }

        await services.Submissions.ReceiveAsync(sender, body.Wait, body.Event, body.Data ?? Nothing, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        await WriteAsync(context, services, sender.Tenant, run);
    }

    private static async Task CancelAsync(HttpContext context, ApiServices services)
    {
        var actor = context.Demand(Permission.ControlRuns);
        var body = context.Request.ContentLength is null or 0 ? new CancelBody() : await context.ReadAsync(ApiJson.Default.CancelBody);
        var run = await services.Commands.CancelAsync(actor, IdOf(context), body.Reason, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        await WriteAsync(context, services, actor.Tenant, run);
    }

    private static async Task ControlAsync(HttpContext context, ApiServices services, Func<Principal, string, CancellationToken, Task<RunRow>> command)
    {
        var actor = context.Demand(Permission.ControlRuns);
        var run = await command(actor, IdOf(context), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        await WriteAsync(context, services, actor.Tenant, run);
    }

    private static async Task HistoryAsync(HttpContext context, ApiServices services)
    {
        var reader = context.Demand(Permission.ReadRuns);
        var run = await FindAsync(context, services, reader);
        var after = long.TryParse(context.CursorText(), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence : 0;
        var page = await services.Log.FindAsync(
            reader.Tenant, new LogFilter { Run = run.Id }, after, (int)context.QueryNumber("limit", 200, 1, 200), context.RequestAborted);
        await context.WriteAsync(LogPageView.Of(page), ApiJson.Default.LogPageView);
    }

    private static async Task ContextAsync(HttpContext context, ApiServices services)
    {
        var reader = context.Demand(Permission.ReadRuns);
        var run = await FindAsync(context, services, reader);
        var definition = await services.Core.Workflows.LoadAsync(reader.Tenant, run.Definition, context.RequestAborted);
        await context.WriteAsync(
            new RunContextView(
                await services.Core.Values.LoadAsync(reader.Tenant, run.Input, context.RequestAborted),
                definition.Static,
                await services.Core.Values.LoadAsync(reader.Tenant, run.Profile, context.RequestAborted)),
            ApiJson.Default.RunContextView);
    }

    // A run that ended or waits is news; so is the end of the caller's patience.
    private static async Task<RunRow> WaitForNewsAsync(ApiServices services, string tenant, RunRow run, TimeSpan patience, CancellationToken cancellationToken)
    {
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
                run = (await services.Core.Rows.ReadAsync(identity, limit.Token)).Run;
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

    private static bool IsNews(RunRow run) => run.IsEnded || run.VisibleStatus is RunStatus.Waiting or RunStatus.Parked;

    private static async Task<RunRow> FindAsync(HttpContext context, ApiServices services, Principal reader) =>
        (await services.Core.Rows.ReadAsync(new RunIdentity(reader.Tenant, IdOf(context)), context.RequestAborted)).Run;

    private static string IdOf(HttpContext context)
    {
        var id = context.RouteText("id");
        return id.Length == 32 && RowKeys.IsSafe(id) ? id : throw new RunNotFoundException(id);
    }

    private static RunStatus? StatusOf(string? text)
    {
        if (text is null)
        {
            return null;
        }

        return Enum.TryParse<RunStatus>(text, ignoreCase: true, out var status) && Enum.IsDefined(status) && !char.IsAsciiDigit(text[0])
            ? status
            : throw new ApiException(
                "request.invalid", 400, $"The query's 'status' must be one of {string.Join(", ", Enum.GetNames<RunStatus>()).ToLowerInvariant()}.");
    }

    private static async Task WriteAsync(HttpContext context, ApiServices services, string tenant, RunRow run)
    {
        JsonElement? output = run.Output is null ? null : await services.Core.Values.LoadAsync(tenant, run.Output, context.RequestAborted);
        await context.WriteAsync(RunView.Of(run, output), ApiJson.Default.RunView);
    }
}

/// <summary>What a run reads from.</summary>
/// <param name="Input">Its input.</param>
/// <param name="Static"><c>context.static</c>.</param>
/// <param name="Profile"><c>context.profile</c>.</param>
public sealed record RunContextView(JsonElement Input, JsonElement Static, JsonElement Profile);
