using System.CommandLine;
using Countersign.Host.Terminal;
using Countersign.Language;

namespace Countersign.Host.Commands;

/// <summary><c>countersign diff</c>: what changed between two definitions, in plain words.</summary>
internal static class DiffCommand
{
    public static Command Make()
    {
        var before = new Argument<FileInfo>("before") { Description = "The older definition." };
        var after = new Argument<FileInfo>("after") { Description = "The newer definition." };
        var command = new Command("diff", "Says in plain words what changed between two definitions.") { before, after };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(before)!, parsed.GetValue(after)!, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo before, FileInfo after, CancellationToken cancellation)
    {
        var first = DefinitionReader.ReadValid(await Files.ReadAsync("before", before, cancellation));
        var second = DefinitionReader.ReadValid(await Files.ReadAsync("after", after, cancellation));
        var differences = DefinitionDiff.Between(first, second);
        if (differences.Length == 0)
        {
            Screen.WriteLine($"The two definitions mean the same.");
        }

        foreach (var change in differences)
        {
            Screen.WriteLine($"{change.Words}");
        }

        return differences.Length == 0 ? CommandLine.Ok : CommandLine.Bad;
    }
}
