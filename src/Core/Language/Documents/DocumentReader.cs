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
        if (IsTooLarge(utf8.Length, problems))
        {
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

        bool isJson = IsJson(text);
        if (!problems.IsStored && HiddenCharacter.Refuse(text, isJson, problems))
        {
            return null;
        }

        return isJson ? JsonNodes.Read(utf8, problems) : YamlNodes.Read(text, problems);
    }

    /// <summary>Reads JSON that a program wrote. No person reviews its text, so it may hold every character.</summary>
    /// <returns>Its root, or null where there is none to speak of; the reason is among the problems.</returns>
    public static Node? ReadWritten(string json, ProblemList problems)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(json);
        return IsTooLarge(utf8.Length, problems) ? null : JsonNodes.Read(utf8, problems);
    }

    private static bool IsTooLarge(int bytes, ProblemList problems)
    {
        if (bytes > MaxBytes)
        {
            problems.ErrorAt(ProblemCodes.TooLarge, 1, 1, "", $"The document has {bytes} bytes; at most {MaxBytes} are read.");
        }

        return bytes > MaxBytes;
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
