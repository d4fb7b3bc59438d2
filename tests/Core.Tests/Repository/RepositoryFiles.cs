using System.Text.RegularExpressions;

namespace Countersign.Core.Tests.Repository;

/// <summary>Files of the repository that tests read.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));

    public static IEnumerable<string> In(string pattern, params string[] path)
        => Directory.EnumerateFiles(Path.Combine([Root, .. path]), pattern).Order(StringComparer.Ordinal);

    /// <summary>The YAML and JSON blocks of a Markdown text, in order.</summary>
    public static IReadOnlyList<string> Blocks(string markdown)
        => [.. Regex.Matches(markdown, "^```(?:yaml|json)\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline).Select(match => match.Groups[1].Value)];

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Serverless.sln")))
            {
                return at.FullName;
            }
        }

        throw new DirectoryNotFoundException("No Serverless.sln above " + AppContext.BaseDirectory);
    }
}
