using System.CommandLine;
using Countersign.Access;
using Countersign.Engine;
using Countersign.Engine.Sqlite;
using Countersign.Host.Terminal;

namespace Countersign.Host.Commands;

/// <summary><c>countersign key</c>: an API key made at the data folder, for who has none or has lost it.</summary>
internal static class KeyCommand
{
    public static Command Make()
    {
        var data = Options.Data();
        var tenant = Options.Tenant();
        var user = new Option<string>("--user") { Description = "Whom the key stands for.", DefaultValueFactory = _ => "admin" };
        var roles = new Option<string[]>("--role")
        {
            Description = $"A role: {string.Join(", ", Role.All)}; may be repeated.",
            DefaultValueFactory = _ => [Role.Admin],
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("key", "Makes an API key while no host has the data folder open, and prints nothing but the key.") { data, tenant, user, roles };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(data)!, Principal.System(parsed.GetValue(tenant)!), parsed.GetValue(user)!, [.. parsed.GetValue(roles)!], cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        string data, Principal maker, string user, System.Collections.Immutable.ImmutableArray<string> roles, CancellationToken cancellation)
    {
        using var folder = DataFolder.Open(data, TimeProvider.System);
        await using var ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = folder.Journal });
        var (secret, _) = await new ApiKeys(ledger, TimeProvider.System).CreateAsync(maker, user, roles, cancellationToken: cancellation);
        Screen.WriteLine($"{secret}");
        return CommandLine.Ok;
    }
}
