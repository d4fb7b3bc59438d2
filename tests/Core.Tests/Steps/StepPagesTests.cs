using Countersign.Core.Tests.Repository;
using System.Text;
using Countersign.Core.Tests.Language;
using Countersign.Language;
using Countersign.Steps;

namespace Countersign.Core.Tests.Steps;

/// <summary>
/// The pages of the reference say what the declarations say, and their examples are valid. With COUNTERSIGN_UPDATE_DOCS=1,
/// the tables in the pages are written anew from the declarations.
/// </summary>
public sealed class StepPagesTests
{
    private const string Begin = "<!-- fields -->\n";
    private const string End = "<!-- end of fields -->\n";

    public static TheoryData<string> Kinds => [.. StepKinds.All.Select(kind => kind.Name)];

    public static TheoryData<string> Pages
        => ["language.md", "cookbook.md", .. RepositoryFiles.In("*.md", "docs", "steps").Select(file => "steps/" + Path.GetFileName(file))];

    [Fact]
    public void Pages_AndKinds_AreTheSame()
        => Assert.Equal(
            StepKinds.All.Select(kind => kind.Name).Order(StringComparer.Ordinal),
            RepositoryFiles.In("*.md", "docs", "steps").Select(Path.GetFileNameWithoutExtension));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Fields_OfPage_AreThoseOfTheDeclaration(string name)
        => AssertTable(StepKinds.Find(name)!.Fields, "steps", name + ".md");

    [Fact]
    public void Fields_OfDefinition_AreThoseOfTheDeclaration() => AssertTable(DefinitionShape.Shape.Fields, "language.md");

    [Theory]
    [MemberData(nameof(Pages))]
    public void Examples_OfPage_AreValid(string page)
    {
        string[] examples = [.. RepositoryFiles.Blocks(RepositoryFiles.Read(["docs", .. page.Split('/')])).Where(block => block.StartsWith("language:", StringComparison.Ordinal))];
        Assert.NotEmpty(examples);
        foreach (string example in examples)
        {
            Assert.Empty(DefinitionReader.Read(example).Problems);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Examples_OfPage_ShowTheKind(string name)
        => Assert.Contains(
            RepositoryFiles.Blocks(RepositoryFiles.Read("docs", "steps", name + ".md")),
            block => DefinitionReader.Read(block).Definition is { } definition && Definition.AllSteps(definition.Body).Any(step => step.Kind == name));

    [Fact]
    public void Language_Page_NamesEveryKind()
    {
        string page = RepositoryFiles.Read("docs", "language.md");
        Assert.All(StepKinds.All, kind => Assert.Contains($"| [`{kind.Name}`](steps/{kind.Name}.md) | {kind.Summary} |", page, StringComparison.Ordinal));
    }

    internal static void AssertTable(IEnumerable<FieldDescription> fields, params string[] path)
    {
        string page = RepositoryFiles.Read(["docs", .. path]);
        int begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = page.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end >= begin, "The page has no place for the fields.");
        string expected = Tables(fields);
        if (Environment.GetEnvironmentVariable("COUNTERSIGN_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(Path.Combine([RepositoryFiles.Root, "docs", .. path]), page[..begin] + expected + page[end..]);
            return;
        }

        Assert.Equal(expected, page[begin..end]);
    }

    private static string Tables(IEnumerable<FieldDescription> fields)
    {
        StringBuilder text = new();
        List<FieldDescription> listed = [.. fields];
        HashSet<string> shown = [];
        Table(text, listed);
        for (int i = 0; i < listed.Count; i++)
        {
            if (listed[i].Parts?.Invoke() is { } parts && shown.Add(parts.Name))
            {
                text.Append($"\n**{char.ToUpperInvariant(parts.Name[0])}{parts.Name[1..]}**\n\n");
                Table(text, parts.Fields);
                listed.AddRange(parts.Fields);
            }
        }

        return text.ToString();
    }

    private static void Table(StringBuilder text, IEnumerable<FieldDescription> fields)
    {
        text.Append("| field | type | default | meaning |\n| --- | --- | --- | --- |\n");
        foreach (FieldDescription field in fields)
        {
            string standing = field.Required ? "**required**" : field.Default is { Length: > 0 } value && value != "{}" ? $"`{value}`" : "";
            text.Append($"| `{field.Name}` | {field.Type} | {standing} | {field.Words} |\n");
        }
    }
}
