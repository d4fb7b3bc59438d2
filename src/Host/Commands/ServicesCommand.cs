using System.CommandLine;
using Countersign.Host.Samples;
using Countersign.Host.Terminal;

namespace Countersign.Host.Commands;

/// <summary><c>countersign services</c>: what the samples call, for a host that runs beside it.</summary>
internal static class ServicesCommand
{
    public static Command Make()
    {
        var url = new Option<string>("--url") { Description = "Where to listen.", DefaultValueFactory = _ => SampleServices.UsualAddress };
        var command = new Command("services", "Serves what the samples call: payments, reservations, charges, shipments and so on.") { url };
        command.SetAction((parsed, cancellation) => RunAsync(ListenAddress.Of(parsed.GetValue(url)!), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string url, CancellationToken cancellation)
    {
        await using var services = await SampleServices.StartAsync(url, cancellation);
        Screen.WriteLine($"Listening on {services.Address}; a host calls them if it was started with --allow {services.Target}. GET /calls tells what was called. Ctrl+C stops.");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        }
        catch (OperationCanceledException)
        {
            Screen.WriteLine($"Stopped; nothing of it is kept.");
        }

        return CommandLine.Ok;
    }
}
