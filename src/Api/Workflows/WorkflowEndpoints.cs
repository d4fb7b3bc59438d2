using System.Collections.Immutable;
using Countersign.Access;
using Countersign.Api.Authentication;
using Countersign.Api.Problems;
using Countersign.Language;
using Countersign.Workflows;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.Workflows;

/// <summary>What a validation found.</summary>
/// <param name="Valid">Whether the definition could be saved.</param>
/// <param name="Hash">Its content hash, where it is valid.</param>
/// <param name="Problems">Errors and warnings, in the order of the document.</param>
public sealed record ValidationResult(bool Valid, string? Hash, ImmutableArray<ProblemField> Problems);

/// <summary>A page of workflows.</summary>
/// <param name="Items">The newest version of each.</param>
/// <param name="Cursor">Where the next page begins; null at the end.</param>
public sealed record WorkflowPage(IReadOnlyList<WorkflowVersion> Items, string? Cursor);

/// <summary>Definitions: YAML or JSON in, canonical JSON out.</summary>
internal static class WorkflowEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, ApiServices services)
    {
        var catalog = services.Core.Workflows;
        routes.MapPost("/v1/workflows", context => SaveAsync(context, catalog, null));
        routes.MapPut("/v1/workflows/{name}", context => SaveAsync(context, catalog, context.RouteText("name")));
        routes.MapPost("/v1/workflows/validate", ValidateAsync);
        routes.MapPost("/v1/workflows/{name}/validate", ValidateAsync);
        routes.MapGet("/v1/workflows", context => ListAsync(context, catalog));
        routes.MapGet("/v1/workflows/{name}", context => GetAsync(context, catalog));
        routes.MapGet("/v1/workflows/{name}/versions", context => VersionsAsync(context, catalog));
        routes.MapDelete("/v1/workflows/{name}", context => DeleteAsync(context, catalog));
        routes.MapGet("/v1/schemas/workflow", context =>
        {
            context.Response.ContentType = "application/schema+json";
            return context.Response.WriteAsync(LanguageSchema.Document.GetRawText(), context.RequestAborted);
        }).WithMetadata(new OpenToAll());
    }

    private static async Task SaveAsync(HttpContext context, WorkflowCatalog catalog, string? name)
    {
        var author = context.Demand(Permission.WriteWorkflows);
        var result = DefinitionReader.Read(await context.ReadBytesAsync());
        var definition = result.Definition ?? throw new DefinitionException(result.Problems);
        if (name is not null && definition.Name != name)
        {
            throw new ApiException("workflow.name-differs", 422, $"The document is named '{definition.Name}', the address '{name}'.", [new("/name", $"must be '{name}'")]);
        }

        var saved = await catalog.SaveAsync(author, definition, context.IdempotencyKey() ?? Guid.NewGuid().ToString("N"), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/v1/workflows/{saved.Name}?version={saved.Version}";
        context.Response.Headers.ETag = $"\"{saved.Hash}\"";
        await context.WriteAsync(saved, ApiJson.Default.WorkflowVersion);
    }

    private static async Task ValidateAsync(HttpContext context)
    {
        context.Demand(Permission.ReadRuns);
        var result = DefinitionReader.Read(await context.ReadBytesAsync());
        await context.WriteAsync(
            new ValidationResult(result.Definition is not null, result.Definition?.Hash, Problems.Problem.Fields(result.Problems)), ApiJson.Default.ValidationResult);
    }

    private static async Task ListAsync(HttpContext context, WorkflowCatalog catalog)
    {
        var reader = context.Demand(Permission.ReadRuns);
        var limit = (int)context.QueryNumber("limit", 50, 1, 200);
        var items = await catalog.ListAsync(reader.Tenant, context.CursorText(), limit, context.RequestAborted);
        await context.WriteAsync(
            new WorkflowPage(items, items.Count == limit ? Requests.Cursor(items[^1].Name) : null), ApiJson.Default.WorkflowPage);
    }

    private static async Task GetAsync(HttpContext context, WorkflowCatalog catalog)
    {
        var reader = context.Demand(Permission.ReadRuns);
        var name = context.RouteText("name");
        VersionRange? range = null;
        if (context.QueryText("version") is { } text && !VersionRange.TryParse(text, out range))
        {
            throw new WorkflowNotFoundException($"{name} {text}");
        }

        var definition = await catalog.ResolveAsync(reader.Tenant, name, range, context.RequestAborted) ?? throw new WorkflowNotFoundException(name);
        context.Response.Headers.ETag = $"\"{definition.Hash}\"";
        if (context.Request.Headers.Accept.ToString().Contains("yaml", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.ContentType = "application/yaml";
            await context.Response.WriteAsync(DefinitionWriter.ToYaml(definition), context.RequestAborted);
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(definition.Canonical, context.RequestAborted);
    }

    private static async Task VersionsAsync(HttpContext context, WorkflowCatalog catalog)
    {
        var reader = context.Demand(Permission.ReadRuns);
        var name = context.RouteText("name");
        var versions = await catalog.VersionsAsync(reader.Tenant, name, context.RequestAborted);
        await context.WriteAsync(new WorkflowPage(versions.Count > 0 ? versions : throw new WorkflowNotFoundException(name), null), ApiJson.Default.WorkflowPage);
    }

    private static async Task DeleteAsync(HttpContext context, WorkflowCatalog catalog)
    {
        var actor = context.Demand(Permission.WriteWorkflows);
        var name = context.RouteText("name");
        var version = context.QueryText("version")
            ?? throw new ApiException("request.invalid", 400, "Name the version to delete: ?version=1.2.0.");
        await catalog.DeleteAsync(actor, name, version, context.IdempotencyKey() ?? Guid.NewGuid().ToString("N"), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
