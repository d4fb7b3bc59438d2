using Countersign.Access;
using Countersign.Ai;
using Countersign.Api.Authentication;
using Countersign.Api.Limits;
using Countersign.Api.OpenApi;
using Countersign.Api.Problems;
using Countersign.Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.Ai;

/// <summary>Models asked directly, and what models took.</summary>
internal static class AiEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ApiServices services)
    {
        var inference = new Inference(services);
        var usage = new UsageReport(services.Core.Parts.Ledger);
        routes.MapPost("/v1/ai/infer", context => InferAsync(context, inference)).Is(
            new("infer", "Asks a model, and takes only an answer that satisfies the schema.", Permission.Infer)
            {
                Headers = [Parameter.IdempotencyKey], Body = Content.Of<InferBody>(), Answer = [Content.Of<InferView>()], Problems = [409, 422, 502, 503],
            });
        routes.MapGet("/v1/usage", context => UsageAsync(context, usage)).Is(
            new("getUsage", "Adds up calls, tokens, time and cost of models from the log.", Permission.ReadUsage)
            {
                Cost = Cost.Heavy,
                Query =
                [
                    new("by", "What the groups are: model (the default), provider, run or step."), new("run", "Only this run."),
                    new("actor", "Only what this actor asked."), new("since", "Only from this time on."), new("until", "Only before this time."),
                ],
                Answer = [Content.Of<UsageTotals>()],
            });
    }

    private static async Task InferAsync(HttpContext context, Inference inference)
    {
        var key = context.RequestKey()?.Id;
        var body = await context.ReadAsync(ApiJson.Default.InferBody);
        await context.WriteAsync(await inference.AskAsync(context.Principal(), body, key, context.RequestAborted), ApiJson.Default.InferView);
    }

    private static async Task UsageAsync(HttpContext context, UsageReport usage)
    {
        var filter = new LogFilter
        {
            Run = context.QueryText("run"), Actor = context.QueryText("actor"), Since = context.QueryTime("since"), Until = context.QueryTime("until"),
        };
        var by = context.QueryText("by") switch
        {
            null or "model" => UsageGrouping.Model,
            "provider" => UsageGrouping.Provider,
            "run" => UsageGrouping.Run,
            "step" => UsageGrouping.Step,
            "actor" => UsageGrouping.Actor,
            _ => throw Requests.BadQuery("by", "must be one of model, provider, run, step, actor"),
        };
        await context.WriteAsync(await usage.AddUpAsync(context.Principal().Tenant, filter, by, context.RequestAborted), ApiJson.Default.UsageTotals);
    }
}
