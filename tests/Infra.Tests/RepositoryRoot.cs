namespace Countersign.Infra.Tests;

/// <summary>Files of the repository.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    public static string Bicep { get; } = System.IO.Path.Combine(Path, "infra", "bicep");

    public static string Read(params string[] parts) => File.ReadAllText(System.IO.Path.Combine([Path, .. parts]));

    private static string Find()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(at!.FullName, "Serverless.sln")))
        {
            at = at.Parent;
        }

        return at.FullName;
    }
}
