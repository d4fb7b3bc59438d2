using System.CommandLine;

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
}
