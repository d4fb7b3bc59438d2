using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Countersign.Language;

/// <summary>A version after semver.org 2.0.0: <c>major.minor.patch</c>, optionally <c>-prerelease</c>. Build metadata is refused, because two texts must not name one version.</summary>
/// <param name="Major">Raised by a change that breaks users; 0 to 999,999,999.</param>
/// <param name="Minor">Raised by an addition.</param>
/// <param name="Patch">Raised by a repair.</param>
/// <param name="Prerelease">Dot-separated identifiers after the hyphen, without it; null for a release.</param>
public sealed record SemanticVersion(int Major, int Minor, int Patch, string? Prerelease = null) : IComparable<SemanticVersion>
{
    /// <summary>Reads <c>1.2.3</c> or <c>1.2.3-rc.1</c>.</summary>
    /// <param name="text">The text; at most 128 characters.</param>
    /// <param name="version">The version, or null where the text is none.</param>
    /// <returns>Whether the text is a version.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SemanticVersion? version)
    {
        version = null;
        if (text is null || text.Length is 0 or > 128)
        {
            return false;
        }

        int hyphen = text.IndexOf('-', StringComparison.Ordinal);
        string core = hyphen < 0 ? text : text[..hyphen];
        string? prerelease = hyphen < 0 ? null : text[(hyphen + 1)..];
        string[] parts = core.Split('.');
        if (parts.Length != 3
            || !TryNumber(parts[0], out int major)
            || !TryNumber(parts[1], out int minor)
            || !TryNumber(parts[2], out int patch)
            || (prerelease is not null && !prerelease.Split('.').All(IsIdentifier)))
        {
            return false;
        }

        version = new SemanticVersion(major, minor, patch, prerelease);
        return true;
    }

    /// <summary>Reads a version that is known to be well formed.</summary>
    /// <exception cref="FormatException">The text is no version.</exception>
    public static SemanticVersion Parse(string text)
        => TryParse(text, out SemanticVersion? version) ? version : throw new FormatException($"'{text}' is not a version such as 1.2.0.");

    /// <summary>Reads the version of the language, which is written <c>major.minor</c>: its patches do not change what a document means.</summary>
    public static bool TryParseLanguage(string? text, [NotNullWhen(true)] out SemanticVersion? version)
    {
        version = null;
        string[] parts = text?.Split('.') ?? [];
        if (parts.Length != 2 || !TryNumber(parts[0], out int major) || !TryNumber(parts[1], out int minor))
        {
            return false;
        }

        version = new SemanticVersion(major, minor, 0);
        return true;
    }

    /// <summary>The form in which a document names its language: <c>major.minor</c>.</summary>
    public string ToLanguageString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    /// <inheritdoc/>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}") + (Prerelease is null ? "" : "-" + Prerelease);

    /// <summary>Precedence after semver.org 2.0.0 §11: a pre-release comes before its release.</summary>
    public int CompareTo(SemanticVersion? other)
    {
        if (other is null)
        {
            return 1;
        }

        int order = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        return order != 0 ? order : ComparePrerelease(Prerelease, other.Prerelease);
    }

    /// <summary>Whether the left version comes before the right one.</summary>
    public static bool operator <(SemanticVersion left, SemanticVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left version comes after the right one.</summary>
    public static bool operator >(SemanticVersion left, SemanticVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left version is the right one or comes before it.</summary>
    public static bool operator <=(SemanticVersion left, SemanticVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left version is the right one or comes after it.</summary>
    public static bool operator >=(SemanticVersion left, SemanticVersion right) => left.CompareTo(right) >= 0;

    private static int ComparePrerelease(string? left, string? right)
    {
        if (left is null || right is null)
        {
            return (left is null).CompareTo(right is null);
        }

        string[] a = left.Split('.');
        string[] b = right.Split('.');
        for (int i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            int order = CompareIdentifier(a[i], b[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return a.Length.CompareTo(b.Length);
    }

    private static int CompareIdentifier(string left, string right)
    {
        bool leftNumeric = left.All(char.IsAsciiDigit);
        bool rightNumeric = right.All(char.IsAsciiDigit);
        return (leftNumeric, rightNumeric) switch
        {
            (true, true) => left.Length != right.Length ? left.Length.CompareTo(right.Length) : string.CompareOrdinal(left, right),
            (true, false) => -1,
            (false, true) => 1,
            _ => string.CompareOrdinal(left, right),
        };
    }

    private static bool TryNumber(string text, out int number)
    {
        number = 0;
        return text.Length is > 0 and <= 9
            && (text.Length == 1 || text[0] != '0')
            && text.All(char.IsAsciiDigit)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static bool IsIdentifier(string text)
        => text.Length > 0
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            && (text.Length == 1 || text[0] != '0' || !text.All(char.IsAsciiDigit));
}
