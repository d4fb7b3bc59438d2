using System.Text;
using Countersign.Checkpoints;

namespace Countersign.Core.Tests.Checkpoints;

public sealed class SignedNoteTests
{
    private const string Rekor = "Rekor\n798034\nf+7CoKgXKE/tNys9TTXcr/ad6U/K3xvznmzew9y6SP0=\n\n"
        + "\u2014 rekor.sigstore.dev wNI9ajBEAiARInWIWyCdyG27CO6LPnPekyw20qO0YJfoaPaowGp/XgIgc+qEHS3+GKVClgqq20uDLet7MCoTURUCRdxwWBHHufk=\n";

    private const string Pixel = "DEFAULT\n10\nbsWRucJU5xJPHb5eBdOm6+DM+VelCZBuvtI3sHERJ9Y=\n\n"
        + "\u2014 pixel6_transparency_log kcFuMDBFAiEAhqMAP8P6qf6QxtUJhzMhbN+MbZ9dwfUHzGQJmffJHtoCIGD0cNe47dHWBoPwYdgBCepB06/+g5O1FmYjXl06owL4\n";

    private const string Good = "a\n\n\u2014 key AAAAAQI=\n";

    // Published checkpoints of logs that sign with ECDSA: what their own verifiers are tested with (transparency-dev/formats).
    [Theory]
    [InlineData(Rekor, 0xc0d23d6a, 798034, "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2G2Y+2tabdTV5BcGiBIx0a9fAFwrkBbmLSGtks4L3qX6yYY0zufBnhC8Ur/iy55GhWP/9A/bY2LhC30M9+RYtw==")]
    [InlineData(Pixel, 0x91c16e30, 10, "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE37jHQmTXJPC8sUj0Dg0N0ZlxfRqJZV1YzlclXLQzhVYPcC/JblDoez0DSZwOSlShiCf4oo83MULQfec3erolDw==")]
    public void Read_CheckpointsOfPublicLogs_Verify(string published, uint keyId, long size, string spki)
    {
        var note = SignedNote.Read(Encoding.UTF8.GetBytes(published));
        var key = CheckpointKey.FromPem($"-----BEGIN PUBLIC KEY-----\n{spki}\n-----END PUBLIC KEY-----");

        Assert.Equal(keyId, key.KeyId);
        Assert.Equal(keyId, note.Signatures.Single().KeyId);
        Assert.True(key.Verify(note.Text, note.Signatures[0].Value.Span));
        Assert.False(key.Verify(note.Text.Replace('0', '1'), note.Signatures[0].Value.Span));
        Assert.Equal(size, Checkpoint.Read(note.Text).Size);
        Assert.Equal(note.Text, Checkpoint.Read(note.Text).ToText());
        Assert.Equal(published, Encoding.UTF8.GetString(note.ToBytes()));
    }

