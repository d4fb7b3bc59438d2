using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Countersign.Language;

/// <summary>Which versions of a workflow a step accepts: exactly one (<c>1.2.0</c>), or the newest release of a line (<c>1.x</c>, <c>1.2.x</c>).</summary>
public sealed record VersionRange
{
    private VersionRange(SemanticVersion? exact, int major, int? minor)
    {
        Exact = exact;
        Major = major;
        Minor = minor;
    }

    /// <summary>The one version that is accepted, or null for a line of versions.</summary>
    public SemanticVersion? Exact { get; }

    /// <summary>The major version of the line.</summary>
    public int Major { get; }

    /// <summary>The minor version of the line, or null where every minor is accepted.</summary>
    public int? Minor { get; }

    /// <summary>Reads <c>1.2.0</c>, <c>1.2.x</c> or <c>1.x</c>.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out VersionRange? range)
    {
        range = null;
        if (SemanticVersion.TryParse(text, out SemanticVersion? exact))
        {
            range = new VersionRange(exact, exact.Major, exact.Minor);
        }
        else if (text is not null && text.EndsWith(".x", StringComparison.Ordinal))
        {
            string[] parts = text[..^2].Split('.');
            string padded = parts.Length switch { 1 => $"{parts[0]}.0.0", 2 => $"{parts[0]}.{parts[1]}.0", _ => "" };
            if (SemanticVersion.TryParse(padded, out SemanticVersion? line) && line.Prerelease is null)
            {
                range = new VersionRange(null, line.Major, parts.Length == 2 ? line.Minor : null);
            }
        }

        return range is not null;
    }

    /// <summary>Whether a version lies in the range. A line never contains a pre-release: those are named exactly or not at all.</summary>
    public bool Contains(SemanticVersion version)
        => Exact is not null
            ? Exact.Equals(version)
            : version.Major == Major && (Minor is null || version.Minor == Minor) && version.Prerelease is null;

    /// <inheritdoc/>
    public override string ToString()
        => Exact is not null ? Exact.ToString()
            : Minor is null ? string.Create(CultureInfo.InvariantCulture, $"{Major}.x")
            : string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.x");
}
