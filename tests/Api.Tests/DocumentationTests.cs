using System.Text.RegularExpressions;
using Countersign.Access;
using Countersign.Api.OpenApi;

namespace Countersign.Api.Tests;

public sealed partial class DocumentationTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Root(), "docs", "api.md"));

    [Fact]
    public void Page_Routes_AreThoseOfTheServer()
    {
        var real = server.Routes.SelectMany(route =>
        {
            var operation = route.Metadata.GetMetadata<Operation>()!;
            var who = operation.Caller switch { Caller.Anybody => "anybody", Caller.TaskLink => "task link", Caller.ArtifactLink => "artifact link", _ => operation.Permission.ToString()! };
            return RoutesTests.MethodsOf(route).Select(line => $"{line} | {who}");
        });
        Assert.Equal(
            real.Order(StringComparer.Ordinal),
            Route().Matches(Page).Select(match => $"{match.Groups[1].Value} | {match.Groups[2].Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Page_Permissions_AreTheTable() => Assert.Equal(
        Permissions.Table.Select(row => $"| {row.Key} | {string.Join(", ", row.Value)} |".Replace("|  |", "| |", StringComparison.Ordinal)),
        Enum.GetNames<Permission>().Select(name => Page.Split('\n').Single(line => line.StartsWith($"| {name} |", StringComparison.Ordinal))));

    [Fact]
    public async Task ErrorPages_EachOfTheRepository_IsServed()
    {
        using var nobody = server.With(null);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Root(), "docs", "errors"), "*.md"))
        {
            using var response = await nobody.GetAsync("/errors/" + Path.GetFileNameWithoutExtension(file));
            Assert.Equal(await File.ReadAllTextAsync(file), await response.Content.ReadAsStringAsync());
        }

        await nobody.GetJsonAsync("/errors/none.such", 404);
    }

    [GeneratedRegex(@"(?m)^\| `([A-Z]+ /\S+)` \| ([^|]+?) \|")]
    private static partial Regex Route();

    private static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at!.FullName, "Serverless.sln")))
        {
            at = at.Parent;
        }

        return at.FullName;
    }
}
