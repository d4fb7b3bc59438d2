using System.Text.Json;
using Countersign.Schemas;

namespace Countersign.Api.Tests;

/// <summary>The OpenAPI document as something that answers are held against.</summary>
internal sealed class Contract(JsonElement document)
{
    private readonly Dictionary<string, JsonSchema> schemas = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    /// <summary>Every operation, by method and path.</summary>
    public IEnumerable<(string Method, string Path, JsonElement Operation)> Operations =>
        document.GetProperty("paths").EnumerateObject().SelectMany(
            path => path.Value.EnumerateObject().Select(operation => (operation.Name.ToUpperInvariant(), path.Name, operation.Value)));

    /// <summary>What is wrong with an answer; null where it is what the document says.</summary>
    public string? Judge(string method, string path, int status, string? media, string body)
    {
        var found = Operations.Where(operation => operation.Method == method && Fits(operation.Path, path))
            .OrderByDescending(operation => operation.Path.Split('/').Count(part => !part.StartsWith('{'))).FirstOrDefault();
        if (method == "HEAD")
        {
            // As GET, which the document has, without a body.
            return null;
        }

        if (found.Path is null)
        {
            return status is 404 or 405 or 401 ? null : $"{method} {path} is not in the document, and was answered {status}";
        }

        var responses = found.Operation.GetProperty("responses");
        if (!responses.TryGetProperty(status.ToString(System.Globalization.CultureInfo.InvariantCulture), out var response))
        {
            return method == "GET" && path == "/ready" ? null : $"{method} {found.Path} does not declare {status}: {body}";
        }

        if (response.TryGetProperty("$ref", out _))
        {
            response = document.GetProperty("components").GetProperty("responses").GetProperty("Problem");
        }

        if (!response.TryGetProperty("content", out var content))
        {
            return body.Length == 0 ? null : $"{method} {found.Path} {status} declares no body, and has one";
        }

        if (media is null || !content.TryGetProperty(media, out var declared))
        {
            return $"{method} {found.Path} {status} has an undeclared media type '{media}'";
        }

        return declared.TryGetProperty("schema", out var schema) ? Validate(schema.GetProperty("$ref").GetString()!, body) : null;
    }

    /// <summary>What is wrong with a body under a schema of the document; null where it is valid.</summary>
    public string? Validate(string reference, string body)
    {
        SchemaResult result;
        lock (gate)
        {
            if (!schemas.TryGetValue(reference, out var schema))
            {
                schema = JsonSchema.Compile(JsonSerializer.SerializeToElement(
                    new Dictionary<string, object> { ["$ref"] = reference, ["components"] = document.GetProperty("components") }));
                schemas.Add(reference, schema);
            }

            result = schema.Validate(JsonElement.Parse(body));
        }

        return result.Valid ? null : $"{reference}: {string.Join("; ", result.Errors.Select(error => $"{error.InstanceLocation} {error.Message}"))} in {body}";
    }

    private static bool Fits(string template, string path)
    {
        var (wanted, given) = (template.Split('/'), path.Split('/'));
        return wanted.Length == given.Length && wanted.Zip(given).All(pair => pair.First == pair.Second || (pair.First.StartsWith('{') && pair.Second.Length > 0));
    }
}

/// <summary>Holds every answer against the document.</summary>
internal sealed class ContractHandler(Func<Contract> contract) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        var media = response.Content.Headers.ContentType?.MediaType;
        if (media is "text/event-stream")
        {
            return response;
        }

        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        var fault = contract().Judge(request.Method.Method, request.RequestUri!.AbsolutePath, (int)response.StatusCode, media, body);
        Assert.True(fault is null, fault);
        Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        return response;
    }
}
