#pragma warning disable RS0030 // The one place that prints and reads.

namespace Countersign.Host.Terminal;

/// <summary>
/// Standard output, standard error and standard input of the program. Everything that is printed goes through here: text is a
/// <see cref="TerminalLine"/>, whose values cannot redraw the screen. Safe for concurrent use.
/// </summary>
internal static class Screen
{
    private static readonly TextWriter RawOutput = Console.Out;
    private static readonly TextWriter RawError = Console.Error;

    /// <summary>Whether a person reads standard output at a terminal.</summary>
    public static bool IsTerminal => !Console.IsOutputRedirected;

    /// <summary>Whether a person reads standard error at a terminal.</summary>
    public static bool ErrorIsTerminal => !Console.IsErrorRedirected;

    /// <summary>Whether a person can be asked: standard input is a terminal.</summary>
    public static bool CanAsk => !Console.IsInputRedirected;

    /// <summary>The width of the terminal in columns; 100 where there is none.</summary>
    public static int Width
    {
        get
        {
            try
            {
                return IsTerminal && Console.WindowWidth > 0 ? Console.WindowWidth : 100;
            }
            catch (IOException)
            {
                return 100;
            }
        }
    }

    /// <summary>Puts a <see cref="VisibleWriter"/> before both outputs, for what other code prints.</summary>
    public static void Guard()
    {
        Console.SetOut(new VisibleWriter(RawOutput));
        Console.SetError(new VisibleWriter(RawError));
    }

    /// <summary>Prints a line.</summary>
    public static void WriteLine(TerminalLine line) => RawOutput.WriteLine(line.ToString());

    /// <summary>Prints an empty line.</summary>
    public static void WriteLine() => RawOutput.WriteLine();

    /// <summary>Prints the beginning of a line, such as a question.</summary>
    public static void Write(TerminalLine line) => RawOutput.Write(line.ToString());

    /// <summary>Prints a line on standard error.</summary>
    public static void ErrorLine(TerminalLine line) => RawError.WriteLine(line.ToString());

    /// <summary>Prints text of several lines on standard error, such as a message with one line for each problem.</summary>
    public static void ErrorLines(string text) => RawError.WriteLine(VisibleText.OfLines(text));

    /// <summary>Writes over the last line of standard error, at a terminal.</summary>
    public static void Rewrite(TerminalLine line) => RawError.Write($"\r{line}\e[K");

    /// <summary>Writes a document that the command makes: as it is into a file or a pipe, made visible at a terminal.</summary>
    public static void WriteDocument(string text) => RawOutput.Write(IsTerminal ? VisibleText.OfLines(text) : text);

    /// <summary>Standard output for bytes of printable ASCII, such as an export.</summary>
    public static Stream OpenOutput() => Console.OpenStandardOutput();

    /// <summary>Standard input to its end.</summary>
    public static Task<string> ReadToEndAsync() => Console.In.ReadToEndAsync();

    /// <summary>Reads a line from the terminal.</summary>
    /// <exception cref="OperationCanceledException">The terminal was closed.</exception>
    public static string ReadLine() => Console.ReadLine() ?? throw new OperationCanceledException("The terminal was closed.");
}
