using System.Globalization;
using Countersign.Access;
using Countersign.Ai;
using Countersign.Api.Authentication;
using Countersign.Api.OpenApi;
using Countersign.Api.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.Ai;

/// <summary>Stored prompts: save, look at, promote.</summary>
internal static class TemplateEndpoints
{
    private const string Promoted = "promoted";

    public static void Map(IEndpointRouteBuilder routes, ApiServices services)
    {
        var templates = services.Core.Prompts;
        var saved = new Operation("createTemplate", "Saves a version of a prompt template; the first one is promoted.", Permission.WriteWorkflows)
        {
            Headers = [Parameter.IdempotencyKey],
            Body = Content.Of<NewTemplateBody>(),
            Status = 201,
            Answer = [Content.Of<PromptVersion>()],
            AnswerHeaders = [Parameter.Location, Parameter.ETag],
            Problems = [409, 422],
        };
        routes.MapPost("/v1/templates", context => CreateAsync(context, templates)).Is(saved);
        routes.MapPut("/v1/templates/{id}", context => UpdateAsync(context, templates)).Is(saved with
        {
            Id = "updateTemplate",
            Summary = "Saves the next version of a prompt template, made from the one that If-Match names. It is not promoted by that.",
            Headers = [new("If-Match", "The ETag of the newest version.") { Required = true }],
            Body = Content.Of<TemplateBody>(),
            Problems = [404, 412, 422, 428],
        });
        routes.MapPost("/v1/templates/{id}/promote", context => PromoteAsync(context, templates)).Is(
            new("promoteTemplate", "Promotes a version: steps that name no version use it.", Permission.WriteWorkflows)
            {
                Headers = [Parameter.IdempotencyKey], Body = Content.Of<PromoteBody>(), Answer = [Content.Of<PromptVersion>()], Problems = [404, 409, 422],
            });
        routes.MapGet("/v1/templates", context => ListAsync(context, templates)).Is(
            new("listTemplates", "Lists the newest version of each prompt template, by id.", Permission.ReadRuns)
            {
                Query = [Parameter.Limit, Parameter.Cursor], Answer = [Content.Of<TemplatePage>()],
            });
        routes.MapGet("/v1/templates/{id}", context => GetAsync(context, templates)).Is(
            new("getTemplate", "Gets a version of a prompt template.", Permission.ReadRuns)
            {
                Query = [new("version", "A version, or 'promoted'; left out, the newest.")], Answer = [Content.Of<TemplateView>()], AnswerHeaders = [Parameter.ETag],
            });
        routes.MapGet("/v1/templates/{id}/versions", context => VersionsAsync(context, templates)).Is(
            new("listTemplateVersions", "Lists the versions of a prompt template, the newest first.", Permission.ReadRuns)
            {
                Query = [Parameter.Limit, Parameter.Cursor], Answer = [Content.Of<TemplatePage>()],
            });
    }

    private static async Task CreateAsync(HttpContext context, PromptTemplates templates)
    {
        var key = context.RequestKey()?.Id;
        var body = await context.ReadAsync(ApiJson.Default.NewTemplateBody);
        await SaveAsync(context, templates, body.Id, new PromptDraft(body.Prompt, body.System, body.Description), TemplateSave.Plain() with { IdempotencyKey = key });
    }

    private static async Task UpdateAsync(HttpContext context, PromptTemplates templates)
    {
        var expected = context.ExpectedVersion();
        var body = await context.ReadAsync(ApiJson.Default.TemplateBody);
        await SaveAsync(context, templates, IdOf(context), new PromptDraft(body.Prompt, body.System, body.Description), TemplateSave.Plain() with { Expected = expected });
    }

    private static async Task SaveAsync(HttpContext context, PromptTemplates templates, string id, PromptDraft draft, TemplateSave request)
    {
        var saved = await templates.SaveAsync(context.Principal(), id, draft, request, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = string.Create(CultureInfo.InvariantCulture, $"/v1/templates/{saved.Id}?version={saved.Version}");
        context.Response.Headers.ETag = $"\"{saved.Hash}\"";
        await context.WriteAsync(saved, ApiJson.Default.PromptVersion);
    }

    private static async Task PromoteAsync(HttpContext context, PromptTemplates templates)
    {
        var body = await context.ReadAsync(ApiJson.Default.PromoteBody);
        await context.WriteAsync(await templates.PromoteAsync(context.Principal(), IdOf(context), body.Version, context.RequestAborted), ApiJson.Default.PromptVersion);
    }

    private static async Task ListAsync(HttpContext context, PromptTemplates templates)
    {
        var limit = (int)context.QueryNumber("limit", 50, 1, 200);
        var items = await templates.ListAsync(context.Principal().Tenant, context.CursorText("tpl|")?[4..], limit, context.RequestAborted);
        await context.WriteAsync(new TemplatePage(items, items.Count == limit ? context.Cursor("tpl|" + items[^1].Id) : null), ApiJson.Default.TemplatePage);
    }

    private static async Task GetAsync(HttpContext context, PromptTemplates templates)
    {
        var (tenant, id) = (context.Principal().Tenant, IdOf(context));
        var numbers = await templates.FindNumbersAsync(tenant, id, context.RequestAborted) ?? throw new TemplateNotFoundException(id, null);
        var wanted = context.QueryText("version") switch
        {
            null => numbers.Newest,
            Promoted => numbers.Promoted,
            var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw Requests.BadQuery("version", "must be a whole number from 1, or 'promoted'"),
        };
        var version = await templates.FindVersionAsync(tenant, id, wanted, context.RequestAborted) ?? throw new TemplateNotFoundException(id, wanted);
        var draft = await templates.LoadAsync(tenant, version, context.RequestAborted);
        context.Response.Headers.ETag = $"\"{version.Hash}\"";
        await context.WriteAsync(
            new TemplateView(id, version.Version, numbers.Promoted, numbers.Newest, version.Hash, draft.Prompt, draft.System, draft.Description, version.Author, version.Saved),
            ApiJson.Default.TemplateView);
    }

    private static async Task VersionsAsync(HttpContext context, PromptTemplates templates)
    {
        var (tenant, id) = (context.Principal().Tenant, IdOf(context));
        var limit = (int)context.QueryNumber("limit", 50, 1, 200);
        int? before = context.CursorText("tplv|") is { } cursor && int.TryParse(cursor.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        var items = await templates.VersionsAsync(tenant, id, before, limit, context.RequestAborted);
        if (items.Count == 0 && before is null)
        {
            throw new TemplateNotFoundException(id, null);
        }

        var next = items.Count == limit && items[^1].Version > 1 ? context.Cursor(string.Create(CultureInfo.InvariantCulture, $"tplv|{items[^1].Version}")) : null;
        await context.WriteAsync(new TemplatePage(items, next), ApiJson.Default.TemplatePage);
    }

    private static string IdOf(HttpContext context) => context.RouteText("id");
}
