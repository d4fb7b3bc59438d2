using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Countersign.Conformance.Engines;
using Countersign.Tests.Tools;

[assembly: TestFramework("Countersign.Tests.Tools.ToolTestFramework", "Countersign.Functions.Tests")]

namespace Countersign.Functions.Tests;

/// <summary>
/// A real Functions host with the app in it, over two storage emulators of its own (one for the task
/// hub, one for the ledger), on free ports of the loopback interface. It is
/// started by the command that <c>COUNTERSIGN_FUNCTIONS_HOST</c> names, given the app's folder, the port and the connection string of the
/// task hub's account, or by the <c>func</c> on the path. <c>COUNTERSIGN_FUNCTIONS_KEY</c> is the function key where the host asks for one.
/// </summary>
public sealed class FunctionsHost : IAsyncLifetime
{
    private const int KeptLines = 400;

    private readonly Azurite hub = new();
    private readonly Azurite ledger = new();
    private readonly string folder = Directory.CreateTempSubdirectory("countersign-functions-").FullName;
    private readonly ConcurrentQueue<string> output = new();
    private readonly ConcurrentQueue<string> executions = new();
    private int port;
    private Process? process;
    private string? adminKey;

    /// <summary>How it is started; null where there is none.</summary>
    public static string? Command { get; } = FindCommand();

    /// <summary>The connection string of the account that holds ledger and artifacts.</summary>
    public string ConnectionString => ledger.ConnectionString;

    /// <summary>What the host's way to the tables of the ledger does to requests; tests have a way of their own.</summary>
    public FaultProxy LedgerTables { get; private set; } = null!;

    /// <summary>The account of the task hub.</summary>
    public Azurite Hub => hub;

    /// <summary>The account that holds ledger and artifacts.</summary>
    public Azurite Ledger => ledger;

    /// <summary>The key of the artifacts.</summary>
    public static string ArtifactKey { get; } = Convert.ToBase64String(new byte[32]);

    /// <summary>Calls the app.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>What the host wrote last.</summary>
    public string Output => string.Join(Environment.NewLine, output);

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (Command is null || AzuriteInstallation.Script is null)
        {
            return;
        }

