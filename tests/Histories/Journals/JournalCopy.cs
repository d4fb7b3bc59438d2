namespace Countersign.Histories.Tests.Journals;

/// <summary>A copy of a recorded data folder, gone after the test. What was recorded is never written to.</summary>
internal sealed class JournalCopy : IDisposable
{
    public JournalCopy(string recorded)
    {
        foreach (var file in Directory.EnumerateFiles(recorded, "*", SearchOption.AllDirectories))
        {
            var target = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(recorded, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(file, target);
            if (!OperatingSystem.IsWindows())
            {
                // Git keeps no more of a file's mode than whether it can be executed, and keys may be read by their owner alone.
                File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("countersign-history-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
