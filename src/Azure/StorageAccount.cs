using Azure.Data.Tables;
using Azure.Storage.Blobs;

namespace Countersign.Azure;

/// <summary>A storage account: by its name, under the app's identity, or by a connection string, as the emulator has one.</summary>
/// <param name="Name">The account's name; null where a connection string is given.</param>
/// <param name="ConnectionString">The connection string; null where a name is given.</param>
public sealed record StorageAccount(string? Name, string? ConnectionString)
{
    /// <summary>Its tables.</summary>
    /// <exception cref="ArgumentException">Neither a name nor a connection string is given.</exception>
    public TableServiceClient Tables(TableClientOptions? options = null) =>
        ConnectionString is { } text ? new TableServiceClient(text, options) : new TableServiceClient(Address("table"), AppIdentity.Credential(), options);

    /// <summary>Its blobs.</summary>
    /// <exception cref="ArgumentException">Neither a name nor a connection string is given.</exception>
    public BlobServiceClient Blobs() =>
        ConnectionString is { } text ? new BlobServiceClient(text) : new BlobServiceClient(Address("blob"), AppIdentity.Credential());

    private Uri Address(string service) => Name is { } name
        ? new Uri($"https://{name}.{service}.core.windows.net")
        : throw new ArgumentException("Neither a connection string nor an account is given.");
}
