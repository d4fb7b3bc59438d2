using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Countersign.Language;

/// <summary>Writes definitions in their normal form: fields in the order of the reference, defaults left out.</summary>
public static class DefinitionWriter
{
    /// <summary>As YAML. Reading it again gives a definition with the same hash.</summary>
    public static string ToYaml(Definition definition)
    {
        using JsonDocument document = JsonDocument.Parse(Bytes(definition.Parts, indented: false));
        return YamlText.Write(document.RootElement);
    }

    /// <summary>As JSON, indented by two blanks. Reading it again gives a definition with the same hash.</summary>
    public static string ToJson(Definition definition) => Encoding.UTF8.GetString(Bytes(definition.Parts, indented: true).Span);

    internal static ReadOnlyMemory<byte> Bytes(DefinitionParts parts, bool indented)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            DefinitionShape.Shape.WriteMembers(writer, parts);
            writer.WriteEndObject();
        }

        string json = Encoding.UTF8.GetString(buffer.WrittenSpan);
        return HiddenCharacter.IndexIn(json, 0) < 0 ? buffer.WrittenMemory : Encoding.UTF8.GetBytes(HiddenCharacter.EscapeIn(json));
    }
}
