using System.Security.Cryptography;
using Countersign.Engine;

namespace Countersign.Host;

/// <summary>The host's own keys: made once, 32 random bytes, readable by its user alone.</summary>
internal static class HostKeys
{
    private const int Length = 32;

    /// <exception cref="HostKeyException">The key file is there but is not a key.</exception>
    public static byte[] OpenOrCreate(DataFolder folder, string name)
    {
        var file = Path.Combine(folder.Keys, name);
        if (File.Exists(file))
        {
            var key = File.ReadAllBytes(file);
            return key.Length == Length ? key : throw new HostKeyException(file);
        }

        Directory.CreateDirectory(folder.Keys);
        var made = RandomNumberGenerator.GetBytes(Length);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new FileStream(file, options);
        stream.Write(made);
        stream.Flush(flushToDisk: true);
        return made;
    }
}

/// <summary>A key file of the host is not a key: it was cut off or changed. Restore it from a backup; without it nothing that it protects can be read.</summary>
/// <param name="file">The file.</param>
public sealed class HostKeyException(string file) : Exception($"The key file '{file}' does not hold a key of 32 bytes. Restore it from a backup.");
