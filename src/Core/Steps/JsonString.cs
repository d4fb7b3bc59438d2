using System.Text.Json;

namespace Countersign.Steps;

/// <summary>Texts as JSON values.</summary>
internal static class JsonString
{
    /// <summary>The text as a JSON string; a lone surrogate, which JSON cannot hold, becomes U+FFFD.</summary>
    public static JsonElement Of(string text) => JsonElement.Parse(System.Text.Encoding.UTF8.GetBytes('"' + JsonEncodedText.Encode(text).ToString() + '"'));
}
