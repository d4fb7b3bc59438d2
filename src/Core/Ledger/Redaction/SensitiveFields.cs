using System.Collections.Frozen;

namespace Countersign.Ledger;

/// <summary>Field names whose values are secret whatever they look like. Case, dashes and underscores do not matter.</summary>
internal static class SensitiveFields
{
    private const int LongestName = 64;

    private static readonly FrozenSet<string> Names = new[]
    {
        "authorization", "proxyauthorization", "wwwauthenticate", "cookie", "cookies", "setcookie", "apikey", "xapikey", "apisecret",
        "accesskey", "accesskeyid", "secretaccesskey", "accountkey", "sharedaccesskey", "sharedaccesssignature", "subscriptionkey",
        "ocpapimsubscriptionkey", "xfunctionskey", "secret", "secretkey", "clientsecret", "appsecret", "webhooksecret", "signingsecret",
        "signingkey", "encryptionkey", "privatekey", "masterkey", "password", "passwd", "pwd", "passphrase", "passcode", "token",
        "accesstoken", "refreshtoken", "idtoken", "authtoken", "xauthtoken", "sessiontoken", "securitytoken", "xamzsecuritytoken",
        "bearertoken", "resumetoken", "sastoken", "csrftoken", "xcsrftoken", "connectionstring", "credential", "credentials",
        "cardnumber", "cvv", "cvc", "ssn", "socialsecuritynumber",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Lookup =
        Names.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly string[] Endings = ["password", "secret", "apikey", "accesstoken", "refreshtoken", "privatekey", "connectionstring"];

    /// <summary>Whether a value under this name is secret.</summary>
    public static bool Contains(ReadOnlySpan<char> name)
    {
        if (name.Length > LongestName)
        {
            return false;
        }

        Span<char> folded = stackalloc char[LongestName];
        var length = 0;
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                folded[length++] = char.ToLowerInvariant(c);
            }
        }

        folded = folded[..length];
        if (Lookup.Contains(folded))
        {
            return true;
        }

        foreach (var ending in Endings)
        {
            if (folded.EndsWith(ending))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the value reaches to the end of its line in running text, as headers' values do.</summary>
    public static bool TakesWholeLine(ReadOnlySpan<char> name) =>
        name.EndsWith("authorization", StringComparison.OrdinalIgnoreCase) || name.EndsWith("cookie", StringComparison.OrdinalIgnoreCase);
}
