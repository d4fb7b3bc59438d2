using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Countersign.Host.Terminal;

namespace Countersign.Host.Tests;

/// <summary>Data cannot become commands to the terminal, nor look like lines of the program.</summary>
public sealed class TerminalTests : IDisposable
{
    /// <summary>Moves the cursor up to another field's line and writes over it; then bidi overrides, line separators and what cannot be seen.</summary>
    private const string Hostile = "rent\e[1A\e[2K\r    amount: 10\n    amount: 10\u0085\u2028\u2029\u009b2J\u007f\u202e\u2066\u200b\ufeff\u3164\U000e0041";

    private const string Approval = """
        language: "1.0"
        name: pay
        version: 1.0.0
        start: approve
        steps:
          - { id: approve, type: approval, approvers: { role: approver }, show: "${ input }", expires: 1h, on_reject: stop }
          - { id: stop, type: fail, error: custom.stopped, title: "Stopped", detail: "${ input.note }" }
        output: "${ input }"
        """;

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void VisibleText_EveryCharacter_IsPrintableOrEscaped()
    {
        for (var value = 0; value <= 0x10FFFF; value++)
        {
            var text = value is >= 0xD800 and <= 0xDFFF ? ((char)value).ToString() : char.ConvertFromUtf32(value);
            var visible = VisibleText.Of("a" + text + "b");
            Assert.True(Obeyed(visible, keepLines: false) is null, $"U+{value:x4}");
        }
    }

    [Theory]
    [InlineData("plain text, ümläut, 漢字, €", "plain text, ümläut, 漢字, €")]
    [InlineData("\e[2J", @"\u001b[2J")]
    [InlineData("a\r\n\tb", @"a\r\n\tb")]
    [InlineData("\u009b\u0085\u2028\u2029\u007f", @"\u009b\u0085\u2028\u2029\u007f")]
    [InlineData("\u202d\u202e\u2066\u2069\u200b\u200d\ufeff", @"\u202d\u202e\u2066\u2069\u200b\u200d\ufeff")]
    [InlineData("\u180b\u180c\u180d\u180f\U00016fe4", @"\u180b\u180c\u180d\u180f\ud81b\udfe4")]
    [InlineData("😀", "😀")]
    public void VisibleText_Of_EscapesWhatTheTerminalObeysAndNothingElse(string text, string visible) => Assert.Equal(visible, VisibleText.Of(text));

    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void VisibleText_OfJson_KeepsTheValue()
    {
        var json = VisibleText.Of(JsonSerializer.Serialize(new { note = Hostile }, AsWritten));
        Assert.Equal(Hostile, JsonElement.Parse(json).GetProperty("note").GetString());
    }

