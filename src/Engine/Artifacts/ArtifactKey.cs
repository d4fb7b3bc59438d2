using System.Security.Cryptography;
using System.Text;

namespace Countersign.Engine.Artifacts;

/// <summary>The key from which every tenant's artifact key is derived (HKDF-SHA256, RFC 5869), and the file that holds it.</summary>
internal static class ArtifactKey
{
    private const int Length = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly byte[] Purpose = Encoding.ASCII.GetBytes("countersign artifact key 1\0");

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

    /// <summary>A tenant's key.</summary>
    public static byte[] Derive(byte[] key, string tenant) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, Length, info: [.. Purpose, .. Encoding.UTF8.GetBytes(tenant)]);

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
