using System.Text.Json;
using Countersign.Ledger;

namespace Countersign.Steps;

/// <summary>Makes payloads of executors' entries.</summary>
internal static class EntryPayload
{
    /// <summary>The payload as an executor hands it over.</summary>
    public static JsonElement ToElement(this LogPayload payload) => JsonElement.Parse(payload.ToBytes().Span);

    /// <summary>The hash that stands in an entry for a text which does not belong there: SHA-256 of its UTF-8 bytes, in hexadecimal.</summary>
    public static string HashOf(string text) => Hash256.Of(System.Text.Encoding.UTF8.GetBytes(text)).ToString();
}