    // The example of the specification: empty lines in the text, letters beyond ASCII, a signature of a kind we do not know.
    [Fact]
    public void Read_ExampleOfTheSpecification_ComesBack()
    {
        const string Example = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned \u00e8 subito sera.\n\n"
            + "\u2014 quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
        var note = SignedNote.Read(Encoding.UTF8.GetBytes(Example));

        Assert.EndsWith("subito sera.\n", note.Text, StringComparison.Ordinal);
        Assert.Equal(0x367ba04bu, note.Signatures.Single().KeyId);
        Assert.Equal(64, note.Signatures[0].Value.Length);
        Assert.Equal(Example, Encoding.UTF8.GetString(note.ToBytes()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\n")]
    [InlineData("\n\n\u2014 key AAAAAQI=\n")]
    [InlineData("a\n\n")]
    [InlineData("a\n\n\n")]
    [InlineData("a\n\n\u2014 key AAAAAQI=")]
    [InlineData("a\n\n- key AAAAAQI=\n")]
    [InlineData("a\n\n\u2014key AAAAAQI=\n")]
    [InlineData("a\n\n\u2014  AAAAAQI=\n")]
    [InlineData("a\n\n\u2014 key\n")]
    [InlineData("a\n\n\u2014 key  AAAAAQI=\n")]
    [InlineData("a\n\n\u2014 key AAAAAQI= \n")]
    [InlineData("a\n\n\u2014 key AAAAAQI= x\n")]
    [InlineData("a\n\n\u2014 k+y AAAAAQI=\n")]
    [InlineData("a\n\n\u2014 k\u00a0y AAAAAQI=\n")]
    [InlineData("a\n\n\u2014 key AAAAAQI\n")]
    [InlineData("a\n\n\u2014 key AAAAAQJ=\n")]
    [InlineData("a\n\n\u2014 key AAAA_QI=\n")]
    [InlineData("a\n\n\u2014 key AAAAAQ==\n")]
    [InlineData("a\n\n\u2014 key AAAA\u00c4QI=\n")]
    [InlineData("a\n\n\u2014 key AAAAAQI=\nx\n")]
    [InlineData("a\r\n\n\u2014 key AAAAAQI=\n")]
    [InlineData("a\tb\n\n\u2014 key AAAAAQI=\n")]
    [InlineData("a\0\n\n\u2014 key AAAAAQI=\n")]
    public void Read_NoNote_IsRefused(string text)
    {
        Assert.NotEmpty(SignedNote.Read(Encoding.UTF8.GetBytes(Good)).Text);
        Assert.Equal(CheckpointErrorCodes.NoteMalformed, Assert.Throws<CheckpointException>(() => SignedNote.Read(Encoding.UTF8.GetBytes(text))).Code);
    }

    [Fact]
    public void Read_BytesThatAreNoUtf8_AreRefused() => Assert.Equal(
        CheckpointErrorCodes.NoteMalformed, Assert.Throws<CheckpointException>(() => SignedNote.Read([0xff, .. Encoding.UTF8.GetBytes(Good)])).Code);

    [Fact]
    public void Read_ManySignatures_UpToTheLimit()
    {
        string Note(int count) => "a\n\n" + string.Concat(Enumerable.Repeat("\u2014 key AAAAAQI=\n", count));
        Assert.Equal(SignedNote.MaxSignatures, SignedNote.Read(Encoding.UTF8.GetBytes(Note(SignedNote.MaxSignatures))).Signatures.Length);
        Assert.Throws<CheckpointException>(() => SignedNote.Read(Encoding.UTF8.GetBytes(Note(SignedNote.MaxSignatures + 1))));
        Assert.Throws<CheckpointException>(() => SignedNote.Read(Encoding.UTF8.GetBytes(new string('a', SignedNote.MaxLength) + Good)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\n1\n")]
    [InlineData("a\n1\n{root}")]
    [InlineData("\n1\n{root}\n")]
    [InlineData("a\n\n{root}\n")]
    [InlineData("a\n01\n{root}\n")]
    [InlineData("a\n-1\n{root}\n")]
    [InlineData("a\n+1\n{root}\n")]
    [InlineData("a\n1 \n{root}\n")]
    [InlineData("a\n1e3\n{root}\n")]
    [InlineData("a\n9223372036854775808\n{root}\n")]
    [InlineData("a\n\u0661\n{root}\n")]
    [InlineData("a\n1\nAAAA\n")]
    [InlineData("a\n1\n{root}=\n")]
    [InlineData("a\n1\n{root}\n\n")]
    [InlineData("a\n1\n{root}\nx\n\ny\n")]
    public void ReadCheckpoint_NoCheckpoint_IsRefused(string text)
    {
        var root = Convert.ToBase64String(new byte[32]);
        Assert.Equal(1, Checkpoint.Read($"a\n1\n{root}\n").Size);
        var error = Assert.Throws<CheckpointException>(() => Checkpoint.Read(text.Replace("{root}", root, StringComparison.Ordinal)));
        Assert.Equal(CheckpointErrorCodes.BodyMalformed, error.Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(long.MaxValue)]
    public void ReadCheckpoint_AnySize_ComesBack(long size)
    {
        var checkpoint = new Checkpoint("a/b", size, Countersign.Ledger.Hash256.Of("x"u8));
        Assert.Equal(checkpoint, Checkpoint.Read(checkpoint.ToText()));
        Assert.Equal(checkpoint, Checkpoint.Read(checkpoint.ToText() + "an extension\n"));
    }
}
