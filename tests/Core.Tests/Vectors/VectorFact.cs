namespace Countersign.Core.Tests.Vectors;

/// <summary>A fact over public conformance data; skipped, by name, where the data is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class VectorFactAttribute : FactAttribute
{
    public VectorFactAttribute(string folder)
    {
        Folder = folder;
        if (VectorFolder.Find(folder) is null)
        {
            Skip = $"The conformance data {folder} is not on this machine: run tests/vectors/fetch.";
        }
    }

    public string Folder { get; }
}

/// <summary>A theory over public conformance data; skipped, by name, where the data is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class VectorTheoryAttribute : TheoryAttribute
{
    public VectorTheoryAttribute(string folder)
    {
        Folder = folder;
        if (VectorFolder.Find(folder) is null)
        {
            Skip = $"The conformance data {folder} is not on this machine: run tests/vectors/fetch.";
        }
    }

    public string Folder { get; }
}

/// <summary>Finds the public conformance data: what <c>tests/vectors/fetch</c> fetched, or a copy beside the repository.</summary>
public static class VectorFolder
{
    /// <summary>The folder's full path, or null where it does not exist.</summary>
    public static string? Find(string folder)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Serverless.sln")))
            {
                string[] places = [Path.Combine(at.FullName, "tests", "vectors", "data", folder), Path.Combine(at.FullName, "..", "shared", "vectors", folder)];
                return places.Select(Path.GetFullPath).FirstOrDefault(Directory.Exists);
            }
        }

        return null;
    }
}
