using System.Reflection;
using System.Text.RegularExpressions;
using Countersign.Expressions;

namespace Countersign.Core.Tests.Expressions;

/// <summary>The reference says what the code does: every function, every code and every example.</summary>
public sealed class DocumentationTests
{
    private static readonly string Docs = FindDocs();

    private static readonly string Reference = File.ReadAllText(Path.Combine(Docs, "expressions.md"));

    public static TheoryData<string> Codes => [.. typeof(ExpressionErrorCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(constant => (string)constant.GetValue(null)!)];

    [Theory]
    [MemberData(nameof(Codes))]
    public void ErrorCode_Any_HasAPageAndALineInTheReference(string code)
    {
        var page = File.ReadAllText(Path.Combine(Docs, "errors", code + ".md"));
        Assert.StartsWith($"# {code}\n", page, StringComparison.Ordinal);
        Assert.Contains($"[{code}](errors/{code}.md)", Reference, StringComparison.Ordinal);
    }

    [Fact]
    public void Reference_Functions_AreThoseThatExist()
    {
        var start = Reference.IndexOf("## Functions", StringComparison.Ordinal);
        var section = Reference[start..Reference.IndexOf("\n## ", start + 5, StringComparison.Ordinal)];
        var documented = Regex.Matches(section, @"`([^`]*\) -> [a-z()]+)`").Select(match => match.Groups[1].Value).ToHashSet();
        var existing = FunctionTable.Signatures.Select(signature => signature.Text).Where(text => !text.Contains("any, any", StringComparison.Ordinal)).ToHashSet();
        Assert.Equal(existing.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ErrorPages_Examples_ReplaceWhatFailsByWhatReads()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Docs, "errors"), "expression.*.md"))
        {
            foreach (Match match in Regex.Matches(File.ReadAllText(file), @"→ `([^`]+)`"))
            {
                Assert.True(Expression.TryParse(match.Groups[1].Value, out _, out var error), $"{file}: {error}");
            }
        }
    }

    [Fact]
    public void Reference_FirstExamples_Read()
    {
        var block = Regex.Match(Reference, "```\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        var lines = block.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.All(lines, line => Expression.Parse(line));
    }

    private static string FindDocs()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at!.FullName, "Serverless.sln")))
        {
            at = at.Parent;
        }

        return Path.Combine(at.FullName, "docs");
    }
}
