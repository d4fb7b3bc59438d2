using System.Collections.Immutable;
using Countersign.Azure;
using Countersign.Checkpoints;
using Microsoft.Extensions.Configuration;

namespace Countersign.Sealing;

/// <summary>An app setting is missing or malformed; the app does not start.</summary>
/// <param name="name">The setting.</param>
/// <param name="what">What is wrong with it, and what it should be.</param>
public sealed class SealerSettingException(string name, string what) : Exception($"host.setting: the setting {name} {what}.")
{
    /// <summary>The setting.</summary>
    public string Setting { get; } = name;
}

/// <summary>What the sealer is set to, by app settings.</summary>
public sealed record SealerSettings
{
    /// <summary>Where the logs are: <c>COUNTERSIGN_STORAGE_ACCOUNT</c>, or <c>COUNTERSIGN_STORAGE</c> with a connection string.</summary>
    public required StorageAccount Log { get; init; }

    /// <summary>What tables are called, <c>COUNTERSIGN_PREFIX</c>. Default <c>countersign</c>.</summary>
    public required string Prefix { get; init; }

    /// <summary>Where checkpoints go: <c>COUNTERSIGN_CHECKPOINTS_ACCOUNT</c>, or <c>COUNTERSIGN_CHECKPOINTS</c> with a connection string.</summary>
    public required StorageAccount Checkpoints { get; init; }

    /// <summary>The container of checkpoints, <c>COUNTERSIGN_CHECKPOINTS_CONTAINER</c>. Default <c>checkpoints</c>.</summary>
    public required string Container { get; init; }

    /// <summary>The signing key in a vault, <c>COUNTERSIGN_SEAL_KEY</c>: <c>https://vault.vault.azure.net/keys/name</c>; null where there is a file.</summary>
    public Uri? Key { get; init; }

    /// <summary>The signing key in a PEM file, <c>COUNTERSIGN_SEAL_KEY_FILE</c>: for a first try. Made where there is none.</summary>
    public string? KeyFile { get; init; }

    /// <summary>What origins begin with, <c>COUNTERSIGN_LOG_NAME</c>, and keys that signed before, <c>COUNTERSIGN_FORMER_KEYS</c>:
    /// public keys in DER as base64, joined by commas.</summary>
    public required SealerOptions Options { get; init; }

    /// <summary>Reads the settings.</summary>
    /// <exception cref="SealerSettingException">One is missing or malformed; the message names it.</exception>
    public static SealerSettings From(IConfiguration configuration)
    {
        var key = configuration["COUNTERSIGN_SEAL_KEY"];
        var file = configuration["COUNTERSIGN_SEAL_KEY_FILE"];
        if (key is null == file is null)
        {
            throw new SealerSettingException("COUNTERSIGN_SEAL_KEY", "is missing: https://vault.vault.azure.net/keys/name, or COUNTERSIGN_SEAL_KEY_FILE in its place");
        }

        return new SealerSettings
        {
            Log = Account(configuration, "COUNTERSIGN_STORAGE"),
            Prefix = configuration["COUNTERSIGN_PREFIX"] ?? "countersign",
            Checkpoints = Account(configuration, "COUNTERSIGN_CHECKPOINTS"),
            Container = configuration["COUNTERSIGN_CHECKPOINTS_CONTAINER"] ?? "checkpoints",
            Key = key is null ? null : Uri.TryCreate(key, UriKind.Absolute, out var uri) ? uri : throw new SealerSettingException("COUNTERSIGN_SEAL_KEY", $"is '{key}', which is no address"),
            KeyFile = file,
            Options = new SealerOptions { Name = Name(configuration), FormerKeys = FormerKeys(configuration) },
        };
    }

    private static StorageAccount Account(IConfiguration configuration, string name) => (configuration[name + "_ACCOUNT"], configuration[name]) switch
    {
        ({ } account, _) => new StorageAccount(account, null),
        (null, { } text) => new StorageAccount(null, text),
        _ => throw new SealerSettingException(name + "_ACCOUNT", $"is missing: an account's name, or {name} with a connection string"),
    };

    private static string Name(IConfiguration configuration)
    {
        var name = configuration["COUNTERSIGN_LOG_NAME"] ?? CheckpointOrigin.DefaultName;
        return CheckpointOrigin.IsName(name)
            ? name
            : throw new SealerSettingException("COUNTERSIGN_LOG_NAME", "is empty, or carries a space, a plus or a control character");
    }

    private static ImmutableArray<CheckpointKey> FormerKeys(IConfiguration configuration)
    {
        var texts = (configuration["COUNTERSIGN_FORMER_KEYS"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        try
        {
            return [.. texts.Select(text => CheckpointKey.FromPem($"-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----"))];
        }
        catch (CheckpointException error)
        {
            throw new SealerSettingException("COUNTERSIGN_FORMER_KEYS", $"has a text that is no public key: {error.Message}");
        }
    }
}
