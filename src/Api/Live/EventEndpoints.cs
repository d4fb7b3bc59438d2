using System.Globalization;
using System.Text.Json;
using Countersign.Access;
using Countersign.Api.Authentication;
using Countersign.Api.Problems;
using Countersign.Ledger;
using Countersign.Orchestration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.Live;

/// <summary>Events as they happen, as server-sent events. The id of an event is its sequence, so nothing is lost or doubled over a reconnect.</summary>
internal static class EventEndpoints
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    public static void Map(IEndpointRouteBuilder routes, ApiServices services)
    {
        routes.MapGet("/v1/events", async context =>
        {
            var reader = context.Demand(Permission.ReadLog);
            var newest = (await services.Core.Parts.Ledger.ReadHeadAsync(reader.Tenant, context.RequestAborted)).Sequence;
            await StreamAsync(context, services, reader.Tenant, null, newest);
        });
        routes.MapGet("/v1/executions/{id}/events", async context =>
        {
            var reader = context.Demand(Permission.ReadRuns);
            var id = context.RouteText("id");
            var run = id.Length == 32 && RowKeys.IsSafe(id)
                ? await services.Core.Rows.ReadAsync(new RunIdentity(reader.Tenant, id), context.RequestAborted)
                : throw new RunNotFoundException(id);
            await StreamAsync(context, services, reader.Tenant, run.Run.Id, 0);
        });
    }

    // A tenant's stream begins with what happens next, a run's with its beginning; Last-Event-ID goes on from anywhere.
    private static async Task StreamAsync(HttpContext context, ApiServices services, string tenant, string? run, long otherwise)
    {
        var after = LastEventId(context) ?? otherwise;
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync("retry: 1000\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await foreach (var stored in services.Tail.FollowAsync(tenant, run, after, Silence, context.RequestAborted))
        {
            await context.Response.WriteAsync(stored is { } entry ? Format(entry) : ": still here\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (run is not null && stored is { } last && IsEnd(last, run))
            {
                return;
            }
        }
    }

    private static string Format(StoredEntry stored)
    {
        var happened = CloudEvent.Of(stored);
        return $"id: {happened.Sequence}\nevent: {happened.Type}\ndata: {JsonSerializer.Serialize(happened, ApiJson.Default.CloudEvent)}\n\n";
    }

    private static bool IsEnd(StoredEntry stored, string run)
    {
        var entry = EntryCodec.Decode(stored.Bytes.Span);
        return entry.Run == run && entry.Type is EventTypes.RunCompleted or EventTypes.RunFailed or EventTypes.RunCanceled;
    }

    private static long? LastEventId(HttpContext context)
    {
        var header = context.Request.Headers["Last-Event-ID"].ToString();
        if (header.Length == 0)
        {
            return null;
        }

        return long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            ? sequence
            : throw new ApiException("request.invalid", 400, "Last-Event-ID must be the id of an event that was sent.");
    }
}
