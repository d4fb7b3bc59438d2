using Countersign.Core.Tests.Repository;
using System.Text.RegularExpressions;
using Countersign.Core.Tests.Language;

namespace Countersign.Core.Tests.Orchestration;

/// <summary>
/// What the interpreter and the expressions must never do: anything whose result depends on more than their arguments, or that leaves
/// the thread they were called on. Banned clocks are banned everywhere (BannedSymbols.txt); the rest only makes sense here.
/// </summary>
public sealed partial class DeterminismTests
{
    public static TheoryData<string> Folders => ["src/Core/Orchestration/Interpretation", "src/Core/Expressions"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Sources_OfDeterministicFolders_UseNothingThatIsNot(string folder)
    {
        var files = Directory.GetFiles(Path.Combine(RepositoryFiles.Root, folder), "*.cs", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        var found = files
            .SelectMany(file => File.ReadLines(file).Select((line, i) => (file, i, line)))
            .Where(at => Forbidden().IsMatch(at.line) && !at.line.TrimStart().StartsWith("//", StringComparison.Ordinal))
            .Select(at => $"{Path.GetRelativePath(RepositoryFiles.Root, at.file)}({at.i + 1}): {at.line.Trim()}");
        Assert.Empty(found);
    }

    [Fact]
    public void Sources_OfStepControls_UseNothingThatIsNot()
    {
        var files = Directory.GetFiles(Path.Combine(RepositoryFiles.Root, "src/Core/Steps"), "*Control.cs", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => Forbidden().IsMatch(File.ReadAllText(file)));
    }

    [GeneratedRegex(@"Task\.Run|Task\.Delay|ConfigureAwait|\bThread\b|ThreadPool|Parallel\.|Guid\.(NewGuid|CreateVersion7)|RandomNumberGenerator|Stopwatch|TimeProvider|\bFile\.|HttpClient|Environment\.|CultureInfo\.Current")]
    private static partial Regex Forbidden();
}
