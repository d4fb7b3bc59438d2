using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Countersign.Ledger;

namespace Countersign.Core.Tests.Ledger.Entries;

public sealed partial class EventTypesTests
{
    private static readonly (string Member, string Type)[] Types =
        [.. typeof(EventTypes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(f => (f.Name, (string)f.GetRawConstantValue()!))];

    [Fact]
    public void Types_All_AreNounVerbAndUnique()
    {
        Assert.True(Types.Length >= 40, $"{Types.Length} types");
        Assert.All(Types, t => Assert.Matches(NounVerb(), t.Type));
        Assert.All(Types, t => Assert.True(EntryFormat.IsType(Encoding.ASCII.GetBytes(t.Type)), t.Type));
        Assert.Equal(Types.Length, Types.Select(t => t.Type).Distinct().Count());
    }

    [Fact]
    public void Types_Member_IsTheTypeInPascalCase() =>
        Assert.All(Types, t => Assert.Equal(
            t.Member, string.Concat(t.Type.Split('.', '_').Select(w => char.ToUpperInvariant(w[0]) + w[1..]))));

    [Fact]
    public void Page_EventTypes_IsWhatTheCommentsSay()
    {
        var path = Path.Combine(RepositoryRoot(), "docs", "event-types.md");
        var expected = Page();
        if (Environment.GetEnvironmentVariable("COUNTERSIGN_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.Equal(expected, File.ReadAllText(path));
    }

    [Fact]
    public void Types_All_AreWrittenBySomething()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(RepositoryRoot(), "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "EventTypes.cs" && !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .SelectMany(file => UseOfType().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .ToHashSet(StringComparer.Ordinal);

        Assert.DoesNotContain(Types.Select(type => type.Member), member => !sources.Contains(member));
    }

    private static string Page()
    {
        var comments = XDocument.Load(Path.ChangeExtension(typeof(EventTypes).Assembly.Location, "xml"))
            .Descendants("member")
            .ToDictionary(m => m.Attribute("name")!.Value, m => m.Element("summary")?.Value.Trim() ?? "");
        var page = new StringBuilder("# Event types\n");
        page.Append("Every type of entry in a tenant's log. Made from the comments in `EventTypes`; run the tests with ");
        page.Append("`COUNTERSIGN_UPDATE_DOCS=1` to write it anew.\n\n| type | what happened |\n|---|---|\n");
        foreach (var (member, type) in Types)
        {
            page.Append($"| `{type}` | {comments[$"F:{typeof(EventTypes).FullName}.{member}"]} |\n");
        }

        return page.ToString();
    }

    private static string RepositoryRoot()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at!.FullName, "Serverless.sln")))
        {
            at = at.Parent;
        }

        return at.FullName;
    }

    [GeneratedRegex(@"\bEventTypes\.([A-Za-z]+)\b")]
    private static partial Regex UseOfType();

    [GeneratedRegex(@"\A[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*\z")]
    private static partial Regex NounVerb();
}
