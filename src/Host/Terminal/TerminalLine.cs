using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Countersign.Host.Terminal;

/// <summary>
/// Text for the terminal, written as an interpolated string: the literal parts are the program's and stay as they are, every value in a hole
/// is data and is made visible by <see cref="VisibleText"/>. There is no other way to make one, so that no value can be printed raw.
/// </summary>
[InterpolatedStringHandler]
internal readonly struct TerminalLine(int literalLength, int formattedCount)
{
    private readonly StringBuilder text = new(literalLength + (formattedCount * 8));

    /// <summary>Appends a part of the program's own text.</summary>
    public void AppendLiteral(string literal) => text.Append(literal);

    /// <summary>Appends a value.</summary>
    public void AppendFormatted<T>(T value, string? format = null) => text.Append(VisibleText.Of(Format(value, format)));

    /// <summary>Appends a value, padded to a width.</summary>
    public void AppendFormatted<T>(T value, int alignment, string? format = null)
    {
        var visible = VisibleText.Of(Format(value, format));
        text.Append(alignment < 0 ? visible.PadRight(-alignment) : visible.PadLeft(alignment));
    }

    /// <summary>Appends a line or a part of one, whose values are visible already.</summary>
    public void AppendFormatted(TerminalLine line) => text.Append(line.text);

    /// <summary>The text as it is printed.</summary>
    public override string ToString() => text.ToString();

    private static string Format<T>(T value, string? format) =>
        value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : value?.ToString() ?? "";
}
