using Countersign.Access;
using Countersign.Api.Authentication;
using Countersign.Api.OpenApi;
using Countersign.Api.Problems;
using Countersign.Orchestration;
using Countersign.People;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.People;

/// <summary>Tasks: forms for people who are signed in, and whatever a link is for. GET shows, POST consumes.</summary>
internal static class TaskEndpoints
{
    private const string Scheme = "Task ";

    public static void Map(IEndpointRouteBuilder routes, ApiServices services)
    {
        var task = new Operation("getTask", "Gets the approval or form that a link is for. The link stays valid.", null) { Caller = Caller.TaskLink, Answer = [Content.Of<WaitView>()] };
        var shown = task with { Answer = [.. task.Answer, Content.As("text/html")] };
        routes.MapGet("/v1/tasks/{id}", context => ShowAsync(context, services)).Is(shown);
        routes.MapPost("/v1/tasks/{id}", context => ConsumeAsync(context, services)).Is(
            task with { Id = "completeTask", Summary = "Votes or submits a form through a link, once.", Headers = [Parameter.IdempotencyKey], Body = Content.Of<TaskBody>(), Problems = [409, 422] });
        routes.MapPost("/v1/forms/{id}", context => SubmitAsync(context, services)).Is(
            new("submitForm", "Submits a form that is addressed to the caller.", Permission.Act)
            {
                Headers = [Parameter.IdempotencyKey], Body = Content.Of<FormBody>(), Answer = [Content.Of<WaitView>()], Problems = [409, 422],
            });
    }

    private static async Task ShowAsync(HttpContext context, ApiServices services)
    {
        if (TaskPage.IsWanted(context))
        {
            await TaskPage.WriteAsync(context);
            return;
        }

        var (link, wait) = await ReadAsync(context, services, TokenOf(context, null));
        await context.WriteAsync(await services.DetailsAsync(link.Tenant, wait, context.RequestAborted), ApiJson.Default.WaitView);
    }

    private static async Task ConsumeAsync(HttpContext context, ApiServices services)
    {
        var body = await context.ReadAsync(ApiJson.Default.TaskBody);
        var (link, wait) = await ReadAsync(context, services, TokenOf(context, body.Token));
        await services.Once.AnswerAsync(context, link.Tenant, "link:" + link.Addressee, () => ConsumeAsync(context, services, body, link, wait));
    }

    private static async Task ConsumeAsync(HttpContext context, ApiServices services, TaskBody body, TaskLink link, WaitRow wait)
    {
        var person = TaskLinks.PersonOf(link, wait) with
        {
            Request = context.RequestKey(),
            Makers = await KeyHolders.MakersAsync(services.Core.Parts.Ledger, link.Tenant, link.Addressee, context.RequestAborted),
        };
        var done = link.Action == TaskLinks.Submit
            ? await services.Submissions.SubmitAsync(person, wait.Id, body.Data ?? throw NoData(), context.RequestAborted)
            : await services.Approvals.DecideAsync(
                person, wait.Id, ApprovalEndpoints.DecisionOf(body.Decision, body.Shown, body.Reason) with { TakeOver = body.TakeOver }, context.RequestAborted);
        await context.WriteAsync(await services.ViewAsync(link.Tenant, done, context.RequestAborted), ApiJson.Default.WaitView);
    }

    private static async Task SubmitAsync(HttpContext context, ApiServices services)
    {
        var person = context.Principal();
        var body = await context.ReadAsync(ApiJson.Default.FormBody);
        var done = await services.Submissions.SubmitAsync(person, context.RouteText("id"), body.Data, context.RequestAborted);
        await context.WriteAsync(await services.ViewAsync(person.Tenant, done, context.RequestAborted), ApiJson.Default.WaitView);
    }

    private static async Task<(TaskLink Link, WaitRow Wait)> ReadAsync(HttpContext context, ApiServices services, string token)
    {
        var id = context.RouteText("id");
        var (link, refused) = services.Links.Read(token, id);
        PrincipalMiddleware.DemandTenant(context, link.Tenant);
        if (refused is not null)
        {
            throw await RecordedAsync(context, services, link, refused);
        }

        context.RefuseUnknownQuery();
        var wait = await services.Waits.FindAsync(link.Tenant, id, context.RequestAborted)
            ?? throw new WaitRefusedException("wait.not-found", 404, $"There is no task '{id}'.");
        try
        {
            await services.LinkMaking.DemandAsync(link.Tenant, wait, link.Addressee, context.RequestAborted);
        }
        catch (WaitRefusedException notAsked)
        {
            throw await RecordedAsync(context, services, link, notAsked);
        }

        return (link, wait);
    }

    private static async Task<WaitRefusedException> RecordedAsync(HttpContext context, ApiServices services, TaskLink link, WaitRefusedException refused)
    {
        await services.LinkMaking.RecordRefusalAsync(link, refused, context.RequestAborted);
        return refused;
    }

    private static string TokenOf(HttpContext context, string? fromBody)
    {
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim()
            : fromBody ?? throw new ApiException("task.token-missing", 401, "Send the link's token as 'Authorization: Task <token>', or as 'token' in the body.");
    }

    private static ApiException NoData() => new("request.body-invalid", 400, "A form is submitted with its data.", [new("/data", "is required")]);
}