        await Task.WhenAll(hub.InitializeAsync(), ledger.InitializeAsync());
        LedgerTables = await FaultProxy.StartAsync(ledger.TableAddress);
        CopyApp(AppFolder(), folder);
        port = Azurite.FreePorts(1)[0];
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(100) };
        if (Environment.GetEnvironmentVariable("COUNTERSIGN_FUNCTIONS_KEY") is { Length: > 0 } key)
        {
            Client.DefaultRequestHeaders.Add("x-functions-key", key);
        }

        await StartAsync();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await KillAsync();
        Client?.Dispose();
        if (process is not null && Environment.GetEnvironmentVariable("COUNTERSIGN_FUNCTIONS_LOG") is { Length: > 0 } file)
        {
            await File.WriteAllTextAsync(file, Output);
        }

        await (LedgerTables?.DisposeAsync() ?? ValueTask.CompletedTask);
        await hub.DisposeAsync();
        await ledger.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Kills host and worker without warning and starts them again.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        await StartAsync();
    }

    /// <summary>The first key, an admin's; made at the first call.</summary>
    public async Task<string> AdminKeyAsync()
    {
        if (adminKey is null)
        {
            using var made = await Client.PostAsync(new Uri("/setup/first-key", UriKind.Relative), null);
            Assert.Equal(HttpStatusCode.Created, made.StatusCode);
            adminKey = JsonElement.Parse(await made.Content.ReadAsStringAsync()).GetProperty("key").GetString()!;
        }

        return adminKey;
    }

    private async Task KillAsync()
    {
        if (process is { HasExited: false })
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    private async Task StartAsync()
    {
        var isCoreTools = Path.GetFileNameWithoutExtension(Command) == "func";
        var start = new ProcessStartInfo(Command!)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments = isCoreTools ? ["start", "--no-build", "--port", $"{port}"] : [folder, $"{port}", hub.ConnectionString];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["AzureWebJobsStorage"] = hub.ConnectionString;
        start.Environment["COUNTERSIGN_STORAGE"] = ledger.Through(LedgerTables.Address);
        start.Environment["FUNCTIONS_WORKER_RUNTIME"] = "dotnet-isolated";
        start.Environment["COUNTERSIGN_ARTIFACT_KEY"] = ArtifactKey;
        start.Environment[$"COUNTERSIGN_SECRET__{EngineConformance.SecretTenant}__{EngineConformance.BoundSecret}"] = "c4nary-value";
        start.Environment[$"COUNTERSIGN_SECRET_FOR__{EngineConformance.SecretTenant}__{EngineConformance.BoundSecret}"] = EngineConformance.BoundOrigin;
        start.Environment["COUNTERSIGN_EGRESS_ALLOWED"] = "127.0.0.1:*";
        start.Environment["COUNTERSIGN_SWEEP_SCHEDULE"] = "*/10 * * * * *";
        start.Environment["COUNTERSIGN_CONTINUE_AS_NEW_AFTER"] = "12";
        start.Environment["COUNTERSIGN_RECONCILE_SCHEDULE"] = "0 0 * * * *";
        start.Environment["COUNTERSIGN_PURGE_SCHEDULE"] = "0 30 * * * *";
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await ReadyAsync();
    }

    private async Task ReadyAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            Assert.False(process!.HasExited, $"The host ended: {Output}");
            Assert.False(patience.IsCancellationRequested, $"The host did not become ready: {Output}");
            try
            {
                using var response = await Client.PostAsync(new Uri("/runs/nobody/none/poke", UriKind.Relative), null);
                Assert.False(response.StatusCode is HttpStatusCode.Unauthorized, "The host asks for a key: set COUNTERSIGN_FUNCTIONS_KEY.");
                if (response.StatusCode is HttpStatusCode.Accepted)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(250);
        }
    }

    /// <summary>Forgets the functions that were executed so far, and gives them out by name, in order.</summary>
    public IReadOnlyList<string> TakeExecutions()
    {
        var taken = new List<string>();
        while (executions.TryDequeue(out var execution))
        {
            taken.Add(execution);
        }

        return taken;
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            const string Begin = "Executing 'Functions.";
            if (line.IndexOf(Begin, StringComparison.Ordinal) is var at and >= 0)
            {
                executions.Enqueue(line[(at + Begin.Length)..].Split('\'')[0]);
            }

            output.Enqueue(line);
            while (output.Count > KeptLines && Environment.GetEnvironmentVariable("COUNTERSIGN_FUNCTIONS_LOG") is null && output.TryDequeue(out _))
            {
            }
        }
    }

    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = FindRepository();

    // Beside these tests, built with them.
    private static string AppFolder()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Repository, "src", "Functions", "bin", here.Parent!.Name, here.Name);
    }

    private static string FindRepository()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "Serverless.sln")))
        {
            root = root.Parent;
        }

        return root.FullName;
    }

    private static void CopyApp(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }

    private static string? FindCommand()
    {
        if (Environment.GetEnvironmentVariable("COUNTERSIGN_FUNCTIONS_HOST") is { Length: > 0 } command)
        {
            return command;
        }

        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return path.SelectMany(place => new[] { Path.Combine(place, "func"), Path.Combine(place, "func.exe") }).FirstOrDefault(File.Exists);
    }
}

/// <summary>Marks a class whose tests need the Functions host.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsFunctionsHostAttribute : NeedsToolAttribute
{
    /// <inheritdoc/>
    public override string? Missing => FunctionsHost.Command is null
        ? "The Functions host is not installed: install Azure Functions Core Tools 4, or name a command that starts a host in COUNTERSIGN_FUNCTIONS_HOST."
        : null;
}

/// <summary>The classes that share one host.</summary>
[CollectionDefinition(Name)]
public sealed class FunctionsHostCollection : ICollectionFixture<FunctionsHost>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Functions host";
}
