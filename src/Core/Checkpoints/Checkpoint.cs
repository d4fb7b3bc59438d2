using System.Globalization;
using Countersign.Ledger;

namespace Countersign.Checkpoints;

/// <summary>
/// What a log was at some size, as C2SP tlog-checkpoint (https://c2sp.org/tlog-checkpoint) writes it: three lines, which a
/// <see cref="SignedNote"/> carries as its text.
/// </summary>
/// <param name="Origin">Which log it is; see <see cref="CheckpointOrigin"/>.</param>
/// <param name="Size">Number of entries, 0 or more: the last one's sequence.</param>
/// <param name="Root">The RFC 6962 root over the hashes of the entries.</param>
public sealed record Checkpoint(string Origin, long Size, Hash256 Root)
{
    /// <summary>The text that is signed.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root.ToArray())}\n");

    /// <summary>Reads a text. Lines after the third are allowed by the form, mean nothing here, and are not kept.</summary>
    /// <exception cref="CheckpointException">The text is no checkpoint (<c>checkpoint.body-malformed</c>).</exception>
    public static Checkpoint Read(string text)
    {
        Require(text.EndsWith('\n'), "the text does not end with a line feed");
        var lines = text[..^1].Split('\n');
        Require(lines.Length >= 3, "the text has fewer than three lines");
        Require(Array.TrueForAll(lines, line => line.Length > 0), "a line is empty");
        Require(
            long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            && lines[1] == size.ToString(CultureInfo.InvariantCulture),
            "the size is no decimal number from 0 to 2^63-1 without leading zeros");
        var root = SignedNote.FromBase64(lines[2]);
        Require(root?.Length == Hash256.Length, "the root is not base64 of 32 bytes");
        return new Checkpoint(lines[0], size, new Hash256(root));
    }

    private static void Require([System.Diagnostics.CodeAnalysis.DoesNotReturnIf(false)] bool holds, string rule)
    {
        if (!holds)
        {
            throw new CheckpointException(CheckpointErrorCodes.BodyMalformed, rule);
        }
    }
}
