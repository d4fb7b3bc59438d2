using System.Buffers;
using System.Text.Json;
using Countersign.Canonical;

namespace Countersign.Ledger;

/// <summary>Tells a payload in which nothing looks like a secret, without building it anew. When in doubt, it says no.</summary>
internal static class CleanPayload
{
    private const int OnStack = 256;

    /// <summary>Whether redacting would give back the same bytes, known values aside.</summary>
    /// <param name="canonical">Canonical JSON.</param>
    public static bool Is(ReadOnlySpan<byte> canonical)
    {
        var findings = new List<Finding>();
        var reader = new Utf8JsonReader(canonical, new JsonReaderOptions { MaxDepth = CanonicalJson.MaxDepth });
        while (reader.Read())
        {
            var isClean = reader.TokenType switch
            {
                JsonTokenType.PropertyName => IsClean(ref reader, findings, isName: true),
                JsonTokenType.String or JsonTokenType.Number => IsClean(ref reader, findings, isName: false),
                _ => true,
            };
            if (!isClean)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsClean(scoped ref Utf8JsonReader reader, List<Finding> findings, bool isName)
    {
        char[]? rented = null;
        var text = reader.ValueSpan.Length <= OnStack ? stackalloc char[OnStack] : rented = ArrayPool<char>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            return IsClean(text[..Copy(ref reader, text)], findings, isName);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<char>.Shared.Return(rented);
            }
        }
    }

    private static int Copy(scoped ref Utf8JsonReader reader, scoped Span<char> text) => reader.TokenType is JsonTokenType.Number
        ? System.Text.Encoding.ASCII.GetChars(reader.ValueSpan, text)
        : reader.CopyString(text);

    // A name that makes its value a secret is enough, and so is one that may be half of a pair of name and value.
    private static bool IsClean(ReadOnlySpan<char> text, List<Finding> findings, bool isName)
    {
        if (isName && (text is Redactor.NamePart || SensitiveFields.Contains(text)))
        {
            return false;
        }

        TextScan.Find(text, findings);
        return findings.Count == 0;
    }
}
