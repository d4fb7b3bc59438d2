using System.Security.Cryptography;
using System.Text;

namespace Countersign.Expressions;

/// <summary>Functions that write a value in the form that another interface takes.</summary>
internal static class EncodingFunctions
{
    /// <summary>One percent-encoded path segment or query value (RFC 3986: all but unreserved characters).</summary>
    internal static CelValue UrlEncode(ref Evaluation e, in CelValue a)
    {
        if (a.Kind is not (CelKind.String or CelKind.Int or CelKind.Uint or CelKind.Double or CelKind.Bool))
        {
            return Overloads.None(ref e, "urlEncode()", a);
        }

        var text = a.ToText();
        e.Allocate(18L * text.Length);
        e.Scan(text.Length);
        return CelValue.WrapString(Uri.EscapeDataString(text));
    }

    /// <summary>Base64 of bytes, or of the UTF-8 bytes of a text.</summary>
    internal static CelValue Base64(ref Evaluation e, in CelValue a) =>
        BytesOf(ref e, a) is { } bytes ? CelValue.WrapString(Convert.ToBase64String(bytes)) : Overloads.None(ref e, "base64()", a);

    /// <summary>SHA-256 of bytes, or of the UTF-8 bytes of a text, in lower-case hexadecimal.</summary>
    internal static CelValue Sha256(ref Evaluation e, in CelValue a) =>
        BytesOf(ref e, a) is { } bytes ? CelValue.WrapString(Convert.ToHexStringLower(SHA256.HashData(bytes))) : Overloads.None(ref e, "sha256()", a);

    private static byte[]? BytesOf(ref Evaluation e, in CelValue a)
    {
        var length = a.Kind switch
        {
            CelKind.String => 3L * a.RawString.Length,
            CelKind.Bytes => a.RawBytes.Length,
            _ => 0L,
        };
        e.Allocate(4 * length);
        e.Scan(length);
        return a.Kind switch
        {
            CelKind.String => Encoding.UTF8.GetBytes(a.RawString),
            CelKind.Bytes => a.RawBytes,
            _ => null,
        };
    }
}
