using System.CommandLine;
using Countersign.Access;
using Countersign.Ai;
using Countersign.Checkpoints;
using Countersign.Engine;
using Countersign.Engine.Sqlite;
using Countersign.Host.Commands;
using Countersign.Host.Terminal;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.People;
using Countersign.Secrets;
using Countersign.Workflows;

namespace Countersign.Host;

/// <summary>The command line: what can be said, and what the exit codes mean.</summary>
public static class CommandLine
{
    /// <summary>Everything went well.</summary>
    public const int Ok = 0;

    /// <summary>What was looked at is not as it should be: a definition with errors, a log that was tampered with, a run that failed.</summary>
    public const int Bad = 1;

    /// <summary>The command could not do its work: a missing file, a folder in use, a wrong argument.</summary>
    public const int CannotRun = 2;

    /// <summary>Ctrl+C or a termination signal came first.</summary>
    public const int Interrupted = 130;

    /// <summary>A log is not the one that was signed, or ends before it: <c>verify</c> with checkpoints.</summary>
    public const int Incomplete = 3;

    /// <summary>A checkpoint is not signed by a key that is trusted, or there is none: <c>verify</c> with checkpoints.</summary>
    public const int Unsigned = 4;

    // Longer than any command takes to stop in order: calls in flight have their grace, and what is being written is written to its end.
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(ServeCommand.LongestDrain + 30);

    /// <summary>Runs a command.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        Screen.Guard();
        try
        {
            var parsed = Root().Parse(args);
            var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeToStop });
            return parsed.Errors.Count > 0 ? CannotRun : code;
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        catch (Exception exception)
        {
            Explain(exception);
            return CannotRun;
        }
    }

    /// <summary>All that can be said.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand("Countersign: AI workflows that are durable, approved by people, and provable afterwards.");
        root.Subcommands.Add(DemoCommand.Make());
        root.Subcommands.Add(ServeCommand.Make());
        root.Subcommands.Add(RunCommand.Make());
        root.Subcommands.Add(ValidateCommand.Make());
        root.Subcommands.Add(UpgradeCommand.Make());
        root.Subcommands.Add(DiffCommand.Make());
        root.Subcommands.Add(VerifyCommand.Make());
        root.Subcommands.Add(ExportCommand.Make());
        root.Subcommands.Add(SealCommand.Make());
        root.Subcommands.Add(KeyCommand.Make());
        root.Subcommands.Add(SecretCommand.Make());
        root.Subcommands.Add(ProvidersCommand.Make());
        root.Subcommands.Add(ServicesCommand.Make());
        root.Subcommands.Add(BenchCommand.Make());
        return root;
    }

    private static string Fields(IEnumerable<FieldError> errors) => string.Join("; ", errors.Select(error => $"{error.Pointer}: {error.Message}"));

    /// <summary>Prints what went wrong on standard error.</summary>
    internal static void Explain(Exception exception)
    {
        IReadOnlyList<string> problems = exception switch
        {
            DefinitionException invalid => [.. invalid.Problems.Select(problem => problem.ToString())],
            ModelsMissingException missing => [.. missing.Problems.Select(problem => problem.ToString())],
            ProvidersInvalidException invalid =>
                [.. invalid.Problems.Select(problem => $"{invalid.File}({problem.Line},{problem.Column}): {(problem.Pointer.Length == 0 ? "/" : problem.Pointer)}: {problem.Message}")],
            _ => [],
        };
        Screen.ErrorLine($"countersign: {(problems.Count == 0 ? Sentence(exception) : exception.Message.Split('\n')[0])}");
        foreach (var problem in problems)
        {
            Screen.ErrorLine($"{problem}");
        }

        if (Environment.GetEnvironmentVariable("COUNTERSIGN_DEBUG") is { Length: > 0 })
        {
            Screen.ErrorLines(exception.ToString());
        }
    }

    // A stack trace does not help the person at the terminal. An exception that is not listed here is a bug, and the message says so.
    private static string Sentence(Exception exception) => exception switch
    {
        DataFolderInUseException or NewerJournalException or JournalKeyException or HostKeyException or OptionException => exception.Message,
        DataFolderUnusableException => $"--data: {exception.Message}",
        InputInvalidException input => input.Message,
        WaitRefusedException refused => $"{refused.Message} {Fields(refused.Errors)} The run waits on in the data folder.",
        LedgerUnavailableException or WorkflowNotFoundException or WorkflowVersionTakenException => exception.Message,
        LogExportException => exception.Message,
        CheckpointException or CheckpointsUnavailableException => exception.Message,
        ApiKeyInvalidException or SecretStoreException => exception.Message,
        IOException or UnauthorizedAccessException or System.Text.Json.JsonException => exception.Message,
        _ => $"An unexpected error, which is a defect of this program: {exception.GetType().Name}: {exception.Message} (set COUNTERSIGN_DEBUG=1 for the details)",
    };
}
