using Azure.Identity;
using Countersign.Azure;

namespace Countersign.Azure.Tests;

public sealed class AppIdentityTests
{
    [Theory]
    [InlineData("WEBSITE_INSTANCE_ID")]
    [InlineData("CONTAINER_APP_NAME")]
    [InlineData("IDENTITY_ENDPOINT")]
    public void Credential_InAzure_IsTheManagedIdentityAlone(string mark)
    {
        Assert.IsType<ManagedIdentityCredential>(AppIdentity.Credential(name => name == mark ? "x" : null));
        Assert.IsType<ManagedIdentityCredential>(AppIdentity.Credential(name => name == mark ? "x" : name == AppIdentity.ClientId ? "6b1c1e3e-6d55-4a43-9a55-0a8d5a1f7d11" : null));
    }

    [Fact]
    public void Credential_OnADevelopersMachine_IsTheChain() => Assert.IsType<DefaultAzureCredential>(AppIdentity.Credential(_ => null));

    [Fact]
    public void Account_ByNameOrConnectionString_HasItsAddresses()
    {
        var named = new StorageAccount("acct", null);
        Assert.Equal("https://acct.table.core.windows.net/", named.Tables().Uri.ToString());
        Assert.Equal("https://acct.blob.core.windows.net/", named.Blobs().Uri.ToString());
        Assert.Equal("devstoreaccount1", new StorageAccount(null, "UseDevelopmentStorage=true").Blobs().AccountName);
        Assert.Throws<ArgumentException>(() => new StorageAccount(null, null).Tables());
    }
}
