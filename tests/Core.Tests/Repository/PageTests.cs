using System.Text.RegularExpressions;

namespace Countersign.Core.Tests.Repository;

/// <summary>The pages of the repository: links lead somewhere, settings are explained, decisions are numbered without holes.</summary>
public sealed partial class PageTests
{
    [Fact]
    public void Links_OfEveryPage_LeadToAFile()
    {
        var broken = Pages().SelectMany(page => Link().Matches(File.ReadAllText(page))
            .Select(match => match.Groups[1].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#') && !target.StartsWith("mailto:", StringComparison.Ordinal))
            .Select(target => Path.Combine(Path.GetDirectoryName(page)!, target.Split('#')[0]))
            .Where(target => !File.Exists(target) && !Directory.Exists(target))
            .Select(target => $"{Path.GetRelativePath(RepositoryFiles.Root, page)}: {target}"));
        Assert.Empty(broken);
    }

    [Fact]
    public void Variables_ThatCodeReads_AreOnAPage()
    {
        var read = Sources().SelectMany(file => Variable().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value.TrimEnd('_'))).Distinct().Order(StringComparer.Ordinal).ToArray();
        var pages = string.Join('\n', Pages().Select(File.ReadAllText));
        Assert.True(read.Length > 20, "The search for variables finds too few.");
        Assert.DoesNotContain(read, name => !Regex.IsMatch(pages, name + @"\b(?!_)"));
    }

    [Fact]
    public void Decisions_AreNumberedWithoutHoles()
    {
        var numbers = RepositoryFiles.In("*.md", "docs", "adr").Select(path => int.Parse(Path.GetFileName(path)[..4], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(Enumerable.Range(1, numbers.Length), numbers);
    }

    private static IEnumerable<string> Pages() =>
        new[] { "docs", "samples" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, folder), "*.md", SearchOption.AllDirectories))
            .Concat(RepositoryFiles.In("*.md"));

    private static IEnumerable<string> Sources() =>
        new[] { "src", "tests" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Contains("obj"));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("[\"%](COUNTERSIGN_[A-Z_]+)[\"%:]")]
    private static partial Regex Variable();
}
