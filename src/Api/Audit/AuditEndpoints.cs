using Countersign.Access;
using Countersign.Api.Authentication;
using Countersign.Api.Limits;
using Countersign.Api.OpenApi;
using Countersign.Api.Problems;
using Countersign.Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Countersign.Api.Audit;

/// <summary>The tenant's log: query, verify, export.</summary>
internal static class AuditEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ApiServices services)
    {
        routes.MapGet("/v1/audit/events", context => ListAsync(context, services.Log)).Is(
            new("listAuditEvents", "Lists entries of the tenant's log, in order.", Permission.ReadLog)
            {
                Cost = Cost.Heavy,
                Query =
                [
                    new("type", "Only entries of this type; a prefix ends with .*, such as approval.*"), new("actor", "Only entries of this actor."),
                    new("run", "Only entries of this run."),
                    new("step", "Only entries of this step: its id, such as pay, or pay.compensate for what undoes it; or its whole path."),
                    new("since", "Only entries at this time or later."), new("until", "Only entries before this time."),
                    Parameter.Limit, Parameter.Cursor,
                ],
                Answer = [Content.Of<LogPageView>()],
            });
        routes.MapPost("/v1/audit/verify", context => VerifyAsync(context, services)).Is(
            new("verifyLog", "Verifies a range of the log by computing its hash chain again.", Permission.ReadLog)
            {
                Cost = Cost.Heavy,
                Body = Content.Of<VerifyBody>() with { Optional = true }, Answer = [Content.Of<VerifyView>()],
            });
        routes.MapGet("/v1/audit/export", context => ExportAsync(context, services)).Is(
            new("exportLog", "Exports a range of the log as JSON Lines, for `countersign verify`.", Permission.ReadLog)
            {
                Cost = Cost.Stream,
                Query = [new("from", "The first sequence of the range.", "integer") { Least = 1 }, new("to", "The last sequence of the range.", "integer") { Least = 0 }],
                Answer = [Content.As("application/x-ndjson")],
            });
    }

    private static async Task ListAsync(HttpContext context, LogReader log)
    {
        var reader = context.Principal();
        var filter = new LogFilter
        {
            Type = context.QueryText("type"),
            Actor = context.QueryText("actor"),
            Run = context.QueryText("run"),
            Step = context.QueryText("step"),
            Since = context.QueryTime("since"),
            Until = context.QueryTime("until"),
        };
        var page = await log.FindAsync(reader.Tenant, filter, context.CursorSequence(), (int)context.QueryNumber("limit", 50, 1, 200), context.RequestAborted);
        await context.WriteAsync(LogPageView.Of(context, page), ApiJson.Default.LogPageView);
    }

    private static async Task VerifyAsync(HttpContext context, ApiServices services)
    {
        var reader = context.Principal();
        var body = await context.ReadAsync(ApiJson.Default.VerifyBody, new VerifyBody());
        var head = await services.Core.Parts.Ledger.ReadHeadAsync(reader.Tenant, context.RequestAborted);
        var from = body.From ?? 1;
        if (from > Math.Max(1, head.Sequence) || body.To > Math.Max(1, head.Sequence))
        {
            throw new ApiException(
                "request.body-invalid", 400, "The range is not one.", [new(from > Math.Max(1, head.Sequence) ? "/from" : "/to", $"must be at most {head.Sequence}, the newest entry")]);
        }

        if (from < 1 || body.To < from)
        {
            throw new ApiException(
                "request.body-invalid", 400, "The range is not one.", [new(from < 1 ? "/from" : "/to", from < 1 ? "must be at least 1" : "must not be before 'from'")]);
        }

        var report = await services.Log.VerifyAsync(reader.Tenant, from, body.To, context.RequestAborted);
        await context.WriteAsync(
            new VerifyView(
                report.Intact, report.Entries, report.Erased, report.FirstSequence, report.LastSequence, report.Head.ToString(), report.Faults),
            ApiJson.Default.VerifyView);
    }

    private static async Task ExportAsync(HttpContext context, ApiServices services)
    {
        var reader = context.Principal();
        var ledger = services.Core.Parts.Ledger;
        var head = await ledger.ReadHeadAsync(reader.Tenant, context.RequestAborted);
        var from = context.QueryNumber("from", 1, 1, Math.Max(1, head.Sequence));
        var to = context.QueryNumber("to", head.Sequence, Math.Min(from, head.Sequence), head.Sequence);
        var start = await services.Log.StartAsync(reader.Tenant, from, context.RequestAborted);
        var last = to == head.Sequence ? head.Hash : (await ledger.ReadEntriesAsync(reader.Tenant, to, 1, context.RequestAborted))[0].Hash();
        context.Response.ContentType = "application/x-ndjson";
        var disposition = new ContentDispositionHeaderValue("attachment");

        // A tenant that an older build let in may have a name that no header can hold.
        var name = string.Concat(reader.Tenant.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));
        disposition.SetHttpFileName($"{name}-{from}-{to}.jsonl");
        context.Response.Headers.ContentDisposition = disposition.ToString();
        await LogExport.WriteAsync(
            context.Response.Body,
            new ExportHeader(reader.Tenant, from, to, start.PreviousHash, last),
            services.Log.RangeAsync(reader.Tenant, from, to, context.RequestAborted),
            context.RequestAborted);
    }
}
