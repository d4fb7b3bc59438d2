using System.Text.Json;
using Countersign.Api.OpenApi;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.Tests;

public sealed class OpenApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Document_Operations_AreTheRoutesOfTheServer()
    {
        using var anybody = server.With(null);
        var document = await anybody.GetJsonAsync("/openapi.json");
        Assert.Equal("3.1.1", document.Text("openapi"));
        Assert.Equal(
            server.Routes.SelectMany(RoutesTests.MethodsOf).Order(StringComparer.Ordinal),
            new Contract(document).Operations.Select(operation => $"{operation.Method} {operation.Path}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Document_EveryOperation_SaysWhoMayCallItAndWhatGoesWrong()
    {
        var operations = new Contract(await server.Admin.GetJsonAsync("/openapi.json")).Operations.ToArray();
        Assert.Equal(operations.Length, operations.Select(operation => operation.Operation.Text("operationId")).Distinct().Count());
        Assert.All(operations, operation =>
        {
            Assert.True(operation.Operation.Text("summary").Length > 5);
            Assert.True(operation.Operation.TryGetProperty("x-permission", out _) != operation.Operation.TryGetProperty("security", out _), operation.Path);
            Assert.True(operation.Operation.GetProperty("responses").TryGetProperty("default", out _));
            Assert.Equal(
                operation.Path.Split('/').Where(part => part.StartsWith('{')).Select(part => part.Trim('{', '}')),
                Parameters(operation.Operation).Where(parameter => parameter.Text("in") == "path").Select(parameter => parameter.Text("name")));
        });
    }

    [Fact]
    public async Task Document_References_AllLeadSomewhere()
    {
        var document = await server.Admin.GetJsonAsync("/openapi.json");
        var references = References(document).Distinct().ToArray();
        Assert.True(references.Length > 20);
        Assert.All(references, reference =>
        {
            var at = document;
            foreach (var part in reference.Split('/').Skip(1))
            {
                at = at.ValueKind is JsonValueKind.Array ? at[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)] : at.GetProperty(part);
            }
        });
    }

    [Fact]
    public async Task Document_Descriptions_AreSentencesOfTheirOwn()
    {
        var document = await server.Admin.GetJsonAsync("/openapi.json");
        Assert.Equal("/", document.GetProperty("servers")[0].Text("url"));
        Assert.All(new Contract(document).Operations, operation =>
        {
            Assert.Matches(@"^[A-Z].{8,}\.$", operation.Operation.Text("summary"));
            Assert.All(Parameters(operation.Operation), parameter => Assert.True(parameter.Text("description").Length > 10, $"{operation.Path} {parameter.Text("name")}"));
            foreach (var response in operation.Operation.GetProperty("responses").EnumerateObject().Where(response => response.Value.TryGetProperty("description", out _)))
            {
                Assert.Matches(@"^[A-Z].{15,}\.$", response.Value.Text("description"));
            }
        });
        Assert.DoesNotContain("This is it", document.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("Which one", document.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Document_EveryJsonBody_HasAnExampleThatIsValid()
    {
        var contract = new Contract(await server.Admin.GetJsonAsync("/openapi.json"));
        var bodies = contract.Operations.Where(operation => operation.Operation.TryGetProperty("requestBody", out _)).SelectMany(operation =>
            operation.Operation.GetProperty("requestBody").GetProperty("content").EnumerateObject().Where(content => content.Name == "application/json")).ToArray();
        Assert.True(bodies.Length > 15, $"{bodies.Length} bodies");
        Assert.All(bodies, body => Assert.Null(contract.Validate(
            body.Value.GetProperty("schema").Text("$ref"), body.Value.GetProperty("example").GetRawText())));
    }

    [Fact]
    public async Task Document_ExampleOfADefinition_CanBeSaved()
    {
        var document = await server.Admin.GetJsonAsync("/openapi.json");
        var example = document.GetProperty("paths").GetProperty("/v1/workflows").GetProperty("post").GetProperty("requestBody")
            .GetProperty("content").GetProperty("application/yaml").Text("example");
        using var content = ApiServer.Yaml(example);
        using var response = await server.Admin.PostAsync("/v1/workflows/validate", content);
        Assert.True((await response.ReadAsync(200)).GetProperty("valid").GetBoolean());
    }

    [Fact]
    public void Routes_All_DeclareWhatTheyAre() =>
        Assert.All(server.Routes, route => Assert.True(route.Metadata.GetMetadata<Operation>() is not null, route.RoutePattern.RawText));

    private static JsonElement[] Parameters(JsonElement operation) =>
        operation.TryGetProperty("parameters", out var parameters) ? [.. parameters.EnumerateArray()] : [];

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(
            property => property is { Name: "$ref", Value.ValueKind: JsonValueKind.String } ? [property.Value.GetString()!] : References(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
