using System.Diagnostics;
using System.Globalization;

namespace Countersign.Engine.Tests;

/// <summary>A file system in memory that is soon full. Mounting one needs root on Linux.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public static bool IsPossible()
    {
        var path = Directory.CreateTempSubdirectory("countersign-disk-").FullName;
        try
        {
            return OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "tmpfs", path) && Run("umount", path);
        }
        finally
        {
            Directory.Delete(path);
        }
    }

    public static SmallDisk Mount(string path, int mebibytes)
    {
        Directory.CreateDirectory(path);
        var size = string.Create(CultureInfo.InvariantCulture, $"size={mebibytes}m");
        Assert.True(Run("mount", "-t", "tmpfs", "-o", size, "tmpfs", path), "The small disk could not be mounted.");
        return new SmallDisk(path);
    }

    public void Dispose() => Assert.True(Run("umount", Path), "The small disk could not be unmounted.");

    private static bool Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>A fact that needs a small disk, skipped where none can be mounted.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> Possible = new(SmallDisk.IsPossible);

    public SmallDiskFactAttribute() => Skip = Possible.Value ? null : "A small disk cannot be mounted here (needs root on Linux).";
}
