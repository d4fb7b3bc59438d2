using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;

namespace Countersign.Checkpoints;

/// <summary>
/// A text with signatures over it, as C2SP signed-note (https://c2sp.org/signed-note) writes it. Reading says nothing about
/// who signed: see <see cref="SignedCheckpoint"/>.
/// </summary>
/// <param name="Text">What is signed, its last line feed included.</param>
/// <param name="Signatures">The signatures, in order.</param>
public sealed record SignedNote(string Text, ImmutableArray<NoteSignature> Signatures)
{
    /// <summary>The longest note that is read: 256 KiB.</summary>
    public const int MaxLength = 256 * 1024;

    /// <summary>The most signatures that a note may have: 64.</summary>
    public const int MaxSignatures = 64;

    private const int KeyIdLength = sizeof(uint);
    private const string Dash = "\u2014 ";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a note.</summary>
    /// <exception cref="CheckpointException">The bytes are no note (<c>checkpoint.note-malformed</c>).</exception>
    public static SignedNote Read(ReadOnlySpan<byte> bytes)
    {
        Require(bytes.Length <= MaxLength, $"the note is longer than {MaxLength} bytes");
        foreach (var b in bytes)
        {
            Require(b is >= (byte)' ' or (byte)'\n', "the note carries a control character");
        }

        var note = Decode(bytes);
        var split = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        Require(split > 0, "there is no empty line between text and signatures");
        var lines = note[(split + 2)..];
        Require(lines.EndsWith('\n'), "the last line does not end");
        return new SignedNote(note[..(split + 1)], ReadSignatures(lines[..^1].Split('\n')));
    }

    /// <summary>The note's bytes. What they give when read is this note again.</summary>
    public byte[] ToBytes()
    {
        var note = new StringBuilder(Text).Append('\n');
        foreach (var signature in Signatures)
        {
            var value = new byte[KeyIdLength + signature.Value.Length];
            BinaryPrimitives.WriteUInt32BigEndian(value, signature.KeyId);
            signature.Value.Span.CopyTo(value.AsSpan(KeyIdLength));
            note.Append(Dash).Append(signature.Name).Append(' ').Append(Convert.ToBase64String(value)).Append('\n');
        }

        return Utf8.GetBytes(note.ToString());
    }

    /// <summary>Base64 of RFC 4648, section 4, in its one canonical form; null for anything else.</summary>
    internal static byte[]? FromBase64(ReadOnlySpan<char> text)
    {
        Span<byte> ascii = text.Length <= 256 ? stackalloc byte[text.Length] : new byte[text.Length];
        if (text.ContainsAnyExceptInRange('!', '~') || Encoding.ASCII.GetBytes(text, ascii) != text.Length)
        {
            return null;
        }

        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(ascii.Length)];
        return Base64.DecodeFromUtf8(ascii, bytes, out _, out var written) == OperationStatus.Done
            && text.SequenceEqual(Convert.ToBase64String(bytes, 0, written))
            ? bytes[..written]
            : null;
    }

    private static ImmutableArray<NoteSignature> ReadSignatures(string[] lines)
    {
        Require(lines.Length <= MaxSignatures, $"the note has more than {MaxSignatures} signatures");
        return [.. lines.Select(ReadSignature)];
    }

    private static NoteSignature ReadSignature(string line)
    {
        Require(line.StartsWith(Dash, StringComparison.Ordinal), "a signature line does not begin with a dash");
        var parts = line[Dash.Length..].Split(' ');
        Require(parts.Length == 2, "a signature line is not a name and a signature");
        Require(CheckpointOrigin.IsName(parts[0]), "a key's name is empty, or carries a space or a plus");
        var value = FromBase64(parts[1]);
        Require(value?.Length > KeyIdLength, "a signature is not base64 of a key id and a signature");
        return new NoteSignature(parts[0], BinaryPrimitives.ReadUInt32BigEndian(value), value.AsMemory(KeyIdLength));
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new CheckpointException(CheckpointErrorCodes.NoteMalformed, "the note is not UTF-8", error);
        }
    }

    private static void Require([System.Diagnostics.CodeAnalysis.DoesNotReturnIf(false)] bool holds, string rule)
    {
        if (!holds)
        {
            throw new CheckpointException(CheckpointErrorCodes.NoteMalformed, rule);
        }
    }
}
