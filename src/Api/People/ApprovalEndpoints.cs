using Countersign.Access;
using Countersign.Api.Authentication;
using Countersign.Api.OpenApi;
using Countersign.Api.Problems;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.People;

/// <summary>What waits for people who are signed in.</summary>
internal static class ApprovalEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ApiServices services)
    {
        routes.MapGet("/v1/approvals", context => ListAsync(context, services)).Is(
            new("listApprovals", "Lists the open approvals and forms that the caller can act on or is asked about. An admin sees all.", Permission.Act)
            {
                Query = [Parameter.Limit, Parameter.Cursor], Answer = [Content.Of<WaitPage>()],
            });
        routes.MapGet("/v1/approvals/{id}", context => GetAsync(context, services)).Is(
            new("getApproval", "Gets an approval or form, with its messages.", Permission.Act) { Answer = [Content.Of<WaitView>()] });
        var act = new Operation("claimApproval", "Claims an approval for the caller, so that others need not look at it.", Permission.Act)
        {
            Headers = [Parameter.IdempotencyKey], Answer = [Content.Of<WaitView>()], Problems = [409, 422],
        };
        routes.MapPost("/v1/approvals/{id}/claim", context => ClaimAsync(context, services)).Is(act with { Body = Content.Of<ClaimBody>() with { Optional = true } });
        routes.MapPost("/v1/approvals/{id}/decide", context => DecideAsync(context, services)).Is(
            act with { Id = "decideApproval", Summary = "Votes on an approval. The vote is bound to the hash of what was shown.", Body = Content.Of<DecideBody>() });
        routes.MapPost("/v1/approvals/{id}/delegate", context => DelegateAsync(context, services)).Is(
            act with { Id = "delegateApproval", Summary = "Moves the caller's vote to another person.", Body = Content.Of<DelegateBody>() });
        routes.MapPost("/v1/approvals/{id}/messages", context => SendMessageAsync(context, services)).Is(
            act with { Id = "sendApprovalMessage", Summary = "Sends a message about an approval or a form to its approvers and its requester.", Body = Content.Of<MessageBody>() });
        routes.MapPost("/v1/approvals/{id}/links", context => LinkAsync(context, services)).Is(
            act with
            {
                Id = "createTaskLink", Summary = "Makes a link by which one person acts without signing in.", Permission = Permission.MakeTaskLinks,
                Body = Content.Of<LinkBody>(), Answer = [Content.Of<LinkView>()], Secrets = ["token", "path"],
            });
    }

    /// <summary>What a body decides.</summary>
    /// <exception cref="ApiException">The word is neither of the two, or the hash is missing.</exception>
    public static Decision DecisionOf(string? word, string? shown, string? reason) => (word, shown) switch
    {
        ("approved" or "rejected", { Length: 64 }) when shown.All(char.IsAsciiHexDigitLower) => new Decision(word == "approved", shown, reason),
        ("approved" or "rejected", _) => throw new ApiException(
            "request.body-invalid", 400, "A vote names what was looked at.", [new("/shown", "must be the shownHash of what was looked at")]),
        _ => throw new ApiException("request.body-invalid", 400, "A vote is 'approved' or 'rejected'.", [new("/decision", "must be 'approved' or 'rejected'")]),
    };

    private static async Task DecideAsync(HttpContext context, ApiServices services)
    {
        var body = await context.ReadAsync(ApiJson.Default.DecideBody);
        var decision = DecisionOf(body.Decision, body.Shown, body.Reason) with { TakeOver = body.TakeOver };
        await ActAsync(context, services, (person, id) => services.Approvals.DecideAsync(person, id, decision, context.RequestAborted));
    }

    private static async Task ClaimAsync(HttpContext context, ApiServices services)
    {
        var body = await context.ReadAsync(ApiJson.Default.ClaimBody, new ClaimBody());
        await ActAsync(context, services, (person, id) => services.Approvals.ClaimAsync(person, id, body.TakeOver, context.RequestAborted));
    }

    private static async Task DelegateAsync(HttpContext context, ApiServices services)
    {
        var to = (await context.ReadAsync(ApiJson.Default.DelegateBody)).To;
        if (!UserId.IsValid(to))
        {
            throw new ApiException("request.body-invalid", 400, "'to' is not a user's id.", [new("/to", "must be 1 to 64 letters, digits and _ - . :")]);
        }

        await ActAsync(context, services, (person, id) => services.Approvals.DelegateAsync(person, id, to, context.RequestAborted));
    }

    private static async Task SendMessageAsync(HttpContext context, ApiServices services)
    {
        var text = (await context.ReadAsync(ApiJson.Default.MessageBody)).Text;
        await ActAsync(context, services, (person, id) => services.Chat.SendAsync(person, id, text, context.RequestAborted));
    }

    private static async Task ListAsync(HttpContext context, ApiServices services)
    {
        var person = context.Principal();
        var (waits, next) = await services.Inbox.ListAsync(
            person, context.CursorText(RowKeys.InboxPrefix), (int)context.QueryNumber("limit", 50, 1, 200), context.RequestAborted);
        var views = new List<WaitView>(waits.Count);
        foreach (var wait in waits)
        {
            views.Add(await services.ViewAsync(person.Tenant, wait, context.RequestAborted) with { Question = Inbox.IsAsked(wait, person) });
        }

        await context.WriteAsync(new WaitPage(views, next is null ? null : context.Cursor(next)), ApiJson.Default.WaitPage);
    }

    private static async Task GetAsync(HttpContext context, ApiServices services)
    {
        var person = context.Principal();
        var wait = await services.Waits.FindAsync(person.Tenant, context.RouteText("id"), context.RequestAborted) ?? throw Missing(context);
        Eligibility.DemandSight(wait, person);
        var view = await services.DetailsAsync(person.Tenant, wait, context.RequestAborted);
        await context.WriteAsync(view with { Question = Inbox.IsAsked(wait, person) }, ApiJson.Default.WaitView);
    }

    private static async Task LinkAsync(HttpContext context, ApiServices services)
    {
        var maker = context.Principal();
        var wait = await services.Waits.FindAsync(maker.Tenant, context.RouteText("id"), context.RequestAborted) ?? throw Missing(context);
        var addressee = (await context.ReadAsync(ApiJson.Default.LinkBody)).Addressee;
        if (!UserId.IsValid(addressee))
        {
            throw new ApiException("request.body-invalid", 400, "'addressee' is not a user's id.", [new("/addressee", "must be 1 to 64 letters, digits and _ - . :")]);
        }

        var token = await services.LinkMaking.MakeAsync(maker, wait, addressee, context.RequestAborted);
        await context.WriteAsync(new LinkView(token, $"/v1/tasks/{wait.Id}#{token}", wait.Deadline), ApiJson.Default.LinkView);
    }

    private static async Task ActAsync(HttpContext context, ApiServices services, Func<Principal, string, Task<WaitRow>> act)
    {
        var person = context.Principal();
        var wait = await act(person, context.RouteText("id"));
        await context.WriteAsync(await services.ViewAsync(person.Tenant, wait, context.RequestAborted), ApiJson.Default.WaitView);
    }

    private static WaitRefusedException Missing(HttpContext context) =>
        new("wait.not-found", 404, $"There is no task or approval '{context.RouteText("id")}'.");
}
