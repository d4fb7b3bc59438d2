namespace Countersign.Host.Commands;

/// <summary>An option or an argument of a command cannot be used. The message names it, the value and the rule.</summary>
/// <param name="option">Its name, such as <c>--data</c>, or <c>file</c>.</param>
/// <param name="rule">What is wrong, as the end of a sentence that begins with the value.</param>
/// <param name="value">The value.</param>
/// <param name="cause">What the operating system or a reader said.</param>
internal sealed class OptionException(string option, string? value, string rule, Exception? cause = null)
    : Exception($"{option}: {(value is null ? "" : $"'{value}' ")}{rule}", cause);
