using System.Formats.Asn1;
using System.Numerics;
using System.Text;
using Countersign.Ledger;

namespace Countersign.Checkpoints;

/// <summary>Makes and opens signed checkpoints.</summary>
public static class SignedCheckpoint
{
    private const int HalfLength = 32;

    /// <summary>Signs a checkpoint, under the name of its origin.</summary>
    /// <returns>The note's bytes.</returns>
    /// <exception cref="CheckpointsUnavailableException">The key cannot be reached.</exception>
    /// <exception cref="CheckpointException">The signer's answer is not a signature of its own key (<c>checkpoint.bad-signature</c>).</exception>
    public static async ValueTask<byte[]> SignAsync(Checkpoint checkpoint, ICheckpointSigner signer, CancellationToken cancellationToken = default)
    {
        var text = checkpoint.ToText();
        var halves = await signer.SignAsync(Hash256.Of(Encoding.UTF8.GetBytes(text)), cancellationToken);
        var signature = halves.Length == 2 * HalfLength ? ToDer(halves) : [];

        // What is kept for ever is looked at before: a vault may hold another key than we were told.
        if (!signer.Key.Verify(text, signature))
        {
            throw new CheckpointException(CheckpointErrorCodes.BadSignature, "the signer's answer is not a signature of its key");
        }

        return new SignedNote(text, [new NoteSignature(checkpoint.Origin, signer.Key.KeyId, signature)]).ToBytes();
    }

    /// <summary>Opens a checkpoint that must be of a log and signed by a trusted key. Signatures of unknown keys are ignored.</summary>
    /// <param name="note">The note's bytes; anything may come.</param>
    /// <param name="origin">The log that it must be of.</param>
    /// <param name="trusted">The keys that are trusted.</param>
    /// <exception cref="CheckpointException">It is not; the code says what it is instead.</exception>
    public static Checkpoint Open(ReadOnlySpan<byte> note, string origin, IReadOnlyCollection<CheckpointKey> trusted)
    {
        var read = SignedNote.Read(note);
        var checkpoint = Checkpoint.Read(read.Text);
        if (checkpoint.Origin != origin)
        {
            throw new CheckpointException(CheckpointErrorCodes.ForeignOrigin, $"the checkpoint is of '{checkpoint.Origin}', not of '{origin}'");
        }

        var signed = false;
        foreach (var signature in read.Signatures.Where(signature => signature.Name == origin))
        {
            foreach (var key in trusted.Where(key => key.KeyId == signature.KeyId))
            {
                signed = key.Verify(read.Text, signature.Value.Span)
                    ? true
                    : throw new CheckpointException(CheckpointErrorCodes.BadSignature, $"the signature of key {key.KeyId:x8} is not over this text");
            }
        }

        return signed ? checkpoint : throw new CheckpointException(CheckpointErrorCodes.Unsigned, "no signature is of a key that is trusted");
    }

    private static byte[] ToDer(ReadOnlySpan<byte> halves)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(new BigInteger(halves[..HalfLength], isUnsigned: true, isBigEndian: true));
            writer.WriteInteger(new BigInteger(halves[HalfLength..], isUnsigned: true, isBigEndian: true));
        }

        return writer.Encode();
    }
}
