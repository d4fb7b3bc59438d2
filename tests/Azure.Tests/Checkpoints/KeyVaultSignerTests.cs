using Countersign.Azure.Checkpoints;
using Countersign.Checkpoints;
using Countersign.Ledger;

namespace Countersign.Azure.Tests.Checkpoints;

public sealed class KeyVaultSignerTests : IAsyncLifetime
{
    private static readonly Checkpoint Signed = new("countersign/acme", 300, Hash256.Of("root"u8));
    private VaultServer vault = null!;

    public async Task InitializeAsync() => vault = await VaultServer.StartAsync();

    public async Task DisposeAsync() => await vault.DisposeAsync();

    [Fact]
    public async Task Sign_WithTheVaultsKey_VerifiesWithItsPublicPart()
    {
        var signer = await OpenAsync();
        var note = await SignedCheckpoint.SignAsync(Signed, signer);
        Assert.Equal(Signed, SignedCheckpoint.Open(note, Signed.Origin, [CheckpointKey.FromPem(signer.Key.ToPem())]));
        Assert.Equal(["GET /keys/seal?api-version=7.4", "POST /keys/seal/7f3a/sign?api-version=7.4"], vault.Requests);
    }

    [Fact]
    public async Task Sign_VaultThatIsBusy_IsAskedAgain()
    {
        var signer = await OpenAsync();
        vault.Failures.Enqueue(429);
        vault.Failures.Enqueue(503);
        Assert.NotEmpty(await SignedCheckpoint.SignAsync(Signed, signer));
    }

    [Fact]
    public async Task Sign_WithoutTheRight_IsUnavailable()
    {
        var signer = await OpenAsync();
        vault.Failures.Enqueue(403);
        var error = await Assert.ThrowsAsync<CheckpointsUnavailableException>(async () => await SignedCheckpoint.SignAsync(Signed, signer));
        Assert.Contains("403", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64!")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Sign_AnswerThatIsNoSignature_IsRefused(string answer)
    {
        var signer = await OpenAsync();
        vault.Answer = answer;
        var error = await Assert.ThrowsAsync<CheckpointException>(async () => await SignedCheckpoint.SignAsync(Signed, signer));
        Assert.Equal(CheckpointErrorCodes.BadSignature, error.Code);
    }

    [Theory]
    [InlineData("kty", "RSA")]
    [InlineData("crv", "P-384")]
    [InlineData("x", "AAAA")]
    [InlineData("y", "!")]
    [InlineData("kid", "nothing")]
    [InlineData("kid", "https://elsewhere.example/keys/seal/7f3a")]
    public async Task Open_AnswerThatIsNotTheKey_IsRefused(string field, string value)
    {
        vault.ChangeKey = key => key[field] = value;
        Assert.Equal(CheckpointErrorCodes.KeyInvalid, (await Assert.ThrowsAsync<CheckpointException>(OpenAsync)).Code);
    }

    [Fact]
    public async Task Open_KeyOfAnotherName_IsRefused()
    {
        vault.ChangeKey = key => key["kid"] = key["kid"].Replace("/seal/", "/sealer/", StringComparison.Ordinal);
        await Assert.ThrowsAsync<CheckpointException>(OpenAsync);
    }

    [Theory]
    [InlineData("http://vault.vault.azure.net/keys/seal")]
    [InlineData("https://vault.vault.azure.net/secrets/seal")]
    [InlineData("https://vault.vault.azure.net/keys")]
    [InlineData("https://vault.vault.azure.net/keys/seal/1/sign")]
    public async Task Open_WhatIsNoKeysIdentifier_IsRefused(string key) =>
        await Assert.ThrowsAsync<ArgumentException>(() => KeyVaultSigner.OpenAsync(new Uri(key), new TestCredential()));

    private Task<KeyVaultSigner> OpenAsync() => KeyVaultSigner.OpenAsync(vault.Key, new TestCredential(), VaultServer.Transport());
}
