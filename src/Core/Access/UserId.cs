namespace Countersign.Access;

/// <summary>The form of the ids of users and agents.</summary>
public static class UserId
{
    /// <summary>The longest id, in characters: 64.</summary>
    public const int Longest = 64;

    /// <summary>The form, in words.</summary>
    public const string Rule = "A user id has 1 to 64 characters: letters, digits, '_', '-', '.' and ':'";

    /// <summary>The form, as the rule of a field.</summary>
    public const string FieldRule = "must be 1 to 64 letters, digits and _ - . :";

    /// <summary>Whether a text has the form of a user id.</summary>
    public static bool IsValid(string text) =>
        text.Length is > 0 and <= Longest && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':');
}
