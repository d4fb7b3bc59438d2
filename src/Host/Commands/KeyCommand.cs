using System.Collections.Immutable;
using System.CommandLine;
using Countersign.Access;
using Countersign.Engine;
using Countersign.Engine.Sqlite;
using Countersign.Host.Terminal;

namespace Countersign.Host.Commands;

/// <summary><c>countersign key</c>: an API key made in the data folder, for a tenant that has none or has lost it, or through a running host.</summary>
internal static class KeyCommand
{
    public static Command Make()
    {
        var data = Options.Data();
        var tenant = Options.NewTenant();
        var url = RunningHost.Url();
        var key = RunningHost.Key();
        var user = new Option<string>("--user") { Description = "The person or program that the key stands for.", DefaultValueFactory = _ => "admin" };
        var roles = new Option<string[]>("--role")
        {
            Description = $"A role: {string.Join(", ", Role.All)}; may be repeated.",
            DefaultValueFactory = _ => [Role.Admin],
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("key", "Makes an API key, in a data folder that no host has open or through a running host, and prints nothing but the key.")
        {
            data, tenant, user, roles, url, key,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (wanted, held) = (parsed.GetValue(user)!, parsed.GetValue(roles)!.ToImmutableArray());
            if (parsed.GetValue(url) is not { } address)
            {
                return await InFolderAsync(parsed.GetValue(data)!, Principal.System(parsed.GetValue(tenant)!), wanted, held, cancellation);
            }

            if (parsed.GetResult(tenant) is { Implicit: false } || parsed.GetResult(data) is { Implicit: false })
            {
                throw new IOException("--url takes the tenant of the key: leave out --data and --tenant.");
            }

            using var host = RunningHost.At(address, parsed.GetValue(key));
            var made = await host.SendAsync(HttpMethod.Post, "/v1/api-keys", new { user = wanted, roles = held }, answer => answer.GetProperty("key").GetString(), cancellation);
            Screen.WriteLine($"{made}");
            return CommandLine.Ok;
        });
        return command;
    }

    private static async Task<int> InFolderAsync(string data, Principal maker, string user, ImmutableArray<string> roles, CancellationToken cancellation)
    {
        using var folder = DataFolder.Open(data, TimeProvider.System);
        await using var ledger = SqliteLedger.Open(folder);
        var (secret, _) = await new ApiKeys(ledger, TimeProvider.System).CreateAsync(maker, user, roles, cancellationToken: cancellation);
        Screen.WriteLine($"{secret}");
        return CommandLine.Ok;
    }
}
