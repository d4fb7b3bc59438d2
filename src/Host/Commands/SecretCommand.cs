using System.CommandLine;
using Countersign.Engine;
using Countersign.Host.Terminal;
using Countersign.Secrets;

namespace Countersign.Host.Commands;

/// <summary><c>countersign secret</c>: the secrets of a tenant, by name. A value is read from standard input, so that it is in no list of processes and no history of a shell.</summary>
internal static class SecretCommand
{
    public static Command Make()
    {
        var command = new Command("secret", "Sets, lists and removes secrets while no host has the data folder open.");
        command.Subcommands.Add(Named("set", "Sets a secret to what comes in on standard input, less a line break at its end.", SetAsync));
        command.Subcommands.Add(Named("remove", "Removes a secret.", async (store, tenant, name) => await store.DeleteAsync(tenant, name), data => Files.DataFolder(data)));
        var data = Options.Data();
        var tenant = Options.Tenant();
        var own = OfHost();
        var list = new Command("list", "Lists the names of the secrets, never their values.") { data, tenant, own };
        list.SetAction((parsed, _) => WithStoreAsync(Files.DataFolder(parsed.GetValue(data)!), async store =>
        {
            foreach (var name in await store.ListAsync(parsed.GetValue(own) ? HostSecrets.Tenant : parsed.GetValue(tenant)!))
            {
                Screen.WriteLine($"{name}");
            }
        }));
        command.Subcommands.Add(list);
        return command;
    }

    private static Command Named(string word, string says, Func<FileSecretStore, string, string, Task> act, Func<string, string>? folder = null)
    {
        var name = new Argument<string>("name") { Description = "The secret's name." };
        var data = Options.Data();
        var tenant = Options.Tenant();
        var own = OfHost();
        var command = new Command(word, says) { name, data, tenant, own };
        folder ??= data => data;
        command.SetAction((parsed, _) => WithStoreAsync(folder(parsed.GetValue(data)!), store => act(store, parsed.GetValue(own) ? HostSecrets.Tenant : parsed.GetValue(tenant)!, parsed.GetValue(name)!)));
        return command;
    }

    private static Option<bool> OfHost() =>
        new("--of-host") { Description = "A secret of the host's own, for keys that the providers file names; no workflow can read it." };

    private static async Task SetAsync(FileSecretStore store, string tenant, string name)
    {
        var value = await Screen.ReadToEndAsync();
        value = value.EndsWith("\r\n", StringComparison.Ordinal) ? value[..^2] : value.EndsWith('\n') ? value[..^1] : value;
        await store.SetAsync(tenant, name, value);
    }

    private static async Task<int> WithStoreAsync(string data, Func<FileSecretStore, Task> act)
    {
        using var folder = DataFolder.Open(data, TimeProvider.System);
        using var store = new FileSecretStore(Path.Combine(folder.Path, "secrets"), HostKeys.OpenOrCreate(folder, "secrets.key"));
        await act(store);
        return CommandLine.Ok;
    }
}
