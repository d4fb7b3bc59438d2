using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace Countersign.Host.Commands;

/// <summary><c>countersign serve</c>: the HTTP interface over a data folder.</summary>
internal static class ServeCommand
{
    public static Command Make()
    {
        var data = Options.Data();
        var url = new Option<string>("--url") { Description = "Where to listen.", DefaultValueFactory = _ => "http://127.0.0.1:8080" };
        var allow = Options.Allow();
        var command = new Command("serve", "Serves the HTTP interface over a data folder.") { data, url, allow };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(data)!, parsed.GetValue(url)!, parsed.GetValue(allow) ?? [], cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string data, string url, string[] allow, CancellationToken cancellation)
    {
        // Kestrel takes any other name for "listen everywhere", so that a slip of the hand would open the host to the network.
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https")
            || !(address.Host is "localhost" || address.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6))
        {
            throw new IOException($"--url: '{url}' is no address to listen on, such as http://127.0.0.1:8080 or http://0.0.0.0:8080.");
        }

        using var log = LoggerFactory.Create(logging => logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        })
            .SetMinimumLevel(LogLevel.Warning)

            // What keeps the host from starting is told as one sentence by the command itself.
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
            .AddFilter("Microsoft.AspNetCore.Hosting", LogLevel.None));
        await using var host = await LocalHost.OpenAsync(new LocalHostOptions { Data = data, AllowedTargets = [.. allow] }, log, cancellation);
        await using var server = await WebServer.StartAsync(host, url, log, cancellation);
        if (await host.MakeFirstKeyAsync(cancellation) is { } key)
        {
            Console.WriteLine("The first key of this data folder, an admin of the tenant 'default'. It is shown this once:");
            Console.WriteLine($"  {key}");
        }

        Console.WriteLine($"Listening on {server.Address}, data in {Path.GetFullPath(data)}. Ctrl+C stops.");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("Stopping; what is at work goes on at the next start.");
        }

        return CommandLine.Ok;
    }
}
