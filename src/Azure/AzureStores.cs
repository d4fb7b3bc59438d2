using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Countersign.Azure.Artifacts;
using Countersign.Azure.Ledger;
using Countersign.Ledger;

namespace Countersign.Azure;

/// <summary>Where the stores are, and the key that they are encrypted with.</summary>
public sealed record AzureStoresOptions
{
    /// <summary>The storage account's connection string; null where <see cref="Account"/> is given.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>The storage account's name, reached with the host's own identity; null where <see cref="ConnectionString"/> is given.</summary>
    public string? Account { get; init; }

    /// <summary>What the names of tables and containers start with: 1 to 20 letters and digits, a letter first, in lower case. Default <c>countersign</c>.</summary>
    public string Prefix { get; init; } = "countersign";

    /// <summary>
    /// The key of the artifacts, 32 bytes in base64, from a vault. 32 zero bytes are taken with the storage emulator only, so that a first
    /// try needs no key.
    /// </summary>
    public required string ArtifactKey { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>The stores of a storage account, opened.</summary>
/// <param name="Ledger">The ledger.</param>
/// <param name="Artifacts">The artifacts.</param>
public sealed record AzureStores(TableLedger Ledger, BlobArtifactStore Artifacts)
{
    private const string Emulator = "devstoreaccount1";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Opens the stores of an account without a call to it, so that an app starts while its account is away. The deployment creates tables and
    /// containers; on the storage emulator they are created in the background, as soon as it answers.
    /// </summary>
    /// <exception cref="ArgumentException">An option is missing or malformed.</exception>
    public static AzureStores Open(AzureStoresOptions options)
    {
        var key = KeyOf(options);
        var blobs = AccountOf(options).Blobs();
        var artifacts = new BlobArtifactStore(blobs.GetBlobContainerClient(options.Prefix + "-artifacts"), key);
        var payloads = new BlobArtifactStore(blobs.GetBlobContainerClient(options.Prefix + "-payloads"), key);
        var ledger = new TableLedger(
            client => AccountOf(options).Tables(client), payloads, new TableLedgerOptions { Prefix = options.Prefix, Time = options.Time });
        var stores = new AzureStores(ledger, artifacts);
        if (IsEmulator(options))
        {
            _ = stores.CreateWhenReachableAsync(payloads);
        }

        return stores;
    }

    /// <summary>Opens the stores and creates tables and containers if they do not exist.</summary>
    /// <exception cref="ArgumentException">An option is missing or malformed.</exception>
    /// <exception cref="LedgerUnavailableException">The account cannot be reached.</exception>
    public static async Task<AzureStores> CreateAsync(AzureStoresOptions options, CancellationToken cancellationToken = default)
    {
        var key = KeyOf(options);
        var blobs = AccountOf(options).Blobs();
        var artifacts = await BlobArtifactStore.OpenAsync(blobs.GetBlobContainerClient(options.Prefix + "-artifacts"), key, cancellationToken);
        var payloads = await BlobArtifactStore.OpenAsync(blobs.GetBlobContainerClient(options.Prefix + "-payloads"), key, cancellationToken);
        var ledger = await TableLedger.OpenAsync(
            client => AccountOf(options).Tables(client), payloads, new TableLedgerOptions { Prefix = options.Prefix, Time = options.Time }, cancellationToken);
        return new AzureStores(ledger, artifacts);
    }

    private async Task CreateWhenReachableAsync(BlobArtifactStore payloads)
    {
        while (true)
        {
            try
            {
                await Artifacts.CreateContainerAsync(default);
                await payloads.CreateContainerAsync(default);
                await Ledger.CreateTablesAsync(default);
                return;
            }
            catch (LedgerUnavailableException)
            {
                await Task.Delay(Pause);
            }
        }
    }

    private static byte[] KeyOf(AzureStoresOptions options)
    {
        var key = Convert.FromBase64String(options.ArtifactKey);
        return key.AsSpan().ContainsAnyExcept((byte)0) || IsEmulator(options)
            ? key
            : throw new ArgumentException("The artifact key is all zeros, which is for the storage emulator only.", nameof(options));
    }

    private static bool IsEmulator(AzureStoresOptions options) =>
        options.ConnectionString is { } text
        && (text.Contains("UseDevelopmentStorage=true", StringComparison.OrdinalIgnoreCase) || text.Contains(Emulator, StringComparison.Ordinal));

    private static StorageAccount AccountOf(AzureStoresOptions options) => new(options.Account, options.ConnectionString);
}
