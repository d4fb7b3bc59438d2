using System.Buffers;
using System.Text;

namespace Countersign.Ledger;

/// <summary>Keys and tokens that can be known by how they begin.</summary>
internal static class KeyShape
{
    private const string TokenCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
    private const int FewestBearer = 8;
    private const int ClearlyBearer = 20;

    private static readonly SearchValues<char> Token = SearchValues.Create(TokenCharacters);
    private static readonly SearchValues<char> Credentials = SearchValues.Create(TokenCharacters + "~+/=");

    // What a key begins with, and how many characters must at least follow.
    private static readonly (string Prefix, int Fewest)[] Prefixes =
    [
        ("sk-", 16), ("sk_live_", 10), ("sk_test_", 10), ("rk_live_", 10), ("rk_test_", 10), ("whsec_", 16), ("AKIA", 16), ("ASIA", 16),
        ("ghp_", 20), ("gho_", 20), ("ghu_", 20), ("ghs_", 20), ("ghr_", 20), ("github_pat_", 20), ("glpat-", 16), ("xoxb-", 10),
        ("xoxp-", 10), ("xoxa-", 10), ("xoxs-", 10), ("xoxe-", 10), ("xapp-", 10), ("AIza", 30), ("ya29.", 16), ("npm_", 30), ("hf_", 20),
        ("SG.", 30), ("lin_api_", 16), ("dop_v1_", 30), ("pypi-", 30), ("shpat_", 20), ("AGE-SECRET-KEY-", 20),
    ];

    /// <returns>Where to go on; <paramref name="at"/> when no key begins here.</returns>
    public static int Find(ReadOnlySpan<char> text, int at, List<Finding> findings)
    {
        var rest = text[at..];
        switch (rest[0])
        {
            case 'e' when rest.StartsWith("eyJ", StringComparison.Ordinal):
                return Jwt(rest, at, findings);
            case 'b' or 'B':
                return Scheme(rest, at, findings);
        }

        foreach (var (prefix, fewest) in Prefixes)
        {
            if (rest[0] == prefix[0] && rest.StartsWith(prefix, StringComparison.Ordinal))
            {
                var length = Length(rest, Token);
                if (length - prefix.Length >= fewest)
                {
                    findings.Add(new Finding(at, at + length, "key"));
                    return at + length;
                }
            }
        }

        return at;
    }

    // Three parts in base64url, the last of which may be empty for a token without signature.
    private static int Jwt(ReadOnlySpan<char> rest, int at, List<Finding> findings)
    {
        var length = Length(rest, Token);
        var parts = rest[..length].Count('.');
        if (parts < 2 || length < 20)
        {
            return at + length;
        }

        findings.Add(new Finding(at, at + length, "jwt"));
        return at + length;
    }

    private static int Scheme(ReadOnlySpan<char> rest, int at, List<Finding> findings)
    {
        var isBearer = rest.StartsWith("bearer ", StringComparison.OrdinalIgnoreCase);
        if (!isBearer && !rest.StartsWith("basic ", StringComparison.OrdinalIgnoreCase))
        {
            return at;
        }

        var start = isBearer ? 7 : 6;
        while (start < rest.Length && rest[start] == ' ')
        {
            start++;
        }

        var length = Length(rest[start..], Credentials);
        var value = rest.Slice(start, length);
        var isSecret = isBearer
            ? length >= ClearlyBearer || (length >= FewestBearer && value.ContainsAnyInRange('0', '9'))
            : IsUserAndPassword(value);
        if (!isSecret)
        {
            return at;
        }

        findings.Add(new Finding(at + start, at + start + length, isBearer ? "bearer" : "basic"));
        return at + start + length;
    }

    // "basic authentication" is prose; base64 of something with a colon is not.
    private static bool IsUserAndPassword(ReadOnlySpan<char> value)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(value.Length);
        var isBase64 = Convert.TryFromBase64Chars(value, buffer, out var written);
        var result = isBase64 && Encoding.Latin1.GetString(buffer, 0, written).Contains(':', StringComparison.Ordinal);
        ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        return result;
    }

    private static int Length(ReadOnlySpan<char> text, SearchValues<char> of)
    {
        var length = text.IndexOfAnyExcept(of);
        return length < 0 ? text.Length : length;
    }
}
