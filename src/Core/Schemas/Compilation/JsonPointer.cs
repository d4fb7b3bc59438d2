using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Countersign.Schemas.Compilation;

/// <summary>JSON Pointers, RFC 6901.</summary>
internal static class JsonPointer
{
    private static readonly SearchValues<char> FragmentCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?");

    public static string Escape(string token) =>
        token.AsSpan().IndexOfAny('~', '/') < 0
            ? token
            : token.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    public static string Unescape(string token) =>
        token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    public static string Append(string pointer, string token) => $"{pointer}/{Escape(token)}";

    public static string Append(string pointer, int index) => string.Create(CultureInfo.InvariantCulture, $"{pointer}/{index}");

    /// <summary>The member or item a token names.</summary>
    public static bool TryStep(JsonElement from, string token, out JsonElement next)
    {
        next = default;
        if (from.ValueKind == JsonValueKind.Object)
        {
            return from.TryGetProperty(token, out next);
        }

        if (from.ValueKind != JsonValueKind.Array
            || (token.Length > 1 && token[0] == '0')
            || !int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            || index >= from.GetArrayLength())
        {
            return false;
        }

        next = from[index];
        return true;
    }

    /// <summary>A pointer as the fragment of a URI (RFC 6901, section 6).</summary>
    public static string ToFragment(string pointer)
    {
        if (pointer.AsSpan().IndexOfAnyExcept(FragmentCharacters) < 0)
        {
            return pointer;
        }

        var text = new StringBuilder(pointer.Length + 16);
        foreach (byte unit in Encoding.UTF8.GetBytes(pointer))
        {
            if (FragmentCharacters.Contains((char)unit))
            {
                text.Append((char)unit);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"%{unit:X2}");
            }
        }

        return text.ToString();
    }
}
