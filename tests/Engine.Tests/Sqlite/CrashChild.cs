using System.Diagnostics;
using System.Globalization;
using System.Text;
using Countersign.Engine.Sqlite;
using Countersign.Ledger;

namespace Countersign.Engine.Tests.Sqlite;

/// <summary>A process that commits without end and says which commits were acknowledged, until it is killed.</summary>
internal sealed class CrashChild : IDisposable
{
    public const string Name = "crash-child";
    public const string Tenant = "acme";

    private const int Writers = 16;

    private readonly List<string> _acknowledged = [];
    private readonly Process _process;

    private CrashChild(Process process) => _process = process;

    public int ProcessId => _process.Id;

    /// <summary>Starts it on a data folder.</summary>
    public static CrashChild Start(string folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            ArgumentList = { "exec", typeof(CrashChild).Assembly.Location, Name, folder },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        return new CrashChild(Process.Start(start)!);
    }

    /// <summary>Waits for so many acknowledgements.</summary>
    public async Task WorkAsync(int acknowledgements)
    {
        while (_acknowledged.Count < acknowledgements)
        {
            _acknowledged.Add(
                await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The child ended by itself."));
        }
    }

    /// <summary>Kills it (SIGKILL) and answers all the ids that it had acknowledged.</summary>
    public async Task<List<string>> KillAsync()
    {
        _process.Kill();
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _acknowledged.Add(line);
        }

        await _process.WaitForExitAsync();

        // The kill may have cut the last line short.
        return [.. _acknowledged.Where(id => id.EndsWith('.'))];
    }

    /// <summary>The child's side.</summary>
    public static async Task WriteForEverAsync(string path)
    {
        using var folder = DataFolder.Open(path, TimeProvider.System);
        await using var ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = folder.Journal, CheckpointPages = 100 });
        using var output = Console.OpenStandardOutput();
        var gate = new object();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                var id = Guid.NewGuid().ToString("N") + ".";
                await ledger.CommitAsync(Tenant, CommitOf(id));
                lock (gate)
                {
                    output.Write(Encoding.ASCII.GetBytes(id + "\n"));
                }
            }
        })));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static LedgerCommit CommitOf(string id)
    {
        var value = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\"{id}\""));
        return new LedgerCommit
        {
            Rows = [RowWrite.Insert("row|" + id, value)],
            Entries = [new EntryDraft { EventId = id, Type = EventTypes.StepCompleted, Run = id, Payload = value }],
            Call = new CallRecord(id, "call", 1, id, value),
        };
    }
}
