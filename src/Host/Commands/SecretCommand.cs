using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Countersign.Access;
using Countersign.Engine;
using Countersign.Engine.Sqlite;
using Countersign.Host.Terminal;
using Countersign.Secrets;

namespace Countersign.Host.Commands;

/// <summary>
/// <c>countersign secret</c>: the secrets of a tenant, by name, in a data folder or through a running host. A value is read from standard
/// input, so that it is in no list of processes and no history of a shell.
/// </summary>
internal static class SecretCommand
{
    public static Command Make()
    {
        var command = new Command("secret", "Sets, binds, lists and removes secrets, in a data folder that no host has open or through a running host.");
        command.Subcommands.Add(Set());
        command.Subcommands.Add(Bind());
        command.Subcommands.Add(List());
        command.Subcommands.Add(Remove());
        return command;
    }

    private static Command Set()
    {
        var (name, origins, place) = (Name(), Origins(), new Place(isNew: true));
        var command = place.On(new Command("set", "Sets a secret to standard input, without a line break at its end, and binds it to the origins that steps may send it to.") { name, origins });
        command.SetAction(async (parsed, cancellation) =>
        {
            var value = await Screen.ReadToEndAsync();
            value = value.EndsWith("\r\n", StringComparison.Ordinal) ? value[..^2] : value.EndsWith('\n') ? value[..^1] : value;
            return await place.ChangeAsync(parsed, parsed.GetValue(name)!, value, [.. parsed.GetValue(origins) ?? []], isNewFolder: true, cancellation);
        });
        return command;
    }

    private static Command Bind()
    {
        var (name, origins, place) = (Name(), Origins(), new Place());
        var command = place.On(new Command("bind", "Binds a secret to other origins; its value stays.") { name, origins });
        command.SetAction((parsed, cancellation) =>
            place.ChangeAsync(parsed, parsed.GetValue(name)!, null, [.. parsed.GetValue(origins) ?? []], isNewFolder: false, cancellation));
        return command;
    }

    private static Command List()
    {
        var place = new Place();
        var command = place.On(new Command("list", "Lists the names of the secrets and the origins that each is bound to, never their values."));
        command.SetAction(async (parsed, cancellation) =>
        {
            foreach (var (name, origins) in await place.ListAsync(parsed, cancellation))
            {
                var bound = origins.IsEmpty ? "bound to no origin: sent nowhere until it is bound" : string.Join(' ', origins);
                Screen.WriteLine($"{name}{(place.IsOfHost(parsed) ? "" : "  " + bound)}");
            }

            return CommandLine.Ok;
        });
        return command;
    }

    private static Command Remove()
    {
        var (name, place) = (Name(), new Place());
        var command = place.On(new Command("remove", "Removes a secret.") { name });
        command.SetAction((parsed, cancellation) => place.RemoveAsync(parsed, parsed.GetValue(name)!, cancellation));
        return command;
    }

    private static Argument<string> Name() => new("name") { Description = "The secret's name." };

    private static Option<string[]> Origins() => new("--for")
    {
        Description = "An origin that steps may send the secret to, such as https://pay.example; may be repeated.",
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>Where the secrets are: in a data folder, or behind a running host.</summary>
    private sealed class Place(bool isNew = false)
    {
        private readonly Option<string> data = Options.Data();
        private readonly Option<string> tenant = isNew ? Options.NewTenant() : Options.Tenant();
        private readonly Option<string?> url = RunningHost.Url();
        private readonly Option<string?> key = RunningHost.Key();
        private readonly Option<bool> own = new("--of-host") { Description = "A secret of the host's own, for keys that the providers file names; no workflow can read it." };

        public Command On(Command command)
        {
            foreach (var option in (Option[])[data, tenant, own, url, key])
            {
                command.Options.Add(option);
            }

            return command;
        }

        public bool IsOfHost(ParseResult parsed) => parsed.GetValue(own);

        public async Task<int> ChangeAsync(
            ParseResult parsed, string name, string? value, ImmutableArray<string> origins, bool isNewFolder, CancellationToken cancellation)
        {
            if (Running(parsed) is { } host)
            {
                using (host)
                {
                    var body = new Dictionary<string, object>();
                    if (value is not null)
                    {
                        body["value"] = value;
                    }

                    if (!origins.IsEmpty)
                    {
                        body["for"] = origins;
                    }

                    await host.SendAsync(HttpMethod.Put, PathOf(name), body, cancellation);
                    return CommandLine.Ok;
                }
            }

            if (IsOfHost(parsed) && !origins.IsEmpty)
            {
                throw new SecretStoreException(SecretCodes.BadOrigin, "A secret of the host goes to the provider that the providers file names it for: --for is only for secrets of a tenant.");
            }

            return await InFolderAsync(parsed, isNewFolder, changes => changes.SetAsync(Actor(parsed), name, value, origins, cancellation));
        }

        public async Task<IEnumerable<(string Name, ImmutableArray<string> Origins)>> ListAsync(ParseResult parsed, CancellationToken cancellation)
        {
            if (Running(parsed) is { } host)
            {
                using (host)
                {
                    return await host.SendAsync<ImmutableArray<(string, ImmutableArray<string>)>>(
                        HttpMethod.Get, "/v1/secrets", null, page => [.. page.GetProperty("items").EnumerateArray().Select(Listed)], cancellation);
                }
            }

            ImmutableArray<SecretInfo> secrets = [];
            await InFolderAsync(parsed, false, async changes => secrets = await changes.ListAsync(Actor(parsed).Tenant, cancellation));
            return secrets.Select(secret => (secret.Name, secret.Origins.Select(origin => origin.ToString()).ToImmutableArray()));
        }

        public async Task<int> RemoveAsync(ParseResult parsed, string name, CancellationToken cancellation)
        {
            if (Running(parsed) is { } host)
            {
                using (host)
                {
                    await host.SendAsync(HttpMethod.Delete, PathOf(name), null, cancellation);
                    return CommandLine.Ok;
                }
            }

            return await InFolderAsync(parsed, false, changes => changes.DeleteAsync(Actor(parsed), name, cancellation));
        }

        private static string PathOf(string name) => "/v1/secrets/" + Uri.EscapeDataString(name);

        private RunningHost? Running(ParseResult parsed)
        {
            if (parsed.GetValue(url) is not { } address)
            {
                return null;
            }

            return IsOfHost(parsed) || parsed.GetResult(tenant) is { Implicit: false } || parsed.GetResult(data) is { Implicit: false }
                ? throw new IOException("--url takes the tenant of the key: leave out --data, --tenant and --of-host.")
                : RunningHost.At(address, parsed.GetValue(key));
        }

        private static (string Name, ImmutableArray<string> Origins) Listed(JsonElement item) =>
            (item.GetProperty("name").GetString()!, [.. item.GetProperty("for").EnumerateArray().Select(origin => origin.GetString()!)]);

        private Principal Actor(ParseResult parsed) => Principal.System(IsOfHost(parsed) ? FileSecretStore.HostTenant : parsed.GetValue(tenant)!);

        private async Task<int> InFolderAsync(ParseResult parsed, bool isNewFolder, Func<SecretChanges, Task> act)
        {
            var path = parsed.GetValue(data)!;
            using var folder = DataFolder.Open(isNewFolder ? path : Files.DataFolder(path), TimeProvider.System);
            using var store = new FileSecretStore(Path.Combine(folder.Path, "secrets"), HostKeys.OpenOrCreate(folder, "secrets.key"), TimeProvider.System);
            await using var ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = folder.Journal });
            await act(new SecretChanges(store, ledger));
            return CommandLine.Ok;
        }
    }
}
