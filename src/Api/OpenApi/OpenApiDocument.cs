using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Countersign.Access;
using Countersign.Api.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.OpenApi;

/// <summary>Makes an OpenAPI 3.1 document from endpoints and what stands next to them.</summary>
internal static class OpenApiDocument
{
    /// <summary>The document of endpoints; those without an <see cref="Operation"/> have no place in it.</summary>
    public static JsonObject Of(IEnumerable<RouteEndpoint> endpoints)
    {
        var schemas = new SchemaComponents();
        var paths = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Metadata.GetMetadata<Operation>() is not { } operation)
            {
                continue;
            }

            var path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
            paths.TryAdd(path, []);
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
            {
                paths[path][method.ToLowerInvariant()] = OperationOf(endpoint, operation, schemas);
            }
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "Countersign",
                ["version"] = "1",
                ["description"] = "AI workflows that are durable, approved by people, and provable afterwards. Errors are problem documents (RFC 9457); the type of each leads to its page.",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/", ["description"] = "The host that serves this document." }),
            ["security"] = Secured("key"),
            ["paths"] = new JsonObject(paths.Select(path => KeyValuePair.Create(path.Key, (JsonNode?)path.Value))),
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject
                {
                    ["key"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "An API key; the tenant is the key's." },
                    ["task"] = new JsonObject
                    {
                        ["type"] = "apiKey", ["in"] = "header", ["name"] = "Authorization",
                        ["description"] = "'Task' and the token of a task link; or the token in the body. Never in a path or query.",
                    },
                    ["artifact"] = new JsonObject
                    {
                        ["type"] = "apiKey", ["in"] = "header", ["name"] = "Authorization",
                        ["description"] = "'Artifact' and the token of a link to an artifact. Never in a path or query.",
                    },
                },
                ["responses"] = new JsonObject { ["Problem"] = ProblemResponse(schemas) },
                ["schemas"] = schemas.ToJson(),
            },
        };
    }

    private static JsonObject OperationOf(RouteEndpoint endpoint, Operation operation, SchemaComponents schemas)
    {
        var made = new JsonObject { ["operationId"] = operation.Id, ["summary"] = operation.Summary };
        if (operation.Permission is { } permission)
        {
            made["description"] = $"Takes the permission {permission}: {string.Join(", ", [Role.Admin, .. Permissions.Table[permission]])}.";
            made["x-permission"] = permission.ToString();
        }

        if (operation.Caller is not Caller.Key)
        {
            made["security"] = operation.Caller switch
            {
                Caller.TaskLink => Secured("task"),
                Caller.ArtifactLink => Secured("artifact"),
                _ => [],
            };
        }

        var parameters = new JsonArray([
            .. endpoint.RoutePattern.Parameters.Select(parameter => ParameterOf(new Parameter(parameter.Name, Descriptions.OfPath(endpoint.RoutePattern.RawText!, parameter.Name)) { Required = true }, "path")),
            .. operation.Query.Select(parameter => ParameterOf(parameter, "query")),
            .. operation.Headers.Select(parameter => ParameterOf(parameter, "header")),
        ]);
        if (parameters.Count > 0)
        {
            made["parameters"] = parameters;
        }

        if (operation.Body is { } body)
        {
            made["requestBody"] = new JsonObject { ["required"] = !body.Optional, ["content"] = WithExample(ContentOf([body], schemas), body) };
        }

        made["responses"] = ResponsesOf(endpoint, operation, schemas);
        return made;
    }

    private static JsonObject ResponsesOf(RouteEndpoint endpoint, Operation operation, SchemaComponents schemas)
    {
        var answer = new JsonObject { ["description"] = Descriptions.OfAnswer(operation) };
        if (operation.Answer.Length > 0)
        {
            answer["content"] = ContentOf(operation.Answer, schemas);
        }

        ImmutableArray<Parameter> headers = operation.Headers.Contains(Parameter.IdempotencyKey) ? [.. operation.AnswerHeaders, Parameter.Replayed] : operation.AnswerHeaders;
        if (headers.Length > 0)
        {
            answer["headers"] = new JsonObject(headers.Select(header => KeyValuePair.Create(
                header.Name, (JsonNode?)new JsonObject { ["description"] = header.Description, ["schema"] = new JsonObject { ["type"] = header.Type } })));
        }

        var responses = new JsonObject { [Text(operation.Status)] = answer };
        if (operation.EmptyStatus > 0)
        {
            responses[Text(operation.EmptyStatus)] = new JsonObject { ["description"] = "The run has ended and the reader has seen all its events." };
        }

        foreach (var status in ProblemsOf(endpoint, operation))
        {
            responses[Text(status)] = new JsonObject { ["$ref"] = "#/components/responses/Problem" };
        }

        responses["default"] = new JsonObject { ["$ref"] = "#/components/responses/Problem" };
        return responses;
    }

    private static SortedSet<int> ProblemsOf(RouteEndpoint endpoint, Operation operation) =>
    [
        .. operation.Problems,
        .. operation.Caller is Caller.Anybody ? Array.Empty<int>() : [401, 403, 429, 503],
        .. endpoint.RoutePattern.Parameters.Count > 0 ? [404] : Array.Empty<int>(),
        400,
        .. operation.Body is not null ? [413] : Array.Empty<int>(),
    ];

    private static JsonObject ContentOf(IEnumerable<Content> contents, SchemaComponents schemas) => new(contents.Select(content => KeyValuePair.Create(
        content.Media, (JsonNode?)(content.Type is { } type ? new JsonObject { ["schema"] = schemas.Reference(type) } : new JsonObject()))));

    private static JsonObject WithExample(JsonObject content, Content body)
    {
        if (Examples.Of(body) is { } example)
        {
            content[body.Media]!["example"] = example;
        }

        return content;
    }

    private static JsonObject ParameterOf(Parameter parameter, string place)
    {
        var schema = new JsonObject { ["type"] = parameter.Type };
        if (parameter.Least is { } least)
        {
            schema["minimum"] = least;
        }

        if (parameter.Most is { } most)
        {
            schema["maximum"] = most;
        }

        return new JsonObject
        {
            ["name"] = parameter.Name, ["in"] = place, ["required"] = parameter.Required, ["description"] = parameter.Description, ["schema"] = schema,
        };
    }

    private static JsonObject ProblemResponse(SchemaComponents schemas) => new()
    {
        ["description"] = "The request was refused: a problem document (RFC 9457) with the field and the rule that it breaks.",
        ["content"] = ContentOf([new Content(typeof(Problem), "application/problem+json")], schemas),
    };

    private static JsonArray Secured(string scheme) => [new JsonObject { [scheme] = new JsonArray() }];

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}
