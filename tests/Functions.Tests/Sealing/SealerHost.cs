using System.Collections.Concurrent;
using System.Diagnostics;
using Countersign.Tests.Tools;

namespace Countersign.Functions.Tests.Sealing;

/// <summary>
/// A real Functions host with the sealer in it, over two storage emulators: its own, with its timers and the checkpoints, and the
/// one of the logs. Started as <see cref="FunctionsHost"/> says.
/// </summary>
public sealed class SealerHost : IAsyncLifetime
{
    private const int KeptLines = 5000;

    private readonly Azurite own = new();
    private readonly string folder = Directory.CreateTempSubdirectory("countersign-sealer-").FullName;
    private readonly ConcurrentQueue<string> output = new();
    private Process? process;

    /// <summary>The account of the logs.</summary>
    public Azurite Logs { get; } = new();

    /// <summary>The account of the checkpoints.</summary>
    public string Checkpoints => own.ConnectionString;

    /// <summary>The public part of the sealer's key.</summary>
    public string PublicKey => Path.Combine(folder, "seal.pem.pub");

    /// <summary>What the host wrote.</summary>
    public string Output => string.Join(Environment.NewLine, output);

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (FunctionsHost.Command is null || AzuriteInstallation.Script is null)
        {
            return;
        }

        await Task.WhenAll(own.InitializeAsync(), Logs.InitializeAsync());
        foreach (var file in Directory.EnumerateFiles(AppFolder(), "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, "app", Path.GetRelativePath(AppFolder(), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        await own.DisposeAsync();
        await Logs.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Starts the host.</summary>
    public void Start()
    {
        var port = Azurite.FreePorts(1)[0];
        var app = Path.Combine(folder, "app");
        var isCoreTools = Path.GetFileNameWithoutExtension(FunctionsHost.Command) == "func";
        string[] arguments = isCoreTools ? ["start", "--no-build", "--port", $"{port}"] : [app, $"{port}", own.ConnectionString];
        var start = new ProcessStartInfo(FunctionsHost.Command!, arguments) { WorkingDirectory = app, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["AzureWebJobsStorage"] = own.ConnectionString;
        start.Environment["FUNCTIONS_WORKER_RUNTIME"] = "dotnet-isolated";
        start.Environment["COUNTERSIGN_STORAGE"] = Logs.ConnectionString;
        start.Environment["COUNTERSIGN_CHECKPOINTS"] = own.ConnectionString;
        start.Environment["COUNTERSIGN_SEAL_KEY_FILE"] = Path.Combine(folder, "seal.pem");
        start.Environment["COUNTERSIGN_LOG_NAME"] = "log.example.com/test";
        start.Environment["COUNTERSIGN_SEAL_SCHEDULE"] = "*/2 * * * * *";
        start.Environment["COUNTERSIGN_RECHECK_SCHEDULE"] = "*/3 * * * * *";
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Waits until something holds, as long as the host lives and at most three minutes.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!await holds())
        {
            Assert.False(process!.HasExited, $"The host ended: {Output}");
            Assert.False(patience.IsCancellationRequested, $"It does not happen: {Output}");
            await Task.Delay(250);
        }
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            output.Enqueue(line);
            while (output.Count > KeptLines && output.TryDequeue(out _))
            {
            }
        }
    }

    // Built with these tests.
    private static string AppFolder()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var root = here;
        while (!File.Exists(Path.Combine(root!.FullName, "Serverless.sln")))
        {
            root = root.Parent;
        }

        return Path.Combine(root.FullName, "src", "Sealer", "bin", here.Parent!.Name, here.Name);
    }
}
