using System.CommandLine;
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
            if (Directory.Exists(file.FullName))
            {
                throw new IOException($"'{file}' is a folder; name the definitions in it.");
            }

            var result = DefinitionReader.Read(await File.ReadAllBytesAsync(file.FullName, cancellation));
            foreach (var problem in result.Problems)
            {
                Console.WriteLine($"{file}{problem}");
            }

            if (result.Definition is { } definition)
            {
                Console.WriteLine($"{file}: {definition.Name} {definition.Version} is valid ({definition.Hash[..12]})");
            }
            else
            {
                code = CommandLine.Bad;
            }
        }

        return code;
    }
}
