using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Checkpoints;

/// <summary>
/// What checkpoints are called, the same in a folder and in a container: <c>tenant/rest-size.checkpoint</c>, where the tenant is
/// its SHA-256, so that no name leads elsewhere, and the rest is what is missing to 2^63-1 in 19 digits, so that the newest one
/// is the first in every listing. Beside them, in <c>tenant/state/</c>, is what the sealer goes on from.
/// </summary>
public static class CheckpointName
{
    /// <summary>How the name of a checkpoint ends.</summary>
    public const string Extension = ".checkpoint";

    private const int RestLength = 19;

    /// <summary>What the names of a tenant's checkpoints begin with, without a slash at the end.</summary>
    public static string Folder(string tenant) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tenant)));

    /// <summary>A checkpoint within its tenant's folder.</summary>
    public static string Note(long size) => Stem(size) + Extension;

    /// <summary>The state beside a checkpoint, within the tenant's folder.</summary>
    public static string State(long size) => $"state/{Stem(size)}.state";

    /// <summary>The size that a name within the folder says; null where it is no checkpoint's.</summary>
    public static long? SizeOf(string name) =>
        name.EndsWith(Extension, StringComparison.Ordinal)
        && name.Length > RestLength + 1
        && long.TryParse(name.AsSpan(RestLength + 1, Math.Max(0, name.Length - RestLength - 1 - Extension.Length)), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
        && name == Note(size)
            ? size
            : null;

    private static string Stem(long size) => string.Create(CultureInfo.InvariantCulture, $"{long.MaxValue - size:D19}-{size}");
}
