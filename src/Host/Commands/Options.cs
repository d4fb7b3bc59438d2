using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Countersign.Access;
using Countersign.Ai;
using Countersign.Checkpoints;
using Countersign.Egress;

namespace Countersign.Host.Commands;

/// <summary>Options that several commands share.</summary>
internal static partial class Options
{
    private const string ProvidersVariable = "COUNTERSIGN_PROVIDERS";

    public static Option<string> Data()
    {
        var option = new Option<string>("--data") { Description = "The data folder. One host owns it at a time.", DefaultValueFactory = _ => "data" };
        NotEmpty(option);
        return option;
    }

    public static Option<string> Tenant()
    {
        var option = new Option<string>("--tenant") { Description = "The tenant.", DefaultValueFactory = _ => "default" };
        NotEmpty(option);
        return option;
    }

    /// <summary>A tenant that the command may make.</summary>
    public static Option<string> NewTenant()
    {
        var option = Tenant();
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !Names.IsTenant(result.Tokens[0].Value))
            {
                result.AddError($"--tenant: '{result.Tokens[0].Value}' {Names.TenantRule}.");
            }
        });
        return option;
    }

    public static Option<string[]> Allow()
    {
        var option = new Option<string[]>("--allow")
        {
            Description = "A private or loopback target that steps may call, as host:port, 10.0.0.0/8:port or [fd00::]/8:port. The port is a number or *. May be repeated.",
            AllowMultipleArgumentsPerToken = true,
        };
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (EgressOptions.Refuse(token.Value) is { } rule)
                {
                    result.AddError($"--allow: {rule}");
                }
            }
        });
        return option;
    }

    /// <summary>A whole number within bounds.</summary>
    public static Option<int> Number(string name, string description, int standard, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most))
            {
                result.AddError($"{name}: '{result.Tokens[0].Value}' is not a whole number from {least} to {most}.");
            }
        });
        return option;
    }

    public static Option<string> OriginName()
    {
        var option = new Option<string>("--name")
        {
            Description = "The first part of the checkpoints' origins. Use a host and a path that belong to you.",
            DefaultValueFactory = _ => CheckpointOrigin.DefaultName,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !CheckpointOrigin.IsName(result.Tokens[0].Value))
            {
                result.AddError($"--name: '{result.Tokens[0].Value}' is empty or contains a space, a plus or a control character.");
            }
        });
        return option;
    }

    /// <exception cref="OptionException">A file cannot be read, or holds no key.</exception>
    public static async Task<CheckpointKey[]> KeysAsync(string option, string[]? files, CancellationToken cancellation)
    {
        var keys = new List<CheckpointKey>();
        foreach (var file in files ?? [])
        {
            var text = await Files.ReadTextAsync(option, file, cancellation);
            try
            {
                keys.Add(CheckpointKey.FromPem(text));
            }
            catch (CheckpointException refused)
            {
                throw new OptionException(option, file, $"holds no public key: {refused.Message}", refused);
            }
        }

        return [.. keys];
    }

    /// <summary>JSON that is given in place or by the name of its file.</summary>
    /// <exception cref="OptionException">It is neither.</exception>
    public static async Task<JsonElement> JsonOfAsync(string option, string text, CancellationToken cancellation)
    {
        if (File.Exists(text) || Directory.Exists(text))
        {
            var content = await Files.ReadTextAsync(option, text, cancellation);
            return Parse(content, rule => new OptionException(option, text, $"does not hold JSON: {rule}"));
        }

        return Parse(text, rule => text.TrimStart() is ['{' or '[' or '"', ..]
            ? new OptionException(option, text, $"is not JSON: {rule}")
            : new OptionException(option, text, "is neither JSON nor the name of a file."));
    }

    public static Option<string?> Providers() => new("--providers")
    {
        Description = $"The providers file: models, where their keys are kept, and prices. Default: the variable {ProvidersVariable}, or the mock alone where it is not set.",
    };

    /// <summary>The providers that an option or the environment names; null for the mock alone.</summary>
    /// <exception cref="ProvidersInvalidException">They are not of the form.</exception>
    /// <exception cref="OptionException">The file cannot be read.</exception>
    public static async Task<ProvidersFile?> ReadProvidersAsync(string? path, CancellationToken cancellation)
    {
        if (path is not null)
        {
            return ProvidersFile.Read(await Files.ReadAsync("--providers", path, cancellation), path);
        }

        return Environment.GetEnvironmentVariable(ProvidersVariable) is { Length: > 0 } setting
            ? await ProvidersFile.FromSettingAsync(setting, ProvidersVariable, cancellation)
            : null;
    }

    private static void NotEmpty(Option<string> option) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count > 0 && string.IsNullOrWhiteSpace(result.Tokens[0].Value))
        {
            result.AddError($"{option.Name}: '{result.Tokens[0].Value}' is empty.");
        }
    });

    private static JsonElement Parse(string text, Func<string, OptionException> refuse)
    {
        try
        {
            return JsonElement.Parse(Encoding.UTF8.GetBytes(text), new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            throw refuse($"{Place().Replace(exception.Message, "")} (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1})");
        }
    }

    [GeneratedRegex(@"\s*LineNumber: .*$", RegexOptions.Singleline)]
    private static partial Regex Place();
}
