using System.CommandLine;
using System.Text;
using Countersign.Host.Terminal;
using Countersign.Language;

namespace Countersign.Host.Commands;

/// <summary><c>countersign upgrade</c>: an older document in the language of today, and what was changed.</summary>
internal static class UpgradeCommand
{
    public static Command Make()
    {
        var file = new Argument<FileInfo>("file") { Description = "The older definition." };
        var to = new Option<string?>("--to") { Description = "The language version to upgrade to; left out, the newest." };
        var output = new Option<FileInfo?>("--output", "-o") { Description = "Where to write the result; left out, to the terminal." };
        var command = new Command("upgrade", "Migrates a definition of an older language version.") { file, to, output };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(file)!, parsed.GetValue(to), parsed.GetValue(output), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo file, string? to, FileInfo? output, CancellationToken cancellation)
    {
        SemanticVersion? version = null;
        if (to is not null && !SemanticVersion.TryParseLanguage(to, out version))
        {
            throw new OptionException("--to", to, "is not a language version such as 1.0.");
        }

        var result = LanguageUpgrade.Upgrade(await Files.ReadTextAsync("file", file.ToString(), cancellation), version);
        foreach (var problem in result.Problems)
        {
            Screen.ErrorLine($"{file}{problem}");
        }

        foreach (var change in result.Changes)
        {
            Screen.ErrorLine($"  {change}");
        }

        if (result.Yaml is not { } yaml)
        {
            return CommandLine.Bad;
        }

        if (output is null)
        {
            Screen.WriteDocument(yaml);
        }
        else
        {
            await using var target = Files.Create("--output", output.ToString());
            await target.WriteAsync(Encoding.UTF8.GetBytes(yaml), cancellation);
        }

        return CommandLine.Ok;
    }
}
