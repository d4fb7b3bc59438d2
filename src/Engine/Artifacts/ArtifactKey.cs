using System.Security.Cryptography;
using Countersign.Artifacts;

namespace Countersign.Engine.Artifacts;

/// <summary>The key from which every tenant's artifact key is derived (<see cref="SealedArtifact.DeriveKey"/>), and the file that holds it.</summary>
internal static class ArtifactKey
{
    private const int Length = SealedArtifact.KeyLength;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads the key, or makes one where there are no artifacts yet that would need another.</summary>
    /// <exception cref="ArtifactKeyException">The file is gone or damaged.</exception>
    public static byte[] OpenOrCreate(string file, bool hasArtifacts)
    {
        if (!File.Exists(file))
        {
            if (hasArtifacts)
            {
                throw new ArtifactKeyException(file, "is not there, but artifacts are that were written with it");
            }

            Create(file);
        }

        var key = File.ReadAllBytes(file);
        return key.Length == Length
            ? key
            : throw new ArtifactKeyException(file, $"has {key.Length} bytes instead of {Length}");
    }

    private static void Create(string file)
    {
        var aside = file + ".new";
        File.Delete(aside);
        using (var stream = new FileStream(aside, DurableFiles.CreateNew(OwnerOnly)))
        {
            stream.Write(RandomNumberGenerator.GetBytes(Length));
            stream.Flush(flushToDisk: true);
        }

        File.Move(aside, file, overwrite: false);
        DurableFiles.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
    }
}
