using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Azure.Ledger;

/// <summary>
/// Partition and row keys. What a key may not carry (controls, <c>/ \ # ?</c>) and what clients are known to mangle (<c>%</c>) is
/// written as the nearest smaller character that a key may carry, followed by a digit, so that the order of keys stays ordinal
/// and a prefix stays a prefix.
/// </summary>
internal static class TableKeys
{
    /// <summary>The row that holds the end of the tenant's log.</summary>
    public const string Head = "head";

    /// <summary>What rows of the ledger start with.</summary>
    public const string RowPrefix = "r|";

    // A key has at most 1 KiB, which is 512 characters; the tables add nothing to it but the prefix.
    private const int MaxKey = 440;
    private const int MaxPart = 120;

    /// <summary>A tenant's partition.</summary>
    public static string Partition(string tenant) => Escape(tenant);

    /// <summary>A row of the ledger. Beyond 440 characters, keys that start alike sort by a hash of the rest.</summary>
    public static string Row(string key) => RowPrefix + Shorten(Escape(key), key);

    /// <summary>What the rows start with whose keys start with a prefix; long prefixes are cut, and more rows start with that.</summary>
    public static string RowsOf(string prefix)
    {
        var escaped = Escape(prefix);
        return RowPrefix + (escaped.Length > MaxKey ? escaped[..MaxKey] : escaped);
    }

    /// <summary>Whether a row's own key cannot be read back from its row key.</summary>
    public static bool IsShortened(string key) => Escape(key).Length > MaxKey;

    /// <summary>The key of a row whose key was not shortened.</summary>
    public static string KeyOf(string rowKey) => Unescape(rowKey.AsSpan(RowPrefix.Length));

    /// <summary>A log entry.</summary>
    public static string Entry(long sequence) => string.Create(CultureInfo.InvariantCulture, $"e|{sequence:D20}");

    /// <summary>What recognises an event, and the index of a run's entries.</summary>
    public static string Event(string run, string eventId) => $"{EventsOf(run)}{Hash(eventId)}";

    /// <summary>What the events of a run start with.</summary>
    public static string EventsOf(string run) => $"k|{Part(run)}|";

    /// <summary>The newest record of a call.</summary>
    public static string Call(string run, string key) => $"{CallsOf(run)}{Hash(key)}";

    /// <summary>What the call records of a run start with.</summary>
    public static string CallsOf(string run) => $"x|{Part(run)}|";

    /// <summary>The first key after all keys with a prefix.</summary>
    public static string After(string prefix) => prefix[..^1] + (char)(prefix[^1] + 1);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Part(string text)
    {
        var escaped = Escape(text).Replace("{", "{0", StringComparison.Ordinal).Replace("|", "{1", StringComparison.Ordinal);
        return escaped.Length <= MaxPart ? escaped : "~h" + Hash(text);
    }

    private static string Shorten(string escaped, string key) => escaped.Length <= MaxKey ? escaped : $"{escaped[..MaxKey]}~h{Hash(key)}";

    private static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Plain))
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            _ = c switch
            {
                <= ' ' => escaped.Append(CultureInfo.InvariantCulture, $" {(int)c:x2}"),
                '"' => escaped.Append("\"0"),
                '#' => escaped.Append("\"1"),
                '$' => escaped.Append("$0"),
                '%' => escaped.Append("$1"),
                '.' => escaped.Append(".0"),
                '/' => escaped.Append(".1"),
                '>' => escaped.Append(">0"),
                '?' => escaped.Append(">1"),
                '[' => escaped.Append("[0"),
                '\\' => escaped.Append("[1"),
                >= '~' and <= '\u009f' => escaped.Append(CultureInfo.InvariantCulture, $"~{(int)c:x2}"),
                _ => escaped.Append(c),
            };
        }

        return escaped.ToString();
    }

    private static string Unescape(ReadOnlySpan<char> key)
    {
        var text = new StringBuilder(key.Length);
        for (var i = 0; i < key.Length; i++)
        {
            switch (key[i])
            {
                case ' ' or '~':
                    text.Append((char)int.Parse(key.Slice(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                    i += 2;
                    break;
                case '"' or '$' or '.' or '>' or '[':
                    text.Append((char)(key[i] + key[i + 1] - '0'));
                    i++;
                    break;
                default:
                    text.Append(key[i]);
                    break;
            }
        }

        return text.ToString();
    }

    private static readonly System.Buffers.SearchValues<char> Plain =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-:|");
}
