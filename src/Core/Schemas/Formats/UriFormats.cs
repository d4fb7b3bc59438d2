using System.Buffers;
using Countersign.Schemas.Values;

namespace Countersign.Schemas.Formats;

/// <summary><c>uri</c> and <c>uri-reference</c> (RFC 3986), <c>iri</c> and <c>iri-reference</c> (RFC 3987).</summary>
internal static class UriFormats
{
    private const string Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    private const string SubDelimiters = "!$&'()*+,;=";

    private static readonly SearchValues<byte> SchemeCharacters = Bytes("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.");
    private static readonly SearchValues<byte> PathCharacters = Bytes(Unreserved + SubDelimiters + ":@/");
    private static readonly SearchValues<byte> QueryCharacters = Bytes(Unreserved + SubDelimiters + ":@/?");
    private static readonly SearchValues<byte> UserCharacters = Bytes(Unreserved + SubDelimiters + ":");
    private static readonly SearchValues<byte> NameCharacters = Bytes(Unreserved + SubDelimiters);
    private static readonly SearchValues<byte> Digits = Bytes("0123456789");

    public static bool IsUri(ReadOnlySpan<byte> text) => TakeScheme(ref text) && IsRest(text, relative: false, international: false);

    public static bool IsIri(ReadOnlySpan<byte> text) => TakeScheme(ref text) && IsRest(text, relative: false, international: true);

    public static bool IsUriReference(ReadOnlySpan<byte> text) => IsReference(text, international: false);

    public static bool IsIriReference(ReadOnlySpan<byte> text) => IsReference(text, international: true);

    private static bool IsReference(ReadOnlySpan<byte> text, bool international)
    {
        ReadOnlySpan<byte> rest = text;
        return TakeScheme(ref rest)
            ? IsRest(rest, relative: false, international)
            : IsRest(text, relative: true, international);
    }

    private static SearchValues<byte> Bytes(string characters) => SearchValues.Create(System.Text.Encoding.ASCII.GetBytes(characters));

    private static bool TakeScheme(ref ReadOnlySpan<byte> text)
    {
        int colon = text.IndexOf((byte)':');
        if (colon < 1 || !char.IsAsciiLetter((char)text[0]) || text[..colon].ContainsAnyExcept(SchemeCharacters))
        {
            return false;
        }

        text = text[(colon + 1)..];
        return true;
    }

    private static bool IsRest(ReadOnlySpan<byte> text, bool relative, bool international)
    {
        int fragment = text.IndexOf((byte)'#');
        if (fragment >= 0)
        {
            if (!Consists(text[(fragment + 1)..], QueryCharacters, international, isQuery: false))
            {
                return false;
            }

            text = text[..fragment];
        }

        int query = text.IndexOf((byte)'?');
        if (query >= 0)
        {
            if (!Consists(text[(query + 1)..], QueryCharacters, international, isQuery: true))
            {
                return false;
            }

            text = text[..query];
        }

        return IsHierarchy(text, relative, international);
    }

    private static bool IsHierarchy(ReadOnlySpan<byte> text, bool relative, bool international)
    {
        if (text.StartsWith("//"u8))
        {
            text = text[2..];
            int path = text.IndexOf((byte)'/');
            ReadOnlySpan<byte> authority = path < 0 ? text : text[..path];
            return IsAuthority(authority, international) && Consists(text[authority.Length..], PathCharacters, international, isQuery: false);
        }

        int slash = text.IndexOf((byte)'/');
        ReadOnlySpan<byte> first = slash < 0 ? text : text[..slash];
        return !(relative && first.Contains((byte)':')) && Consists(text, PathCharacters, international, isQuery: false);
    }

    private static bool IsAuthority(ReadOnlySpan<byte> text, bool international)
    {
        int at = text.LastIndexOf((byte)'@');
        if (at >= 0)
        {
            if (!Consists(text[..at], UserCharacters, international, isQuery: false))
            {
                return false;
            }

            text = text[(at + 1)..];
        }

        if (!text.IsEmpty && text[0] == '[')
        {
            int end = text.IndexOf((byte)']');
            return end > 0 && IsLiteral(text[1..end]) && IsPort(text[(end + 1)..]);
        }

        int colon = text.IndexOf((byte)':');
        ReadOnlySpan<byte> name = colon < 0 ? text : text[..colon];
        return Consists(name, NameCharacters, international, isQuery: false) && IsPort(text[name.Length..]);
    }

    private static bool IsPort(ReadOnlySpan<byte> text) =>
        text.IsEmpty || (text[0] == ':' && !text[1..].ContainsAnyExcept(Digits));

    private static bool IsLiteral(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || (text[0] | 0x20) != 'v')
        {
            return AddressFormats.IsIPv6(text);
        }

        int dot = text.IndexOf((byte)'.');
        if (dot < 2 || dot + 1 == text.Length || text[(dot + 1)..].ContainsAnyExcept(UserCharacters))
        {
            return false;
        }

        foreach (byte digit in text[1..dot])
        {
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Consists(ReadOnlySpan<byte> text, SearchValues<byte> allowed, bool international, bool isQuery)
    {
        while (true)
        {
            int at = text.IndexOfAnyExcept(allowed);
            if (at < 0)
            {
                return true;
            }

            text = text[at..];
            int length = text[0] == '%' ? Percent(text) : International(text, international, isQuery);
            if (length == 0)
            {
                return false;
            }

            text = text[length..];
        }
    }

    /// <summary>The length of the percent-encoded byte at the start; 0 when it is none.</summary>
    internal static int Percent(ReadOnlySpan<byte> text) =>
        text.Length > 2 && text[0] == '%' && char.IsAsciiHexDigit((char)text[1]) && char.IsAsciiHexDigit((char)text[2]) ? 3 : 0;

    /// <summary>The length of the ucschar (and, in a query, iprivate) of RFC 3987 at the start; 0 when it is none.</summary>
    internal static int International(ReadOnlySpan<byte> text, bool allowed, bool isQuery)
    {
        int point = JsonText.ReadCodePoint(text, out int length);
        return allowed && (IsUcsCharacter(point) || (isQuery && IsPrivate(point))) ? length : 0;
    }

    private static bool IsUcsCharacter(int point) => point switch
    {
        < 0xA0 => false,
        <= 0xD7FF => true,
        >= 0xF900 and <= 0xFDCF or >= 0xFDF0 and <= 0xFFEF => true,
        >= 0x10000 and <= 0xEFFFD => (point & 0xFFFF) <= 0xFFFD && point is not (>= 0xE0000 and < 0xE1000),
        _ => false,
    };

    private static bool IsPrivate(int point) =>
        point is >= 0xE000 and <= 0xF8FF or >= 0xF0000 and <= 0xFFFFD or >= 0x100000 and <= 0x10FFFD;
}
