using System.Text;

namespace Countersign.Ledger;

/// <summary>Base64 and base64url (RFC 4648) within a text.</summary>
internal static class Base64Text
{
    private const int Shortest = 6;

    /// <summary>
    /// What base64 text holds of some bytes wherever they begin within something longer: three bytes make four characters, so there are three
    /// offsets. The characters that also carry a neighbour's bits are left out.
    /// </summary>
    public static IEnumerable<string> FormsWithin(byte[] bytes)
    {
        for (var offset = 0; offset < 3; offset++)
        {
            var text = Convert.ToBase64String([.. new byte[offset], .. bytes]);
            var first = offset == 0 ? 0 : offset + 1;
            var last = (offset + bytes.Length) * 4 / 3;
            var inner = text[first..last];
            yield return inner;
            yield return inner.Replace('+', '-').Replace('/', '_');
        }
    }

    /// <summary>The longest stretches that can be base64.</summary>
    public static IEnumerable<(int Start, int End)> RunsIn(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var start = at;
            while (at < text.Length && Is(text[at]))
            {
                at++;
            }

            if (at - start >= Shortest)
            {
                yield return (start, at);
            }
        }
    }

    /// <summary>The text of a stretch; null if it is not base64.</summary>
    public static string? Decode(ReadOnlySpan<char> run)
    {
        var length = run.Length % 4 == 1 ? run.Length - 1 : run.Length;
        var padded = new char[(length + 3) / 4 * 4];
        padded.AsSpan().Fill('=');
        for (var i = 0; i < length; i++)
        {
            padded[i] = run[i] switch { '-' => '+', '_' => '/', var c => c };
        }

        var bytes = new byte[padded.Length / 4 * 3];
        return Convert.TryFromBase64Chars(padded, bytes, out var written) ? Encoding.UTF8.GetString(bytes, 0, written) : null;
    }

    /// <summary>Whether a character is one of base64 or base64url.</summary>
    public static bool Is(char c) => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '-' or '_';
}
