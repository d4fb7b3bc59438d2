using System.CommandLine;
using Countersign.Checkpoints;

namespace Countersign.Host.Commands;

/// <summary>Options that several commands share.</summary>
internal static class Options
{
    public static Option<string> Data() =>
        new("--data") { Description = "The data folder; one host owns it.", DefaultValueFactory = _ => "data" };

    public static Option<string> Tenant() =>
        new("--tenant") { Description = "The tenant.", DefaultValueFactory = _ => "default" };

    public static Option<string[]> Allow() => new("--allow")
    {
        Description = "A private or loopback target that steps may call, as host:port; may be repeated.",
        AllowMultipleArgumentsPerToken = true,
    };

    public static Option<string> OriginName() => new("--name")
    {
        Description = "What the checkpoints' origins begin with, best a host and path of yours.",
        DefaultValueFactory = _ => CheckpointOrigin.DefaultName,
    };

    /// <exception cref="CheckpointException">A file holds no key.</exception>
    public static IEnumerable<CheckpointKey> Keys(string[]? files) => (files ?? []).Select(file => CheckpointKey.FromPem(File.ReadAllText(file)));
}
