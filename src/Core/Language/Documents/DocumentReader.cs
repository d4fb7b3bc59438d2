using System.Text;

namespace Countersign.Language;

/// <summary>Turns a text into nodes: JSON where it begins with <c>{</c> or <c>[</c>, else YAML.</summary>
internal static class DocumentReader
{
    /// <summary>Largest document: 256 KB.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Deepest nesting of lists and objects.</summary>
    public const int MaxDepth = 32;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads one document.</summary>
    /// <returns>Its root, or null where there is none to speak of; the reason is among the problems.</returns>
    public static Node? Read(ReadOnlySpan<byte> utf8, ProblemList problems)
    {
        if (utf8.Length > MaxBytes)
        {
            problems.ErrorAt(ProblemCodes.TooLarge, 1, 1, "", $"The document has {utf8.Length} bytes; at most {MaxBytes} are read.");
            return null;
        }

        if (utf8.StartsWith(Encoding.UTF8.Preamble))
        {
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        }

        string text;
        try
        {
            text = Strict.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            problems.ErrorAt(ProblemCodes.Encoding, 1, 1, "", "The document is not UTF-8.");
            return null;
        }

        if (IsJson(text))
        {
            return JsonNodes.Read(utf8, problems);
        }

        return HiddenCharacter.Refuse(text, problems) ? null : YamlNodes.Read(text, problems);
    }

    /// <summary>Whether a text holds half of a surrogate pair, which no UTF-8 can carry.</summary>
    public static bool HasLoneSurrogate(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsJson(string text)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().TrimStart(" \t\r\n");
        return trimmed.Length > 0 && trimmed[0] is '{' or '[';
    }
}
