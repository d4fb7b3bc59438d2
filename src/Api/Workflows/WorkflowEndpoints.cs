using System.Collections.Immutable;
using Countersign.Access;
using Countersign.Api.Authentication;
using Countersign.Api.OpenApi;
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

/// <summary>A version that was saved.</summary>
/// <param name="Name">The workflow's name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Hash">Its content hash: what runs are pinned to.</param>
/// <param name="Description">What it says of itself.</param>
/// <param name="Author">Who saved it.</param>
/// <param name="Saved">When.</param>
/// <param name="Warnings">What is allowed and worth a look, in the order of the document.</param>
public sealed record SavedWorkflow(
    string Name, string Version, string Hash, string? Description, string Author, DateTimeOffset Saved, ImmutableArray<ProblemField> Warnings);

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
        var definition = Content.As("application/yaml");
        var saved = new Operation("createWorkflow", "Saves a version of a workflow, the first one or a further one.", Permission.WriteWorkflows)
        {
            Headers = [Parameter.IdempotencyKey],
            Body = definition,
            Status = 201,
            Answer = [Content.Of<SavedWorkflow>()],
            AnswerHeaders = [Parameter.Location, Parameter.ETag],
            Problems = [409, 422],
        };
        var version = new Parameter("version", "A version, or a range such as 1.x; left out, the newest release, or the newest pre-release where there is no release.");
        routes.MapPost("/v1/workflows", context => CreateAsync(context, catalog)).Is(saved);
        routes.MapPut("/v1/workflows/{name}", context => UpdateAsync(context, catalog)).Is(saved with
        {
            Id = "updateWorkflow",
            Summary = "Saves the next version of a workflow, made from the one that If-Match names.",
            Headers = [new("If-Match", "The ETag of the newest version.") { Required = true }],
            Problems = [409, 412, 422, 428],
        });
        var validated = new Operation("validateWorkflow", "Shows every problem of a definition; saves nothing.", Permission.ReadRuns)
        {
            Body = definition, Answer = [Content.Of<ValidationResult>()],
        };
        routes.MapPost("/v1/workflows/validate", ValidateAsync).Is(validated);
        routes.MapPost("/v1/workflows/{name}/validate", ValidateAsync).Is(
            validated with { Id = "validateWorkflowNamed", Summary = "Shows every problem of a definition that is to be saved under this name; saves nothing." });
        routes.MapGet("/v1/workflows", context => ListAsync(context, catalog)).Is(
            new("listWorkflows", "The current version of each workflow, by name: its newest release, or its newest pre-release where there is no release.", Permission.ReadRuns)
            {
                Query = [Parameter.Limit, Parameter.Cursor], Answer = [Content.Of<WorkflowPage>()],
            });
        routes.MapGet("/v1/workflows/{name}", context => GetAsync(context, catalog)).Is(
            new("getWorkflow", "Gets a definition, as canonical JSON or as YAML.", Permission.ReadRuns)
            {
                Query = [version], Answer = [Content.As("application/json"), definition], AnswerHeaders = [Parameter.ETag],
            });
        routes.MapGet("/v1/workflows/{name}/versions", context => VersionsAsync(context, catalog)).Is(
            new("listWorkflowVersions", "Lists the versions of a workflow, the newest first.", Permission.ReadRuns) { Answer = [Content.Of<WorkflowPage>()] });
        routes.MapDelete("/v1/workflows/{name}", context => DeleteAsync(context, catalog)).Is(
            new("deleteWorkflowVersion", "Deletes a version from the catalog. Its runs continue, and its number stays taken.", Permission.WriteWorkflows)
            {
                Query = [new("version", "The exact version.") { Required = true }], Status = 204,
            });
        routes.MapGet("/v1/schemas/workflow", context =>
        {
            context.Response.ContentType = "application/schema+json";
            return context.Response.WriteAsync(LanguageSchema.Document.GetRawText(), context.RequestAborted);
        }).Is(Operation.ForEverybody("getWorkflowSchema", "The JSON Schema of definitions, for editors.") with { Answer = [Content.As("application/schema+json")] });
    }

    private static async Task CreateAsync(HttpContext context, WorkflowCatalog catalog)
    {
        var key = context.RequestKey()?.Id;
        var (definition, warnings) = await ReadAsync(context);
        await SaveAsync(context, catalog, definition, warnings, SaveRequest.Plain() with { IdempotencyKey = key });
    }

    private static async Task UpdateAsync(HttpContext context, WorkflowCatalog catalog)
    {
        var expected = context.ExpectedVersion();
        var (definition, warnings) = await ReadAsync(context);
        var name = context.RouteText("name");
        if (definition.Name != name)
        {
            throw new ApiException("workflow.name-differs", 422, $"The document is named '{definition.Name}', the address '{name}'.", [new("/name", $"must be '{name}'")]);
        }

        await SaveAsync(context, catalog, definition, warnings, SaveRequest.Plain() with { Expected = expected });
    }

    private static async Task<(Definition Definition, ImmutableArray<ProblemField> Warnings)> ReadAsync(HttpContext context)
    {
        var result = DefinitionReader.Read(await context.ReadBytesAsync());
        return (result.Definition ?? throw new DefinitionException(result.Problems), Problems.Problem.Fields(result.Problems));
    }

    private static async Task SaveAsync(
        HttpContext context, WorkflowCatalog catalog, Definition definition, ImmutableArray<ProblemField> warnings, SaveRequest request)
    {
        var saved = await catalog.SaveAsync(context.Principal(), definition, request, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/v1/workflows/{saved.Name}?version={saved.Version}";
        context.Response.Headers.ETag = $"\"{saved.Hash}\"";
        await context.WriteAsync(
            new SavedWorkflow(saved.Name, saved.Version, saved.Hash, saved.Description, saved.Author, saved.Saved, warnings), ApiJson.Default.SavedWorkflow);
    }

    private static async Task ValidateAsync(HttpContext context)
    {
        var result = DefinitionReader.Read(await context.ReadBytesAsync());
        var problems = Problems.Problem.Fields(result.Problems);
        if (context.Request.RouteValues["name"] is string name && result.Definition is { } definition && definition.Name != name)
        {
            problems = problems.Add(new ProblemField("/name", $"must be '{name}'") { Code = "workflow.name-differs", Severity = "error" });
        }

        var valid = result.Definition is not null && problems.All(problem => problem.Severity != "error");
        await context.WriteAsync(new ValidationResult(valid, valid ? result.Definition?.Hash : null, problems), ApiJson.Default.ValidationResult);
    }

    private static async Task ListAsync(HttpContext context, WorkflowCatalog catalog)
    {
        var reader = context.Principal();
        var limit = (int)context.QueryNumber("limit", 50, 1, 200);
        var items = await catalog.ListAsync(reader.Tenant, context.CursorText("wf|")?[3..], limit, context.RequestAborted);
        await context.WriteAsync(
            new WorkflowPage(items, items.Count == limit ? context.Cursor("wf|" + items[^1].Name) : null), ApiJson.Default.WorkflowPage);
    }

    private static async Task GetAsync(HttpContext context, WorkflowCatalog catalog)
    {
        var reader = context.Principal();
        var name = context.RouteText("name");
        var version = context.QueryText("version");
        VersionRange? range = null;
        var definition = version is null ? await catalog.FindCurrentAsync(reader.Tenant, name, context.RequestAborted)
            : VersionRange.TryParse(version, out range) ? await catalog.ResolveAsync(reader.Tenant, name, range, context.RequestAborted)
            : null;
        if (definition is null)
        {
            throw await catalog.MissingAsync(reader.Tenant, name, version, context.RequestAborted);
        }

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
        var reader = context.Principal();
        var name = context.RouteText("name");
        var versions = await catalog.VersionsAsync(reader.Tenant, name, context.RequestAborted);
        await context.WriteAsync(new WorkflowPage(versions.Count > 0 ? versions : throw new WorkflowNotFoundException(name), null), ApiJson.Default.WorkflowPage);
    }

    private static async Task DeleteAsync(HttpContext context, WorkflowCatalog catalog)
    {
        var actor = context.Principal();
        var name = context.RouteText("name");
        var version = context.QueryText("version")
            ?? throw Requests.BadQuery("version", "is required: the version to delete, such as 1.2.0");
        await catalog.DeleteAsync(actor, name, version, Guid.NewGuid().ToString("N"), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
