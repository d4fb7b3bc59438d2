using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Countersign.Features.Tests.Documents;

/// <summary>A fenced block of commands.</summary>
/// <param name="Line">Where it begins.</param>
/// <param name="Kind">What stands after <c>sh</c>: <c>run</c>, <c>run serve</c> (never ends), <c>run stopped</c> (the host is stopped before), or nothing.</param>
/// <param name="Text">The commands.</param>
public sealed record Block(int Line, string Kind, string Text)
{
    /// <summary>Its commands, each on one line.</summary>
    public IEnumerable<string> Commands => Text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

/// <summary>A page of the documentation that tells people what to type.</summary>
/// <param name="Path">Relative to the root of the repository.</param>
/// <param name="Text">Its text.</param>
public sealed record Page(string Path, string Text)
{
    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>All such pages.</summary>
    public static ImmutableArray<Page> All { get; } =
    [
        .. new[] { "README.md", "docs/operations.md", "docs/checkpoints.md", "docs/tutorial.md", "docs/install.md" }
            .Concat(Directory.EnumerateDirectories(System.IO.Path.Combine(Root, "samples")).Order(StringComparer.Ordinal).Select(folder => $"samples/{System.IO.Path.GetFileName(folder)}/README.md"))
            .Select(path => new Page(path, File.ReadAllText(System.IO.Path.Combine(Root, path)).ReplaceLineEndings("\n"))),
    ];

    /// <summary>Its blocks of commands.</summary>
    public ImmutableArray<Block> Blocks =>
    [
        .. Regex.Matches(Text, @"^```sh *([a-z ]*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)
            .Select(match => new Block(Text[..match.Index].Count(c => c == '\n') + 1, match.Groups[1].Value, match.Groups[2].Value)),
    ];

    /// <summary>The relative targets of its links.</summary>
    public IEnumerable<string> Links => Regex.Matches(Text, @"\]\((?!https?:|#)([^)#]+)").Select(match => match.Groups[1].Value);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder!.FullName, "Serverless.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
