using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Countersign.Ledger;

/// <summary>The lines of an export, both ways.</summary>
internal static class ExportLine
{
    private static readonly string[] HeaderFields = ["format", "tenant", "from", "to", "previousHash", "head"];

    public static void Write(ExportHeader header, IBufferWriter<byte> output)
    {
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("format", ExportHeader.Format);
            writer.WriteString("tenant", header.Tenant);
            writer.WriteNumber("from", header.From);
            writer.WriteNumber("to", header.To);
            writer.WriteString("previousHash", header.PreviousHash.ToString());
            writer.WriteString("head", header.Head.ToString());
            writer.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    public static void Write(in StoredEntry entry, IBufferWriter<byte> output)
    {
        output.Write("{\"entry\":\""u8);
        WriteBase64(entry.Bytes.Span, output);
        if (!entry.Salt.IsEmpty)
        {
            output.Write("\",\"salt\":\""u8);
            WriteBase64(entry.Salt.Span, output);
        }

        if (!entry.Payload.IsEmpty)
        {
            output.Write("\",\"payload\":\""u8);
            WriteBase64(entry.Payload.Span, output);
        }

        output.Write("\"}\n"u8);
    }

    public static ExportHeader ReadHeader(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var root = document.RootElement;
            if (root.ValueKind is JsonValueKind.Object && root.EnumerateObject().FirstOrDefault(field => !HeaderFields.Contains(field.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
            {
                throw Header($"there is no field '{unknown.Name}' in a header");
            }

            if (root.ValueKind is JsonValueKind.Object && HeaderFields.FirstOrDefault(field => !root.TryGetProperty(field, out _)) is { } missing)
            {
                throw Header($"the field '{missing}' is missing");
            }

            if (root.GetProperty("format").GetString() != ExportHeader.Format)
            {
                throw Header("the form is not " + ExportHeader.Format);
            }

            var header = new ExportHeader(
                root.GetProperty("tenant").GetString() ?? throw Header("the tenant is null"),
                root.GetProperty("from").GetInt64(),
                root.GetProperty("to").GetInt64(),
                Hash256.Parse(root.GetProperty("previousHash").GetString()),
                Hash256.Parse(root.GetProperty("head").GetString()));
            return Checked(header);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Header(error.Message, error);
        }
    }

    public static StoredEntry Read(ReadOnlySpan<byte> line, long number)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            Require(reader.Read() && reader.TokenType == JsonTokenType.StartObject, number, "not an object");
            var fields = Fields.Read(ref reader, number);
            Require(!reader.Read(), number, "more than one value");
            return fields.Decode(number);
        }
        catch (JsonException error)
        {
            throw new LogExportException(LogExportErrorCodes.MalformedLine, number, error.Message, error);
        }
    }

    // A header whose parts contradict each other was changed after the export.
    private static ExportHeader Checked(ExportHeader header) =>
        header.From < 1 || header.To < header.From - 1 ? throw Header($"the range from {header.From} to {header.To} is impossible")
        : header.From == 1 && header.PreviousHash != Hash256.Zero ? throw Header($"previousHash is {header.PreviousHash}, and no entry comes before entry 1: it must be {Hash256.Zero}")
        : header.To < header.From && header.Head != header.PreviousHash ? throw Header($"head is {header.Head} where no entry follows: it must be previousHash, {header.PreviousHash}")
        : header;

    private static void WriteBase64(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        var room = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        Base64.EncodeToUtf8(bytes, room, out _, out var written);
        output.Advance(written);
    }

    private static void Require(bool condition, long number, string rule)
    {
        if (!condition)
        {
            throw new LogExportException(LogExportErrorCodes.MalformedLine, number, rule);
        }
    }

    private static LogExportException Header(string rule, Exception? cause = null) => new(LogExportErrorCodes.Header, 1, rule, cause);

    private ref struct Fields
    {
        private ReadOnlySpan<byte> _entry;
        private ReadOnlySpan<byte> _salt;
        private ReadOnlySpan<byte> _payload;

        public static Fields Read(ref Utf8JsonReader reader, long number)
        {
            var fields = default(Fields);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("entry"u8))
                {
                    Take(ref reader, ref fields._entry, number);
                }
                else if (reader.ValueTextEquals("salt"u8))
                {
                    Take(ref reader, ref fields._salt, number);
                }
                else
                {
                    Require(reader.ValueTextEquals("payload"u8), number, "an unknown field");
                    Take(ref reader, ref fields._payload, number);
                }
            }

            Require(!fields._entry.IsEmpty, number, "the field entry is missing");
            return fields;
        }

        // One array for all three: they live and die together.
        public readonly StoredEntry Decode(long number)
        {
            var bytes = new byte[Room(_entry) + Room(_salt) + Room(_payload)];
            var entry = Decode(_entry, bytes, number);
            var salt = Decode(_salt, bytes.AsMemory(entry.Length), number);
            var payload = Decode(_payload, bytes.AsMemory(entry.Length + salt.Length), number);
            return new StoredEntry(entry, salt, payload);
        }

        private static void Take(ref Utf8JsonReader reader, scoped ref ReadOnlySpan<byte> field, long number)
        {
            Require(field.IsEmpty, number, "a field comes twice");
            Require(reader.Read() && reader.TokenType == JsonTokenType.String, number, "a field is not a text");
            Require(!reader.ValueIsEscaped && !reader.ValueSpan.IsEmpty, number, "a field is not base64");
            field = reader.ValueSpan;
        }

        private static int Room(ReadOnlySpan<byte> field) => Base64.GetMaxDecodedFromUtf8Length(field.Length);

        private static ReadOnlyMemory<byte> Decode(ReadOnlySpan<byte> field, Memory<byte> room, long number)
        {
            var status = Base64.DecodeFromUtf8(field, room.Span, out _, out var written);
            Require(status == OperationStatus.Done, number, "a field is not base64");
            return room[..written];
        }
    }
}
