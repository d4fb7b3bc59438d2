using System.Buffers;

namespace Countersign.Schemas.Formats;

/// <summary><c>email</c> (RFC 5321, section 4.1.2, Mailbox) and <c>idn-email</c> (RFC 6531, section 3.3).</summary>
internal static class EmailFormat
{
    private const int LongestLocalPart = 64;

    private static readonly SearchValues<byte> AtomCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~"u8);

    public static bool IsEmail(ReadOnlySpan<byte> text) => IsMailbox(text, international: false);

    public static bool IsInternationalEmail(ReadOnlySpan<byte> text) => IsMailbox(text, international: true);

    private static bool IsMailbox(ReadOnlySpan<byte> text, bool international)
    {
        // A quoted local part may hold an @; a domain may not.
        int at = text.LastIndexOf((byte)'@');
        if (at is < 1 or > LongestLocalPart)
        {
            return false;
        }

        ReadOnlySpan<byte> local = text[..at];
        ReadOnlySpan<byte> domain = text[(at + 1)..];
        bool localIsGood = local[0] == '"' ? IsQuoted(local, international) : IsDotted(local, international);
        return localIsGood && (domain.StartsWith("["u8) ? IsLiteral(domain) : HostFormats.IsMailDomain(domain, international));
    }

    private static bool IsDotted(ReadOnlySpan<byte> text, bool international)
    {
        bool atomStarted = false;
        foreach (byte unit in text)
        {
            if (unit == '.' ? !atomStarted : !(AtomCharacters.Contains(unit) || (international && unit >= 0x80)))
            {
                return false;
            }

            atomStarted = unit != '.';
        }

        return atomStarted;
    }

    private static bool IsQuoted(ReadOnlySpan<byte> text, bool international)
    {
        if (text.Length < 2 || text[^1] != '"')
        {
            return false;
        }

        ReadOnlySpan<byte> inner = text[1..^1];
        for (int i = 0; i < inner.Length; i++)
        {
            bool escaped = inner[i] == '\\';
            i += escaped ? 1 : 0;
            if (i == inner.Length || (inner[i] >= 0x80 ? !international : inner[i] is < 0x20 or 0x7F || (inner[i] == '"' && !escaped)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsLiteral(ReadOnlySpan<byte> domain)
    {
        if (domain[^1] != ']')
        {
            return false;
        }

        ReadOnlySpan<byte> address = domain[1..^1];
        return address.StartsWith("IPv6:"u8) ? AddressFormats.IsIPv6(address[5..]) : AddressFormats.IsIPv4(address);
    }
}
