using System.Globalization;
using Countersign.Access;
using Countersign.Api.Authentication;
using Countersign.Api.Limits;
using Countersign.Api.OpenApi;
using Countersign.Api.Problems;
using Countersign.Ledger;
using Countersign.Orchestration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Countersign.Api.Live;

/// <summary>
/// Events as they happen, as server-sent events, or over a WebSocket where the request asks to become one. The id of an event is its sequence, so
/// nothing is lost or doubled over a reconnect.
/// </summary>
internal static class EventEndpoints
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan LongestSend = TimeSpan.FromSeconds(10);

    private static readonly Operation Tenant = new("followEvents", "Follows the tenant's events from now on, or after an event.", Permission.ReadLog)
    {
        Query = [new("after", "The sequence of the event after which the stream begins.", "integer") { Least = 0 }],
        Headers = [Parameter.LastEventId],
        Cost = Cost.Stream,
        Answer = [Content.As("text/event-stream")],
    };

    public static void Map(IEndpointRouteBuilder routes, ApiServices services)
    {
        routes.MapGet("/v1/events", context => FollowTenantAsync(context, services)).Is(Tenant);
        routes.MapGet("/v1/executions/{id}/events", context => FollowRunAsync(context, services)).Is(
            Tenant with { Id = "followExecution", Summary = "Follows a run's events from its beginning, or after an event, until the run ends. Between them come parts of model answers, without an id.", Permission = Permission.ReadRuns, EmptyStatus = 204 });
    }

    // A tenant's stream begins with what happens next; the cursor goes on from anywhere.
    private static async Task FollowTenantAsync(HttpContext context, ApiServices services)
    {
        var reader = context.Principal();
        var after = Cursor(context) ?? (await services.Core.Parts.Ledger.ReadHeadAsync(reader.Tenant, context.RequestAborted)).Sequence;
        await StreamAsync(context, services, reader.Tenant, null, after);
    }

    private static async Task FollowRunAsync(HttpContext context, ApiServices services)
    {
        var reader = context.Principal();
        var id = context.RouteText("id");
        var run = id.Length == 32 && RowKeys.IsSafe(id)
            ? (await services.Core.Rows.ReadAsync(new RunIdentity(reader.Tenant, id), context.RequestAborted)).Run
            : throw new RunNotFoundException(id);
        var after = Cursor(context) ?? 0;
        if (run.IsEnded
            && !context.WebSockets.IsWebSocketRequest
            && (await services.Core.Parts.Ledger.ReadRunEntriesAsync(reader.Tenant, id, after, 1, context.RequestAborted)).Count == 0)
        {
            // Tells an EventSource that there is nothing more to come, so that it stops to reconnect.
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await StreamAsync(context, services, reader.Tenant, run, after);
    }

    private static async Task StreamAsync(HttpContext context, ApiServices services, string tenant, RunRow? run, long after)
    {
        var stopping = context.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        end.CancelAfter(services.LongestStream);

        // Before the reader sees that the stream is open: what is said from then on is for it.
        using var said = run is null ? null : services.Core.Parts.Deltas.Listen(new RunIdentity(tenant, run.Id));
        await using var guard = new KeyGuard(services.Keys, () => PrincipalMiddleware.AuthenticateAsync(context, services.Keys), end, services.Core.Parts.Time);
        await using var sink = new BoundedSink(await EventSinks.OpenAsync(context, end), services.Core.Parts.Time, LongestSend, context.Abort);
        try
        {
            if (run is not null)
            {
                await new RunStream(services, new RunIdentity(tenant, run.Id), said!, sink).SendAsync(after, Silence, end.Token);
                return;
            }

            await foreach (var stored in services.Tail.FollowAsync(tenant, null, after, Silence, end.Token))
            {
                await (stored is { } entry ? sink.SendAsync(CloudEvent.Of(entry), end.Token) : sink.BeatAsync(end.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // The reader has gone, or the host stops; either way the reader comes back with its cursor.
        }
    }

    // Browsers cannot set headers on a WebSocket, hence the query; the header is newer where both are there.
    private static long? Cursor(HttpContext context)
    {
        var header = context.Request.Headers["Last-Event-ID"].ToString();
        if (header.Length == 0)
        {
            return context.QueryText("after") is null ? null : context.QueryNumber("after", 0, 0, long.MaxValue - 1);
        }

        return long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) && sequence < long.MaxValue
            ? sequence
            : throw new ApiException("request.invalid", 400, "Last-Event-ID must be the id of an event that was sent.");
    }
}
