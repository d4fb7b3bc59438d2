using Countersign.Core.Tests.Repository;
using Countersign.Language;

namespace Countersign.Core.Tests.Language;

public sealed class ProblemPagesTests
{
    public static TheoryData<string> Codes => [.. ProblemCodes.All];

    [Fact]
    public void Pages_AndCodes_AreTheSame()
        => Assert.Equal(
            ProblemCodes.All.Order(StringComparer.Ordinal),
            RepositoryFiles.In("definition.*.md", "docs", "errors").Select(Path.GetFileNameWithoutExtension));

    [Fact]
    public void All_HoldsEveryConstant()
        => Assert.Equal(
            typeof(ProblemCodes).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!).Order(StringComparer.Ordinal),
            ProblemCodes.All.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Codes))]
    public void Example_OfPage_ReportsTheCode(string code)
    {
        IReadOnlyList<string> blocks = RepositoryFiles.Blocks(RepositoryFiles.Read("docs", "errors", code + ".md"));
        if (code == ProblemCodes.TooLarge)
        {
            blocks = [new string('#', 256 * 1024) + "\n"];
        }

        Assert.Contains(DefinitionReader.Read(blocks[0]).Problems, problem => problem.Code == code);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void Remedy_OfPage_IsValid(string code)
    {
        IReadOnlyList<string> blocks = RepositoryFiles.Blocks(RepositoryFiles.Read("docs", "errors", code + ".md"));
        if (code != ProblemCodes.TooLarge)
        {
            Assert.Empty(DefinitionReader.Read(blocks[1]).Problems);
        }
    }
}
