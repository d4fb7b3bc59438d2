using System.Collections.Immutable;

namespace Countersign.Access;

/// <summary>
/// The grammar of the names of tenants, and what makes two names equal; <see cref="UserId"/> has the form of user ids. Names are ASCII, so that
/// no two look alike in another alphabet, and are unique without regard to case and to the digits that look like letters.
/// </summary>
public static class Names
{
    /// <summary>What a tenant's name is, for messages.</summary>
    public const string TenantRule = "must be " + PlainRule + ", and not a reserved name";

    /// <summary>What a name of anything is that a tenant owns, for messages.</summary>
    public const string PlainRule = "1 to 64 of a-z, 0-9, '-', '_' and '.', the first a letter or digit";

    private const int Longest = 64;

    // What the log and the stores call the product itself.
    private static readonly ImmutableHashSet<string> ReservedTenants = ["host", "keys", "ready", "system"];
    private static readonly ImmutableHashSet<string> ReservedUsers = ["run", "system"];

    /// <summary>Whether a new tenant may have a name.</summary>
    public static bool IsTenant(string name) => IsPlain(name) && !ReservedTenants.Contains(name);

    /// <summary>Whether a user's id is what the log calls the product itself, in any case.</summary>
    public static bool IsReservedUser(string user) => ReservedUsers.Contains(user.ToLowerInvariant());

    /// <summary>What two names that people take for each other have in common.</summary>
    public static string Fold(string name) => string.Create(name.Length, name, static (folded, source) =>
    {
        for (var i = 0; i < source.Length; i++)
        {
            folded[i] = char.ToLowerInvariant(source[i]) switch { '0' => 'o', '1' => 'l', var c => c };
        }
    });

    /// <summary>Whether something that a tenant owns, such as a secret, may have a name.</summary>
    public static bool IsPlain(string name) =>
        name.Length is > 0 and <= Longest
        && (char.IsAsciiLetterLower(name[0]) || char.IsAsciiDigit(name[0]))
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.');
}
