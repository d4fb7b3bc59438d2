using System.CommandLine;

namespace Countersign.Host.Tests;

/// <summary>Every option and argument of every command with values that it cannot take: the message names it, the value and the rule.</summary>
public sealed class OptionTests : IDisposable
{
    private const string Good = """
        language: "1.0"
        name: x
        version: 1.0.0
        start: a
        steps: [{ id: a, type: set, values: { n: 1 } }]
        """;

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("serve --data DATA --allow", "nonsense", "--allow")]
    [InlineData("serve --data DATA --allow", "host:99999", "--allow")]
    [InlineData("serve --data DATA --allow", "a b:1", "--allow")]
    [InlineData("serve --data DATA --url", "nonsense", "--url")]
    [InlineData("serve --data DATA --url", "https://127.0.0.1:0", "--url")]
    [InlineData("serve --data DATA --url", "http://127.0.0.1:99999", "--url")]
    [InlineData("serve --data DATA --url", "http://127.0.0.1:0/path", "--url")]
    [InlineData("serve --data DATA --url", "http://me:you@127.0.0.1:0", "--url")]
    [InlineData("serve --data DATA --url", "http://192.0.2.1:8080", "--url")]
    [InlineData("serve --data DATA --url", "http://example.com:8080", "--url")]
    [InlineData("serve --data", "/proc/x", "--data")]
    [InlineData("serve --data", "FILE", "--data")]
    [InlineData("serve --data", "", "--data")]
    [InlineData("serve --data DATA --max-runs-per-tenant", "abc", "--max-runs-per-tenant")]
    [InlineData("serve --data DATA --max-runs-per-tenant", "-1", "--max-runs-per-tenant")]
    [InlineData("serve --data DATA --max-runs-per-tenant", "99999999999999999999", "--max-runs-per-tenant")]
    [InlineData("serve --data DATA --providers", "none.yaml", "--providers")]
    [InlineData("serve --data DATA --providers", "FOLDER", "--providers")]
    [InlineData("serve --data DATA --seal-key", "k", "--seal-key")]
    [InlineData("serve --data DATA --seal-out", "k", "--seal-out")]
    [InlineData("run", "none.yaml", "file")]
    [InlineData("run", "FOLDER", "file")]
    [InlineData("run FILE --data DATA --input", "none.json", "--input")]
    [InlineData("run FILE --data DATA --input", "{\"a\":", "--input")]
    [InlineData("run FILE --data DATA --input", "{\"a\":1,\"a\":2}", "--input")]
    [InlineData("run FILE --data DATA --input", "FOLDER", "--input")]
    [InlineData("run FILE --data DATA --profile", "none.json", "--profile")]
    [InlineData("run FILE --data DATA --form", "none.json", "--form")]
    [InlineData("run FILE --data DATA --also", "none.yaml", "--also")]
    [InlineData("run FILE --data DATA --tenant", "", "--tenant")]
    [InlineData("validate", "none.yaml", "files")]
    [InlineData("diff FILE", "none.yaml", "after")]
    [InlineData("upgrade", "none.yaml", "file")]
    [InlineData("upgrade FILE --to", "nonsense", "--to")]
    [InlineData("upgrade FILE --output", "/none/x", "--output")]
    [InlineData("export --data", "none", "--data")]
    [InlineData("export --data", "FOLDER", "--data")]
    [InlineData("verify", "none.jsonl", "file")]
    [InlineData("verify FILE --checkpoints FOLDER --public-key", "none.pem", "--public-key")]
    [InlineData("verify FILE --checkpoints FOLDER --public-key", "FILE", "--public-key")]
    [InlineData("seal --key FILE --out FOLDER --data", "none", "--data")]
    [InlineData("seal --key FILE --out FOLDER --every", "0", "--every")]
    [InlineData("seal --key FILE --out FOLDER --former-key", "none.pem", "--former-key")]
    [InlineData("key --tenant", "", "--tenant")]
    [InlineData("secret list --data", "none", "--data")]
    [InlineData("providers", "none.yaml", "file")]
    [InlineData("bench --runs", "0", "--runs")]
    [InlineData("bench --at-once", "x", "--at-once")]
    [InlineData("bench --in", "none", "--in")]
    [InlineData("bench", "none.yaml", "file")]
    [InlineData("bench --input", "none.json", "--input")]
    [InlineData("services --url", "nonsense", "--url")]
    [InlineData("services --url", "https://127.0.0.1:0", "--url")]
    [InlineData("demo --data", "FILE", "--data")]
    public async Task Value_ThatCannotBeTaken_IsNamedWithItsOption(string command, string value, string option)
    {
        var file = folder.Write("x.yaml", Good);
        string Place(string part) => part
            .Replace("DATA", folder["data"], StringComparison.Ordinal)
            .Replace("FILE", file, StringComparison.Ordinal)
            .Replace("FOLDER", folder.Path, StringComparison.Ordinal);
        var outcome = await Countersign.RunAsync([.. command.Split(' ').Select(Place), Place(value)]);
        Assert.Equal(2, outcome.Code);
        Assert.Contains($"{option}: ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains($"'{Place(value)}'", outcome.Error.Replace("\\\"", "\"", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotMatch(@"Exception|LineNumber|BytePosition|Parameter '|UseKestrel|\bSystem\.", outcome.Error);
    }

    [Fact]
    public void Commands_All_DescribeThemselvesAndEachOption()
    {
        Assert.All(Commands(CommandLine.Root()), command =>
        {
            Assert.Matches(@"^[A-Z].*\.$", command.Description!.ReplaceLineEndings(" "));
            Assert.All(command.Options.Select(option => option.Description).Concat(command.Arguments.Select(argument => argument.Description)), text => Assert.Matches(@"^\p{Lu}.*\.$|^Show", text!));
        });
    }

    private static IEnumerable<Command> Commands(Command command) => command.Subcommands.SelectMany(Commands).Prepend(command);
}
