using System.CommandLine;
using System.Globalization;
using Countersign.Checkpoints;
using Countersign.Engine.Checkpoints;
using Countersign.Host.Terminal;
using Countersign.Language;
using Countersign.Ledger;

namespace Countersign.Host.Commands;

/// <summary><c>countersign seal</c>: signs checkpoints of the logs in a data folder, as a process of its own beside the host.</summary>
internal static class SealCommand
{
    public static Command Make()
    {
        var data = Options.Data();
        var key = new Option<string>("--key") { Description = "The signing key, PEM; made, with its public part in FILE.pub, where there is none.", Required = true };
        var output = new Option<string>("--out") { Description = "The folder of checkpoints, best where the host cannot write.", Required = true };
        var name = Options.OriginName();
        var former = new Option<string[]>("--former-key") { Description = "The public part of a key that signed before; may be repeated.", AllowMultipleArgumentsPerToken = true };
        var every = new Option<string>("--every") { Description = "How often to look for news, such as 60s or 5m.", DefaultValueFactory = _ => "60s" };
        var once = new Option<bool>("--once") { Description = "One round. Exit code 1: a log was refused." };
        var recheck = new Option<bool>("--recheck") { Description = "First hold each whole log against all its checkpoints." };
        var command = new Command("seal", "Signs checkpoints of the logs in a data folder, beside the host that owns it.")
        {
            data, key, output, name, former, every, once, recheck,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!Duration.TryParse(parsed.GetValue(every), out var interval) || interval < TimeSpan.FromSeconds(1))
            {
                throw new OptionException("--every", parsed.GetValue(every), "is not a duration of at least 1s, such as 60s or 5m.");
            }

            var options = new SealerOptions { Name = parsed.GetValue(name)!, FormerKeys = [.. await Options.KeysAsync("--former-key", parsed.GetValue(former), cancellation)] };
            using var rounds = SealRounds.Open(Files.DataFolder(parsed.GetValue(data)!), parsed.GetValue(key)!, parsed.GetValue(output)!, options);
            var isWell = !parsed.GetValue(recheck) || await rounds.RecheckAsync(cancellation);
            return parsed.GetValue(once)
                ? await rounds.SealAsync(cancellation) && isWell ? CommandLine.Ok : CommandLine.Bad
                : await rounds.RunAsync(interval, TimeProvider.System, cancellation);
        });
        return command;
    }
}

/// <summary>Rounds of sealing the logs of a data folder, told line by line.</summary>
internal sealed class SealRounds : IDisposable
{
    /// <summary>How often a host that seals by itself looks for news.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, string> told = new(StringComparer.Ordinal);
    private readonly FileSigner signer;
    private readonly SqliteLogSource log;
    private readonly Sealer sealer;
    private readonly string name;

    private SealRounds(FileSigner signer, SqliteLogSource log, string output, SealerOptions options)
    {
        (this.signer, this.log, name) = (signer, log, options.Name);
        sealer = new Sealer(log, new FolderCheckpointStore(output), signer, options);
    }

    /// <summary>Opens key and log; the data folder is not taken.</summary>
    /// <exception cref="CheckpointException">The key is not one that can sign.</exception>
    /// <exception cref="Engine.Sqlite.NewerJournalException">A newer program wrote the journal.</exception>
    public static SealRounds Open(string data, string key, string output, SealerOptions options)
    {
        var signer = OpenKey(key);
        try
        {
            return new SealRounds(signer, SqliteLogSource.Open(Path.Combine(data, "journal.db")), output, options);
        }
        catch
        {
            signer.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        log.Dispose();
        signer.Dispose();
    }

    /// <summary>Rounds until the end.</summary>
    public async Task<int> RunAsync(TimeSpan interval, TimeProvider time, CancellationToken cancellation)
    {
        Screen.WriteLine($"Sealing every {interval.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s with key {signer.Key.KeyId:x8} as '{name}'.");

        // A signal that comes while a command has not yet given its task away ends the process without a last word.
        await Task.Yield();
        using var clock = new PeriodicTimer(interval, time);
        var isWell = true;
        try
        {
            do
            {
                isWell = await RoundAsync(cancellation);
            }
            while (await clock.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException)
        {
            Screen.WriteLine($"No more is sealed.");
        }

        return isWell ? CommandLine.Ok : CommandLine.Bad;
    }

    /// <summary>One round.</summary>
    /// <returns>Whether no log was refused.</returns>
    public async Task<bool> SealAsync(CancellationToken cancellation)
    {
        var isWell = true;
        await foreach (var outcome in sealer.SealAllAsync(cancellation))
        {
            isWell &= outcome.Result != SealResult.Refused;
            await TellAsync(outcome);
        }

        return isWell;
    }

    /// <summary>Holds every log against all its checkpoints.</summary>
    /// <returns>Whether all fit.</returns>
    public async Task<bool> RecheckAsync(CancellationToken cancellation)
    {
        var isWell = true;
        foreach (var tenant in await log.ReadTenantsAsync(cancellation))
        {
            var outcome = await sealer.RecheckAsync(tenant, cancellation);
            isWell &= outcome.Result != SealResult.Refused;
            await TellAsync(outcome);
        }

        return isWell;
    }

    // What is out of reach for a moment must not end the process: nothing is lost, the next round goes on.
    private async Task<bool> RoundAsync(CancellationToken cancellation)
    {
        try
        {
            return await SealAsync(cancellation);
        }
        catch (Exception error) when (error is LedgerUnavailableException or CheckpointsUnavailableException)
        {
            Screen.ErrorLine($"countersign: {error.Message} The next round tries again.");
            return false;
        }
    }

    private async Task TellAsync(SealOutcome outcome)
    {
        if (outcome is { Result: SealResult.Sealed, Newest: { } made })
        {
            told.Remove(outcome.Tenant);
            Screen.WriteLine($"sealed {outcome.Tenant} at {made.Size}, root {made.Root}");
            return;
        }

        var faults = string.Join('\n', outcome.Faults.Select(fault => $"  {fault.Code} at {fault.Size}: {VisibleText.Of(fault.Message)}"));
        if (faults.Length > 0 && told.GetValueOrDefault(outcome.Tenant) != faults)
        {
            told[outcome.Tenant] = faults;
            Screen.ErrorLine($"REFUSED {outcome.Tenant}: no checkpoint is signed for this log");
            Screen.ErrorLines(faults);
        }
    }

    private static FileSigner OpenKey(string path)
    {
        if (File.Exists(path))
        {
            return FileSigner.Open(path);
        }

        FileSigner made;
        try
        {
            made = FileSigner.Create(path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new OptionException("--key", path, $"cannot be written: {refused.Message}", refused);
        }

        Screen.WriteLine($"made a key: {path}, and its public part: {path}.pub");
        return made;
    }
}
