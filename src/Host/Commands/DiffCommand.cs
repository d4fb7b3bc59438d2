using System.CommandLine;
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
        var first = DefinitionReader.ReadValid(await File.ReadAllBytesAsync(before.FullName, cancellation));
        var second = DefinitionReader.ReadValid(await File.ReadAllBytesAsync(after.FullName, cancellation));
        var differences = DefinitionDiff.Between(first, second);
        Console.WriteLine(differences.Length == 0 ? "The two mean the same." : string.Join(Environment.NewLine, differences.Select(change => change.Words)));
        return differences.Length == 0 ? CommandLine.Ok : CommandLine.Bad;
    }
}
