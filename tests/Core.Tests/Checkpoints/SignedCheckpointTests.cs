using System.Security.Cryptography;
using System.Text;
using Countersign.Checkpoints;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Core.Tests.Ledger;
using Countersign.Ledger;

namespace Countersign.Core.Tests.Checkpoints;

public sealed class SignedCheckpointTests
{
    private const string Origin = "log.example.com/prod/acme";

    private static readonly Checkpoint Signed = new(Origin, 300, Hash256.Of("root"u8));
    private readonly TestSigner signer = new();

    [Fact]
    public async Task Open_Signed_IsTheCheckpoint() => Assert.Equal(Signed, SignedCheckpoint.Open(await NoteAsync(), Origin, [signer.Key]));

    [Fact]
    public async Task Open_EveryBitFlipped_IsRefused()
    {
        var note = await NoteAsync();
        for (var bit = 0; bit < note.Length * 8; bit++)
        {
            note[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<CheckpointException>(() => SignedCheckpoint.Open(note, Origin, [signer.Key]));
            note[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public async Task Open_OfAnotherLog_IsForeign() =>
        Refused(CheckpointErrorCodes.ForeignOrigin, await NoteAsync(), "log.example.com/prod/globex", signer.Key);

    [Fact]
    public async Task Open_ByAnotherKey_IsUnsigned()
    {
        var note = await NoteAsync();
        Refused(CheckpointErrorCodes.Unsigned, note, Origin, new TestSigner().Key);
        Refused(CheckpointErrorCodes.Unsigned, note, Origin);
    }

    [Fact]
    public async Task Open_KeyOfAnotherName_IsUnsigned()
    {
        var note = SignedNote.Read(await NoteAsync());
        var renamed = note with { Signatures = [note.Signatures[0] with { Name = "somebody" }] };
        Refused(CheckpointErrorCodes.Unsigned, renamed.ToBytes(), Origin, signer.Key);
    }

    [Fact]
    public async Task Open_OtherText_IsABadSignature()
    {
        var note = SignedNote.Read(await NoteAsync());
        Refused(CheckpointErrorCodes.BadSignature, (note with { Text = (Signed with { Size = 299 }).ToText() }).ToBytes(), Origin, signer.Key);
        Refused(CheckpointErrorCodes.BadSignature, (note with { Text = note.Text + "an extension\n" }).ToBytes(), Origin, signer.Key);
    }

    [Fact]
    public async Task Open_AmongOtherSignatures_IgnoresWhatItDoesNotKnow()
    {
        var note = SignedNote.Read(await NoteAsync());
        var witness = new NoteSignature("witness.example.com", 7, new byte[64]);
        var collision = new NoteSignature(Origin, 7, new byte[64]);
        Assert.Equal(Signed, SignedCheckpoint.Open((note with { Signatures = [witness, collision, note.Signatures[0]] }).ToBytes(), Origin, [signer.Key]));
    }

    [Fact]
    public async Task Open_GoodAndBadSignatureOfOneKey_IsRefused()
    {
        var note = SignedNote.Read(await NoteAsync());
        var bad = note.Signatures[0] with { Value = new byte[70] };
        Refused(CheckpointErrorCodes.BadSignature, (note with { Signatures = [note.Signatures[0], bad] }).ToBytes(), Origin, signer.Key);
    }

    [Fact]
    public async Task Sign_SignerThatAnswersRubbish_IsRefusedBeforeItIsKept()
    {
        Func<byte[], byte[]>[] changes = [halves => [], halves => new byte[64], halves => halves[..63], halves => [.. halves, 0], halves => [.. halves[32..], .. halves[..32]]];
        foreach (var change in changes)
        {
            signer.Change = change;
            var error = await Assert.ThrowsAsync<CheckpointException>(NoteAsync);
            Assert.Equal(CheckpointErrorCodes.BadSignature, error.Code);
        }
    }

    // r or s begins with a zero bit or byte now and then: the integers of the sequence are then shorter, or padded.
    [Fact]
    public async Task Sign_Often_AlwaysOpens()
    {
        for (var i = 0; i < 300; i++)
        {
            var checkpoint = Signed with { Size = i };
            Assert.Equal(checkpoint, SignedCheckpoint.Open(await SignedCheckpoint.SignAsync(checkpoint, signer), Origin, [signer.Key]));
        }
    }

    [Fact]
    public void Origin_OfAnyTenant_IsAKeyName()
    {
        Assert.Equal("n/acme", CheckpointOrigin.For("n", "acme"));
        Assert.Equal("n/a%20b%2F%2B%C3%BC", CheckpointOrigin.For("n", "a b/+\u00fc"));
        Assert.NotEqual(CheckpointOrigin.For("n", "a%2Fb"), CheckpointOrigin.For("n", "a/b"));
        foreach (var name in (string[])["", " ", "a b", "a+b", "a\nb", "a\u2003b"])
        {
            Assert.Throws<ArgumentException>(() => CheckpointOrigin.For(name, "acme"));
        }
    }

    [Fact]
    public void Key_OnAnotherCurveOrNone_IsRefused()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        foreach (var pem in (string[])[p384.ExportSubjectPublicKeyInfoPem(), rsa.ExportSubjectPublicKeyInfoPem(), "", "rubbish", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"])
        {
            Assert.Equal(CheckpointErrorCodes.KeyInvalid, Assert.Throws<CheckpointException>(() => CheckpointKey.FromPem(pem)).Code);
        }
    }

    [Fact]
    public void Key_AsText_ComesBack()
    {
        Assert.Equal(signer.Key.KeyId, CheckpointKey.FromPem(signer.Key.ToPem()).KeyId);
        var parts = signer.Key.ToVerifierText(Origin).Split('+', 3);
        Assert.Equal([Origin, signer.Key.KeyId.ToString("x8", System.Globalization.CultureInfo.InvariantCulture)], parts[..2]);
        Assert.Equal([0x02, .. signer.Key.SubjectPublicKeyInfo.ToArray()], Convert.FromBase64String(parts[2]));
    }

    [Fact]
    public async Task FileSigner_Made_OpensAndSignsAsTheSameKey()
    {
        var folder = Directory.CreateTempSubdirectory("countersign-key-").FullName;
        try
        {
            var path = Path.Combine(folder, "seal.pem");
            using var made = FileSigner.Create(path);
            using var opened = FileSigner.Open(path);
            Assert.Equal(made.Key.KeyId, opened.Key.KeyId);
            var trusted = CheckpointKey.FromPem(await File.ReadAllTextAsync(path + ".pub"));
            Assert.Equal(Signed, SignedCheckpoint.Open(await SignedCheckpoint.SignAsync(Signed, opened), Origin, [trusted]));
            Assert.Throws<IOException>(() => FileSigner.Create(path));
            Assert.Throws<CheckpointException>(() => FileSigner.Open(path + ".pub"));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
                File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.GroupRead);
                Assert.Equal(CheckpointErrorCodes.KeyInvalid, Assert.Throws<CheckpointException>(() => FileSigner.Open(path)).Code);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Fuzz_Notes_AreRefusedOrComeBackAsTheyAre()
    {
        var note = await NoteAsync();
        var read = 0;
        var rounds = FuzzRun.Rounds(20_000, random =>
        {
            var bytes = FuzzRun.Mutate(note, ref random);
            try
            {
                Assert.Equal(bytes, SignedNote.Read(bytes).ToBytes());
                read++;
                Assert.Equal(Signed, SignedCheckpoint.Open(bytes, Origin, [signer.Key]));
            }
            catch (CheckpointException)
            {
                // Its own error, and no other.
            }
        });
        Assert.InRange(read, 1, rounds - 1);
    }

    private static void Refused(string code, byte[] note, string origin, params CheckpointKey[] trusted) =>
        Assert.Equal(code, Assert.Throws<CheckpointException>(() => SignedCheckpoint.Open(note, origin, trusted)).Code);

    private async Task<byte[]> NoteAsync() => await SignedCheckpoint.SignAsync(Signed, signer);
}
