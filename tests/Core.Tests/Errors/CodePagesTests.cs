using Countersign.Core.Tests.Repository;
using System.Text.RegularExpressions;
using Countersign.Core.Tests.Language;
using Countersign.Ledger;

namespace Countersign.Core.Tests.Errors;

/// <summary>Each error code that stands in the code has a page, and each page is of a code that stands there.</summary>
public sealed partial class CodePagesTests
{
    // Words with a dot that are no error codes.
    private static readonly string[] NoCodes = ["custom.emitted", "countersign.request", "countersign.call", "ai.delta"];

    // Made of a noun and a word or a number, or raised as an error under the name of its event.
    private static readonly string[] Composed = ["approval.expired", "form.expired", "wait.expired", "run.parked", "http"];

    private static readonly string[] Folders = ["Api", "Core/Access", "Core/People", "Core/Orchestration", "Core/Workflows", "Core/Steps"];

    [Fact]
    public void Codes_OfInterfaceAndRuns_EachHaveAPage()
    {
        var events = typeof(EventTypes).GetFields().Select(field => (string)field.GetRawConstantValue()!);
        var codes = Folders.SelectMany(LiteralsOf).Except(events).Except(NoCodes).Concat(Composed).Distinct().ToArray();
        Assert.True(codes.Length > 60, $"{codes.Length} codes");
        Assert.All(codes, code => Assert.StartsWith($"# {code}\n**Meaning.** ", RepositoryFiles.Read("docs", "errors", code + ".md"), StringComparison.Ordinal));
    }

    [Fact]
    public void Pages_All_AreOfCodesThatAreRaised()
    {
        var literals = LiteralsOf("").Concat(Composed).ToHashSet(StringComparer.Ordinal);
        Assert.All(RepositoryFiles.In("*.md", "docs", "errors"), page => Assert.Contains(Path.GetFileNameWithoutExtension(page), literals));
    }

    [Fact]
    public void Pages_All_SayWhatToDo() => Assert.All(RepositoryFiles.In("*.md", "docs", "errors"), page =>
    {
        var text = File.ReadAllText(page);
        Assert.StartsWith($"# {Path.GetFileNameWithoutExtension(page)}\n**Meaning.** ", text, StringComparison.Ordinal);
        Assert.Contains("\n**Fix.** ", text, StringComparison.Ordinal);
    });

    private static IEnumerable<string> LiteralsOf(string folder) =>
        Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "src", folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => Literal().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value));

    [GeneratedRegex("\"([a-z]+(?:-[a-z]+)*\\.[a-z]+(?:-[a-z]+)*)\"")]
    private static partial Regex Literal();
}
