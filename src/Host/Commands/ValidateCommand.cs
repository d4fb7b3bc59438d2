using System.CommandLine;
using Countersign.Host.Terminal;
using Countersign.Language;

namespace Countersign.Host.Commands;

/// <summary><c>countersign validate</c>: every problem of a definition, at once.</summary>
internal static class ValidateCommand
{
    public static Command Make()
    {
        var files = new Argument<FileInfo[]>("files") { Description = "Definitions, YAML or JSON.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("validate", "Shows every problem of definitions.") { files };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(files)!, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo[] files, CancellationToken cancellation)
    {
        var code = CommandLine.Ok;
        foreach (var file in files)
        {
            DefinitionResult result;
            try
            {
                result = DefinitionReader.Read(await Files.ReadAsync("files", file, cancellation));
            }
            catch (OptionException unreadable)
            {
                CommandLine.Explain(unreadable);
                code = CommandLine.CannotRun;
                continue;
            }

            foreach (var problem in result.Problems)
            {
                Screen.WriteLine($"{file}{problem}");
            }

            if (result.Definition is { } definition)
            {
                Screen.WriteLine($"{file}: {definition.Name} {definition.Version} is valid ({definition.Hash[..12]})");
            }
            else
            {
                code = Math.Max(code, CommandLine.Bad);
            }
        }

        return code;
    }
}
