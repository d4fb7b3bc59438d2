using System.Text;

namespace Countersign.Checkpoints;

/// <summary>Names a tenant's log in its checkpoints: the first line of the text, and the name of the key in the signature.</summary>
public static class CheckpointOrigin
{
    /// <summary>What origins begin with where nothing else is set.</summary>
    public const string DefaultName = "countersign";

    /// <summary>The origin of a tenant's log: <c>name/tenant</c>, the tenant percent-encoded (RFC 3986, unreserved characters kept).</summary>
    /// <param name="name">The installation, best a host and path without scheme, such as <c>log.example.com/prod</c>.</param>
    /// <param name="tenant">The tenant.</param>
    /// <exception cref="ArgumentException">The name is empty, or carries a space, a plus or a control character.</exception>
    public static string For(string name, string tenant)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        if (!IsName(name))
        {
            throw new ArgumentException("The name of checkpoints is not empty and carries no space, plus or control character.", nameof(name));
        }

        return $"{name}/{Uri.EscapeDataString(tenant)}";
    }

    /// <summary>Whether a text may name a key (C2SP signed-note): not empty, no Unicode space, no plus, no control character.</summary>
    public static bool IsName(ReadOnlySpan<char> name)
    {
        foreach (var rune in name.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || rune.Value is '+' or < ' ')
            {
                return false;
            }
        }

        return !name.IsEmpty;
    }
}
