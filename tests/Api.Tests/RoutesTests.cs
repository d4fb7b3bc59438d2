using System.Net;
using Countersign.Access;
using Countersign.Api.OpenApi;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Api.Tests;

/// <summary>Walks every route that the server has, so that a new one cannot be forgotten.</summary>
public sealed class RoutesTests(ApiServer server) : IClassFixture<ApiServer>
{
    internal static IEnumerable<string> MethodsOf(RouteEndpoint route) =>
        route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} /{route.RoutePattern.RawText!.TrimStart('/')}");

    [Fact]
    public async Task EveryRoute_WithoutKey_AnswersUnauthorized()
    {
        using var nobody = server.With(null);
        await WalkAsync(Caller.Key, async (method, path, _) =>
        {
            using var request = Request(method, path);
            using var response = await nobody.SendAsync(request);
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
            Assert.Equal("auth.missing", (await response.ReadAsync(401)).Text("title"));
        });
    }

    [Fact]
    public async Task EveryRoute_WithUnknownKey_AnswersUnauthorized()
    {
        using var stranger = server.With("cs_not-a-key");
        await WalkAsync(Caller.Key, async (method, path, _) =>
        {
            using var request = Request(method, path);
            await stranger.SendAsync(request).ProblemAsync(401, "auth.invalid");
        });
    }

    [Fact]
    public async Task EveryRoute_WithoutThePermission_IsForbiddenAndLogged()
    {
        foreach (var role in Role.All)
        {
            using var client = await server.AsAsync("role-" + role, role);
            await WalkAsync(Caller.Key, async (method, path, operation) =>
            {
                var may = role == Role.Admin || Permissions.Table[operation.Permission!.Value].Contains(role);
                if (may)
                {
                    return;
                }

                using var request = Request(method, path);
                await client.SendAsync(request).ProblemAsync(403, "access.denied");
            });
        }

        var denied = await server.Admin.GetJsonAsync("/v1/audit/events?type=access.denied&actor=role-viewer&limit=200");
        Assert.Contains(denied.Items(), entry => entry.GetProperty("data").Text("route") == "/v1/workflows" && entry.GetProperty("data").Text("method") == "POST");
    }

    [Fact]
    public async Task EveryRoute_WithAnotherTenantInTheHeader_IsForbidden() => await WalkAsync(Caller.Key, async (method, path, _) =>
    {
        using var request = Request(method, path);
        request.Headers.Add("X-Tenant-ID", ApiServer.OtherTenant);
        await server.Admin.SendAsync(request).ProblemAsync(403, "access.other-tenant");
    });

    [Fact]
    public async Task AnotherTenantInTheHeader_IsInTheLogOfTheCallersTenant()
    {
        using var curious = await server.AsAsync("curious", Role.Viewer);
        using var request = Request("GET", "/v1/executions");
        request.Headers.Add("X-Tenant-ID", ApiServer.OtherTenant);
        await curious.SendAsync(request).ProblemAsync(403, "access.other-tenant");

        var denied = (await server.Admin.GetJsonAsync("/v1/audit/events?type=access.denied&actor=curious")).Items();
        Assert.Equal(["GET /v1/executions other-tenant"], denied.Select(entry => entry.GetProperty("data")).Select(data => $"{data.Text("method")} {data.Text("route")} {data.Text("rule")}"));
    }

    [Fact]
    public async Task EveryRoute_WithAnIdOfAnotherTenant_FindsNothing()
    {
        var (run, approval) = await server.StartApprovalAsync();
        var (_, key) = await server.Host.Api.Keys.CreateAsync(Principal.System(ApiServer.Tenant), "kim", [Role.Viewer]);
        using var set = await server.Admin.SendAsync(ApiServer.Json(HttpMethod.Put, "/v1/secrets/theirs", new { value = "hunter22", @for = new[] { "https://pay.example" } }));
        var foreign = new Dictionary<string, string>
        {
            ["/v1/executions/"] = run, ["/v1/approvals/"] = approval.Text("id"), ["/v1/forms/"] = approval.Text("id"), ["/v1/api-keys/"] = key.Id,
            ["/v1/secrets/"] = (await set.ReadAsync(200)).Text("name"),
            ["/v1/workflows/"] = "spend",
            ["/v1/templates/"] = (await server.Engineer.PostJsonAsync("/v1/templates", new { id = "theirs", prompt = "x" }, 201)).Text("id"), ["/v1/artifacts/"] = (await server.Engineer.PostTextAsync("/v1/artifacts", "theirs", 201)).Text("sha256"),
        };
        var bodies = new Dictionary<string, object>
        {
            ["resume"] = new { @event = "paid" }, ["decide"] = new { decision = "approved", shown = approval.Text("shownHash") },
            ["delegate"] = new { to = "zoe" }, ["messages"] = new { text = "hm" }, ["links"] = new { addressee = "zoe" }, ["{id}"] = new { data = new { } },
            ["promote"] = new { version = 1 },
        };
        var walked = 0;
        await WalkAsync(Caller.Key, async (method, path, _) =>
        {
            if (!path.Contains('{', StringComparison.Ordinal) || path.EndsWith("{name}/validate", StringComparison.Ordinal))
            {
                return;
            }

            var prefix = foreign.Keys.Single(start => path.StartsWith(start, StringComparison.Ordinal));
            var end = path[(path.LastIndexOf('/') + 1)..];
            using var request = new HttpRequestMessage(new HttpMethod(method), Fill(path, foreign[prefix]) + (method == "DELETE" && prefix == "/v1/workflows/" ? "?version=1.0.0" : ""));
            request.Content = method == "PUT" && prefix == "/v1/secrets/" ? ApiServer.Json(HttpMethod.Put, "/", new { @for = new[] { "https://evil.example" } }).Content
                : method == "PUT" && prefix == "/v1/templates/" ? ApiServer.Json(HttpMethod.Put, "/", new { prompt = "y" }).Content
                : method == "PUT" ? ApiServer.Yaml(Definitions.Spend)
                : method == "POST" && bodies.TryGetValue(end, out var body) ? ApiServer.Json(HttpMethod.Post, "/", body).Content : null;
            request.Headers.TryAddWithoutValidation("If-Match", "\"x\"");
            using var response = await server.Stranger.SendAsync(request);
            Assert.True(response.StatusCode is HttpStatusCode.NotFound, $"{method} {path}: {response.StatusCode} {await response.Content.ReadAsStringAsync()}");
            walked++;
        });
        Assert.True(walked >= 20, $"{walked} routes");
        Assert.Equal("waiting", (await server.Admin.GetJsonAsync("/v1/executions/" + run)).Text("status"));
    }

    [Fact]
    public async Task EveryList_OfAnotherTenant_HoldsNothingOfThisOne()
    {
        var (run, approval) = await server.StartApprovalAsync();
        await WalkAsync(Caller.Key, async (method, path, _) =>
        {
            if (method != "GET" || path.Contains('{', StringComparison.Ordinal) || path == "/v1/events")
            {
                return;
            }

            using var response = await server.Stranger.GetAsync(path);
            var text = await response.Content.ReadAsStringAsync();
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.DoesNotContain(run, text, StringComparison.Ordinal);
            Assert.DoesNotContain(approval.Text("shownHash"), text, StringComparison.Ordinal);
            Assert.DoesNotContain("\"spend\"", text, StringComparison.Ordinal);
            Assert.DoesNotContain("\"eve\"", text, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("GET", "/nothing", 404, "request.not-found")]
    [InlineData("GET", "/nothing.json", 404, "request.not-found")]
    [InlineData("GET", "/v1/executions/0123/none", 404, "request.not-found")]
    [InlineData("PATCH", "/v1/executions", 405, "request.method")]
    [InlineData("GET", "/v1/executions/abc/cancel", 405, "request.method")]
    public async Task Unmapped_PathOrMethod_IsAProblemDocument(string method, string path, int status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await server.Admin.SendAsync(request);
        var problem = await response.ReadAsync(status);
        Assert.Equal(code, problem.Text("title"));
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(status == 405, response.Content.Headers.Allow.Count > 0);
    }

    private static string Fill(string path, string id) => string.Join('/', path.Split('/').Select(part => part.StartsWith('{') ? id : part));

    private static HttpRequestMessage Request(string method, string path) =>
        new(new HttpMethod(method), Fill(path, "0123456789abcdef0123456789abcdef")) { Content = method is "POST" or "PUT" ? ApiServer.Yaml("{}") : null };

    private async Task WalkAsync(Caller caller, Func<string, string, Operation, Task> visit)
    {
        var visited = 0;
        foreach (var route in server.Routes)
        {
            var operation = route.Metadata.GetMetadata<Operation>()!;
            if (operation.Caller == caller)
            {
                foreach (var line in MethodsOf(route))
                {
                    var parts = line.Split(' ');
                    await visit(parts[0], parts[1], operation);
                    visited++;
                }
            }
        }

        Assert.True(visited > 25, $"{visited} routes");
    }
}
