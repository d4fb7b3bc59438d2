using System.CommandLine;
using System.Text.Json;
using Countersign.Ai;
using Countersign.Checkpoints;

namespace Countersign.Host.Commands;

/// <summary>Options that several commands share.</summary>
internal static class Options
{
    public static Option<string> Data() =>
        new("--data") { Description = "The data folder; one host owns it.", DefaultValueFactory = _ => "data" };

    /// <summary>A data folder that is only looked into: a mistyped name makes no new one.</summary>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    public static string Existing(string data, string what = "data folder") =>
        Directory.Exists(data) ? data : throw new DirectoryNotFoundException($"There is no {what} '{data}'.");

    public static Option<string> Tenant() =>
        new("--tenant") { Description = "The tenant.", DefaultValueFactory = _ => "default" };

    public static Option<string[]> Allow() => new("--allow")
    {
        Description = "A private or loopback target that steps may call, as host:port; may be repeated.",
        AllowMultipleArgumentsPerToken = true,
    };

    public static Option<string> OriginName()
    {
        var option = new Option<string>("--name")
        {
            Description = "What the checkpoints' origins begin with, best a host and path of yours.",
            DefaultValueFactory = _ => CheckpointOrigin.DefaultName,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !CheckpointOrigin.IsName(result.Tokens[0].Value))
            {
                result.AddError("--name: the name is not empty and carries no space, plus or control character.");
            }
        });
        return option;
    }

    /// <exception cref="CheckpointException">A file holds no key.</exception>
    public static IEnumerable<CheckpointKey> Keys(string[]? files) => (files ?? []).Select(file => CheckpointKey.FromPem(File.ReadAllText(file)));

    /// <summary>JSON that is given in place or by the name of its file.</summary>
    /// <exception cref="IOException">It is neither.</exception>
    public static JsonElement JsonOf(string option, string text)
    {
        try
        {
            return JsonElement.Parse(File.Exists(text) ? File.ReadAllText(text) : text);
        }
        catch (JsonException exception)
        {
            throw new IOException($"{option} is neither JSON nor a file that holds it: {exception.Message}", exception);
        }
    }

    public static Option<string?> Providers() => new("--providers")
    {
        Description = $"The providers file: which models there are, where their keys are kept, what they cost. Left out, what {ProvidersVariable} holds; without it, the mock.",
    };

    /// <summary>The providers that an option or the environment names; null for the mock alone.</summary>
    /// <exception cref="ProvidersInvalidException">They are not of the form.</exception>
    public static async Task<ProvidersFile?> ReadProvidersAsync(string? path, CancellationToken cancellation)
    {
        if (path is not null)
        {
            return ProvidersFile.Read(await File.ReadAllBytesAsync(path, cancellation), path);
        }

        return Environment.GetEnvironmentVariable(ProvidersVariable) is { Length: > 0 } setting
            ? await ProvidersFile.FromSettingAsync(setting, ProvidersVariable, cancellation)
            : null;
    }

    private const string ProvidersVariable = "COUNTERSIGN_PROVIDERS";
}
