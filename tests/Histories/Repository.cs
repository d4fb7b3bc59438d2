namespace Countersign.Histories.Tests;

/// <summary>Where the golden files are: in the repository, so that a test can also write a missing one.</summary>
internal static class Repository
{
    private static readonly string Root = FindRoot();

    /// <summary>Whether golden text is written instead of compared: COUNTERSIGN_UPDATE_DOCS=1.</summary>
    public static bool Updates { get; } = Environment.GetEnvironmentVariable("COUNTERSIGN_UPDATE_DOCS") == "1";

    /// <summary>A path below tests/Histories.</summary>
    public static string Golden(params string[] path) => Path.Combine([Root, "tests", "Histories", .. path]);

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
