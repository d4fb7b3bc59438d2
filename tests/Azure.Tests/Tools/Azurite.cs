using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Countersign.Tests.Tools;

/// <summary>
/// The storage emulator on free ports of the loopback interface; see <see cref="AzuriteInstallation"/> for where it comes from. It ends with the
/// test process, however that ends.
/// </summary>
public sealed class Azurite : IAsyncLifetime
{
    private const int KeptRequests = 50_000;
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly string folder = Directory.CreateTempSubdirectory("countersign-azurite-").FullName;
    private readonly ConcurrentQueue<string> requests = new();
    private Process? process;

    // Its standard input is a pipe of the test process: when that process is gone, the pipe ends.
    private const string EndWithParent = "process.stdin.on('end', () => process.exit(0)); process.stdin.resume();";

    /// <summary>The account's connection string.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>Where its tables are.</summary>
    public string TableAddress { get; private set; } = "";

    /// <summary>The account's connection string, its tables reached through a proxy.</summary>
    public string Through(string proxy) => ConnectionString.Replace(TableAddress, proxy, StringComparison.Ordinal);

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (AzuriteInstallation.Script is not { } script)
        {
            return;
        }

        var guard = Path.Combine(folder, "end-with-parent.js");
        await File.WriteAllTextAsync(guard, EndWithParent);
        var ports = FreePorts(3);
        var start = new ProcessStartInfo("node") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "--require", guard, script,
            "--skipApiVersionCheck", "--disableTelemetry", "--location", folder,
            "--blobHost", "127.0.0.1", "--blobPort", $"{ports[0]}",
            "--queueHost", "127.0.0.1", "--queuePort", $"{ports[1]}",
            "--tableHost", "127.0.0.1", "--tablePort", $"{ports[2]}",
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        foreach (var port in ports)
        {
            await ReachAsync(port);
        }

        TableAddress = $"http://127.0.0.1:{ports[2]}";
        ConnectionString = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=" + Key
            + $";BlobEndpoint=http://127.0.0.1:{ports[0]}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:{ports[1]}/devstoreaccount1"
            + $";TableEndpoint=http://127.0.0.1:{ports[2]}/devstoreaccount1;";
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (process is not null)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Forgets the requests that it received so far, and gives them out: method and address, in order.</summary>
    public IReadOnlyList<string> TakeRequests()
    {
        var taken = new List<string>();
        while (requests.TryDequeue(out var request))
        {
            taken.Add(request);
        }

        return taken;
    }

    // Its access log: 127.0.0.1 - - [time] "POST /devstoreaccount1/$batch HTTP/1.1" 202 -
    private void Note(string? line)
    {
        var parts = line?.Split('"');
        if (parts is { Length: > 2 } && parts[1].LastIndexOf(" HTTP/", StringComparison.Ordinal) is var end and > 0)
        {
            requests.Enqueue(parts[1][..end]);
            while (requests.Count > KeptRequests && requests.TryDequeue(out _))
            {
            }
        }
    }

    /// <summary>Ports that nobody listens on at the moment.</summary>
    public static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Stop());
        return ports;
    }

    private static async Task ReachAsync(int port)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, patience.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50, patience.Token);
            }
        }
    }
}

/// <summary>Marks a class whose tests need the storage emulator.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsAzuriteAttribute : NeedsToolAttribute
{
    /// <inheritdoc/>
    public override string? Missing => AzuriteInstallation.Script is null ? AzuriteInstallation.Missing : null;
}
