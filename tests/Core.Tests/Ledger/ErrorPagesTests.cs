using System.Reflection;
using Countersign.Canonical;
using Countersign.Ledger;
using Countersign.Merkle;

namespace Countersign.Core.Tests.Ledger;

public sealed class ErrorPagesTests
{
    [Fact]
    public void Codes_OfTheLog_EachHaveAPage()
    {
        Type[] holders = [typeof(EntryErrorCodes), typeof(CanonicalJsonErrorCodes), typeof(VerifyFaultCodes), typeof(LogExportErrorCodes)];
        var codes = holders.SelectMany(h => h.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(f => (string)f.GetRawConstantValue()!)
            .Append(MerkleStateException.ErrorCode)
            .Append(ContentTooLongException.ErrorCode);
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "Serverless.sln")))
        {
            root = root.Parent;
        }

        Assert.All(codes, code => Assert.StartsWith(
            $"# {code}\n**Meaning.** ", File.ReadAllText(Path.Combine(root.FullName, "docs", "errors", code + ".md")), StringComparison.Ordinal));
    }
}
