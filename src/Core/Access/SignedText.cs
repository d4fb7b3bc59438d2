using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Access;

/// <summary>
/// Tokens that say something and prove by an HMAC-SHA-256 (RFC 2104) that we said it: <c>base64url(text).base64url(signature)</c>. The same text has the
/// same token. What the text is for must stand in it, or a token of one purpose is good for another.
/// </summary>
/// <param name="key">The signing key, at least 32 bytes.</param>
public sealed class SignedText(byte[] key)
{
    private const int LongestToken = 2048;

    private readonly byte[] key = key.Length >= 32 ? key : throw new ArgumentException("The key must have at least 32 bytes.", nameof(key));

    /// <summary>The token of a text.</summary>
    public string Seal(string text) => $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text))}.{Base64Url.EncodeToString(Sign(text))}";

    /// <summary>The text of a token; null where the token is not one of ours.</summary>
    public string? Open(string token)
    {
        var dot = token.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0 || token.Length > LongestToken)
        {
            return null;
        }

        try
        {
            var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.AsSpan(0, dot)));
            var signature = Base64Url.DecodeFromChars(token.AsSpan(dot + 1));

            // One form only: padding, blanks and line breaks would decode as well, and make two tokens of one.
            return CryptographicOperations.FixedTimeEquals(signature, Sign(text)) && token == Seal(text) ? text : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private byte[] Sign(string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
