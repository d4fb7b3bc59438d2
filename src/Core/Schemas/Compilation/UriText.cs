using System.Text;

namespace Countersign.Schemas.Compilation;

/// <summary>Reference resolution of RFC 3986, section 5, on plain text: schema identifiers are compared as written, not normalised.</summary>
internal static class UriText
{
    public static bool IsAbsolute(string uri) => SchemeLength(uri) > 0;

    public static string WithoutFragment(string uri)
    {
        int hash = uri.IndexOf('#', StringComparison.Ordinal);
        return hash < 0 ? uri : uri[..hash];
    }

    /// <summary>The fragment with its percent-encoding undone; empty where there is none.</summary>
    public static string Fragment(string uri)
    {
        int hash = uri.IndexOf('#', StringComparison.Ordinal);
        return hash < 0 ? "" : Uri.UnescapeDataString(uri[(hash + 1)..]);
    }

    /// <summary>What a reference means relative to an absolute base.</summary>
    public static string Resolve(string baseUri, string reference)
    {
        if (IsAbsolute(reference))
        {
            return reference;
        }

        int scheme = SchemeLength(baseUri);
        string root = WithoutFragment(baseUri);
        if (reference.Length == 0 || reference[0] == '#')
        {
            return root + reference;
        }

        if (reference.StartsWith("//", StringComparison.Ordinal))
        {
            return string.Concat(root.AsSpan(0, scheme), reference);
        }

        int query = root.IndexOf('?', StringComparison.Ordinal);
        string hierarchy = query < 0 ? root : root[..query];
        if (reference[0] == '?')
        {
            return hierarchy + reference;
        }

        int path = scheme;
        if (string.CompareOrdinal(hierarchy, scheme, "//", 0, 2) == 0)
        {
            int slash = hierarchy.IndexOf('/', scheme + 2);
            path = slash < 0 ? hierarchy.Length : slash;
        }

        int end = reference.AsSpan().IndexOfAny('?', '#');
        string own = end < 0 ? reference : reference[..end];
        string merged = own[0] == '/' ? own : Merge(hierarchy[path..], own, hasAuthority: path > scheme);
        return string.Concat(hierarchy.AsSpan(0, path), RemoveDots(merged), end < 0 ? "" : reference[end..]);
    }

    private static string Merge(string basePath, string own, bool hasAuthority) =>
        basePath.Length == 0 && hasAuthority ? "/" + own : string.Concat(basePath.AsSpan(0, basePath.LastIndexOf('/') + 1), own);

    private static string RemoveDots(string path)
    {
        string[] segments = path.Split('/');
        var kept = new List<string>(segments.Length);
        for (int i = 0; i < segments.Length; i++)
        {
            bool last = i == segments.Length - 1;
            if (segments[i] == "..")
            {
                if (kept.Count > 1 || (kept.Count == 1 && kept[0].Length > 0))
                {
                    kept.RemoveAt(kept.Count - 1);
                }
            }

            if (segments[i] is not ("." or ".."))
            {
                kept.Add(segments[i]);
            }
            else if (last)
            {
                kept.Add("");
            }
        }

        var text = new StringBuilder(path.Length);
        return text.AppendJoin('/', kept).ToString();
    }

    /// <summary>The length of the scheme with its colon; 0 where the text starts with none.</summary>
    private static int SchemeLength(string uri)
    {
        int colon = uri.AsSpan().IndexOfAny(":/?#");
        if (colon < 1 || uri[colon] != ':' || !char.IsAsciiLetter(uri[0]))
        {
            return 0;
        }

        foreach (char c in uri.AsSpan(0, colon))
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '-' or '.'))
            {
                return 0;
            }
        }

        return colon + 1;
    }
}
