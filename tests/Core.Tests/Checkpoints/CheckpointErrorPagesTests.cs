using Countersign.Core.Tests.Repository;
using System.Reflection;
using Countersign.Checkpoints;
using Countersign.Core.Tests.Language;

namespace Countersign.Core.Tests.Checkpoints;

public sealed class CheckpointErrorPagesTests
{
    [Fact]
    public void Codes_OfCheckpoints_EachHaveAPage() => Assert.All(
        typeof(CheckpointErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!),
        code => Assert.StartsWith($"# {code}\n**Meaning.** ", RepositoryFiles.Read("docs", "errors", code + ".md"), StringComparison.Ordinal));
}