    [Fact]
    public void TerminalLine_Holes_AreDataAndLiteralsAreNot() => Assert.Equal("a\n| \\u001b[2J\\n |  x\\n", Line($"a\n| {"\e[2J\n"} | {"x\n",4}"));

    [Fact]
    public void VisibleWriter_LetsLinesAndTabsPassAndNothingElse()
    {
        using var inner = new StringWriter();
        using (var writer = new VisibleWriter(inner))
        {
            writer.WriteLine("a\tb\r\nc\e[2J");
            writer.Write(Hostile.ToCharArray());
            foreach (var unit in "😀\e".AsSpan())
            {
                writer.Write(unit);
            }
        }

        Assert.StartsWith("a\tb\nc\\u001b[2J\n", inner.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("😀\\u001b", inner.ToString(), StringComparison.Ordinal);
        Assert.Null(Obeyed(inner.ToString().Replace("\t", "", StringComparison.Ordinal), keepLines: true));
    }

    [Fact]
    public void ShownFields_ValueOrName_CannotLookLikeAnotherField()
    {
        var padding = new string(' ', 200);
        var shown = JsonSerializer.SerializeToElement(new Dictionary<string, object>
        {
            ["amount"] = 99_999,
            ["note"] = $"x{padding}amount: 10{padding}",
            ["amount: 10\n    y"] = "z",
        });
        var lines = ShownFields.Lines(shown, 60).ToList();
        Assert.Equal("    amount: 99999", lines[0]);
        Assert.Single(lines, line => line.StartsWith("    amount:", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 59));
        Assert.All(lines, line => Assert.True(line.StartsWith("    | ", StringComparison.Ordinal) || !line.AsSpan(4).StartsWith(" ")));
        Assert.Equal("    \"amount: 10\\n    y\": \"z\"", lines[^1]);
    }

    [Theory]
    [InlineData("--approve", 0)]
    [InlineData("--reject", 1)]
    public async Task Run_HostileData_ReachesNoOutputRaw(string answer, int code)
    {
        var outcome = await Countersign.RunAsync(
            "run", folder.Write("pay.yaml", Approval), "--data", folder["data"], "--input", JsonSerializer.Serialize(new { amount = 99_999, note = Hostile }), answer);
        Assert.Equal(code, outcome.Code);
        Assert.Null(Obeyed(outcome.All, keepLines: true));
        Assert.DoesNotContain(outcome.All.Split('\n'), line => line.StartsWith("    amount: 10", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Commands_HostileArgumentsAndFiles_ReachNoOutputRaw()
    {
        var yaml = folder.Write("x.yaml", "language: \"1.0\"\nname: x\n\"\\e[2J\\u202E\": 1\n");
        foreach (var arguments in new string[][]
        {
            ["validate", yaml], ["validate", folder["\e[2J.yaml"]], ["run", yaml, "--data", folder["data"]], ["upgrade", yaml], ["\e[2J"], ["serve", "--url", "\e[2J"],
            ["serve", "--allow", "\e[2J\u202e", "--data", folder["data"]], ["export", "--data", folder["\e[2J"]], ["verify", folder["\e[2J"]],
            ["demo", "--sample", "\e[2J"], ["bench", "--runs", "\e[2J"], ["key", "--role", "\e[2J", "--data", folder["data"]],
        })
        {
            var outcome = await Countersign.RunAsync(arguments);
            Assert.NotEqual(0, outcome.Code);
            Assert.True(Obeyed(outcome.All, keepLines: true) is null, $"{string.Join(' ', arguments)}: {Obeyed(outcome.All, keepLines: true)}");
        }
    }

    [TerminalFact]
    public async Task Approval_AtATerminal_ShowsTheAmountThatIsApproved()
    {
        var screen = await AtTerminalAsync(
            ["run", folder.Write("pay.yaml", Approval), "--data", folder["data"], "--input", folder.Write("in.json", JsonSerializer.Serialize(new { amount = 99_999, note = Hostile }))],
            "y\n");
        Assert.Contains("    amount: 99999\n", screen, StringComparison.Ordinal);
        Assert.Contains("Approve? [y/n]", screen, StringComparison.Ordinal);
        Assert.Null(Obeyed(screen, keepLines: true));
    }

    [TerminalFact]
    public async Task Form_AtATerminal_AsksAgainForTheFieldThatIsWrong()
    {
        var file = folder.Write("form.yaml", """
            language: "1.0"
            name: form
            version: 1.0.0
            start: ask
            steps:
              - id: ask
                type: form
                fields:
                  - { key: name, type: string, required: true }
                  - { key: mail, type: email, required: true }
                  - { key: count, type: integer, min: 1, max: 9 }
            output: "${ steps.ask.output }"
            """);
        var screen = await AtTerminalAsync(["run", file, "--data", folder["data"]], "\nAda\nnobody\nada@example.com\n12\n4\n");
        Assert.Contains("'name' is required.", screen, StringComparison.Ordinal);
        Assert.Contains("'nobody' cannot be taken:", screen, StringComparison.Ordinal);
        Assert.Contains("'12' cannot be taken:", screen, StringComparison.Ordinal);
        var output = JsonElement.Parse(screen.Split("Completed: ")[1].Trim());
        Assert.Equal(("Ada", "ada@example.com", 4), (output.GetProperty("name").GetString(), output.GetProperty("mail").GetString(), output.GetProperty("count").GetInt32()));
    }

    /// <summary>The first character that a terminal would obey or hide; null where there is none.</summary>
    private static string? Obeyed(string text, bool keepLines)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (!VisibleText.IsVisible(rune) && !(keepLines && rune.Value is '\n'))
            {
                return $"U+{rune.Value:x4} in '{text}'";
            }
        }

        return text.Any(c => c is < ' ' and not '\n' or (>= '\u007f' and < '\u00a0') or '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u200b' or '\ufeff')
            ? "a known one"
            : null;
    }

    private static string Line(TerminalLine line) => line.ToString();

    // 'script' gives the program a terminal; what the terminal itself adds is a carriage return before each line feed.
    private static async Task<string> AtTerminalAsync(string[] arguments, string typed)
    {
        var command = string.Join(' ', new[] { "dotnet", Path.Combine(AppContext.BaseDirectory, "countersign.dll") }.Concat(arguments).Select(part => $"'{part}'"));
        var start = new ProcessStartInfo("script", ["-qec", "stty -echo; " + command, "/dev/null"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["TERM"] = "dumb";
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var screen = new StringBuilder();
        var buffer = new char[4096];
        var answers = new Queue<string>(typed.Split('\n')[..^1]);
        var asked = 0;
        int read;
        while ((read = await process.StandardOutput.ReadAsync(buffer, limit.Token)) > 0)
        {
            screen.Append(buffer, 0, read);
            var text = screen.ToString();
            if (answers.Count > 0 && text.Length > asked && Regex.IsMatch(text[asked..], @"(\n    [a-z]+( \([a-z]+\))?: |Approve\? \[y/n\] )\z"))
            {
                asked = text.Length;
                await process.StandardInput.WriteAsync(answers.Dequeue() + "\n");
                await process.StandardInput.FlushAsync(limit.Token);
            }
        }

        await process.WaitForExitAsync(limit.Token);
        return screen.ToString().Replace("\r\n", "\n", StringComparison.Ordinal);
    }
}

/// <summary>A fact that needs a terminal from <c>script</c>; skipped where there is none.</summary>
public sealed class TerminalFactAttribute : FactAttribute
{
    /// <summary>Looks for it.</summary>
    public TerminalFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/script"))
        {
            Skip = "There is no 'script' of util-linux on this machine.";
        }
    }
}
