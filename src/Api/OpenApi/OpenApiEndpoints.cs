using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Api.OpenApi;

/// <summary>The OpenAPI document, made from the endpoints that this host has.</summary>
internal static class OpenApiEndpoints
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Map(IEndpointRouteBuilder routes)
    {
        byte[]? made = null;
        routes.MapGet("/openapi.json", async context =>
        {
            made ??= JsonSerializer.SerializeToUtf8Bytes<JsonNode>(
                OpenApiDocument.Of(context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()), Indented);
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(made, context.RequestAborted);
        }).Is(Operation.ForEverybody("getOpenApi", "This document.") with { Answer = [Content.As("application/json")] });
    }
}
