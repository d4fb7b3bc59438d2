using System.CommandLine;
using Countersign.Ai;
using Countersign.Engine;
using Countersign.Host.Terminal;
using Countersign.Secrets;

namespace Countersign.Host.Commands;

/// <summary><c>countersign providers</c>: checks a providers file, and shows what a host would make of it. Nobody is called.</summary>
internal static class ProvidersCommand
{
    public static Command Make()
    {
        var file = new Argument<FileInfo>("file") { Description = "The providers file, YAML or JSON." };
        var data = new Option<string?>("--data") { Description = "The data folder whose own secrets the file may name; left out, they are not looked for." };
        var command = new Command("providers", "Checks a providers file and shows providers, keys and prices; calls nobody.") { file, data };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(file)!, parsed.GetValue(data), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo path, string? data, CancellationToken cancellation)
    {
        ProvidersFile file;
        try
        {
            file = ProvidersFile.Read(await Files.ReadAsync("file", path, cancellation), path.ToString());
        }
        catch (ProvidersInvalidException invalid)
        {
            CommandLine.Explain(invalid);
            return CommandLine.Bad;
        }

        var found = await FindAsync(file, data, cancellation);
        foreach (var (entry, key) in file.Providers.Zip(found))
        {
            var standard = entry.Name == (file.Default ?? file.Providers[0].Name) ? " (default)" : "";
            Screen.WriteLine($"{entry.Name}{standard}: {entry.Type}, {entry.Endpoint?.AbsoluteUri ?? "the vendor's address"}, model {entry.Model ?? "named by each step"}");
            Screen.WriteLine($"  key: {key}");
        }

        foreach (var price in file.Prices)
        {
            Screen.WriteLine($"price of {price.Model}: {price.Input} in, {price.Output} out (US dollars for a million tokens)");
        }

        return found.Any(key => key.EndsWith(Missing, StringComparison.Ordinal)) ? CommandLine.Bad : CommandLine.Ok;
    }

    private const string Missing = "NOT FOUND";

    private static async Task<string[]> FindAsync(ProvidersFile file, string? data, CancellationToken cancellation)
    {
        using var folder = data is null ? null : DataFolder.Open(data, TimeProvider.System);
        using var store = folder is null ? null : new FileSecretStore(Path.Combine(folder.Path, "secrets"), HostKeys.OpenOrCreate(folder, "secrets.key"), TimeProvider.System);
        return await Task.WhenAll(file.Providers.Select(async entry => entry switch
        {
            { Auth: ProviderAuth.Entra } => "the identity of the function app",
            { Key: null } => "none",
            { Key.Secret: not null } when store is null => $"{entry.Key}, not looked for without --data",
            { Key: { Secret: { } name } source } => $"{source}, {Found(await store!.FindAsync(FileSecretStore.HostTenant, name, cancellation) is not null)}",
            _ => $"{entry.Key}, {Found(Environment.GetEnvironmentVariable(entry.Key.Env!) is { Length: > 0 })}",
        }));
    }

    private static string Found(bool there) => there ? "found" : Missing;
}
