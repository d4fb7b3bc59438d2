using System.Globalization;
using System.Text;
using System.Text.Json;
using Countersign.Schemas;

namespace Countersign.Bench;

/// <summary>Validation of an ordinary 2 KB document: the plain answer, the list of errors, and compiling the schema.</summary>
public static class SchemasBench
{
    private const string Schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "required": ["id", "vendor", "issued", "currency", "lines", "total"],
          "properties": {
            "id": { "type": "string", "pattern": "^INV-[0-9]{6}$" },
            "vendor": { "$ref": "#/$defs/party" },
            "buyer": { "$ref": "#/$defs/party" },
            "issued": { "type": "string", "minLength": 10, "maxLength": 10 },
            "currency": { "enum": ["EUR", "USD", "GBP", "JPY", "CHF"] },
            "lines": { "type": "array", "minItems": 1, "maxItems": 500, "items": { "$ref": "#/$defs/line" } },
            "tags": { "type": "array", "items": { "type": "string", "maxLength": 40 }, "uniqueItems": true },
            "notes": { "type": ["string", "null"], "maxLength": 2000 },
            "total": { "type": "number", "minimum": 0, "multipleOf": 0.01 }
          },
          "additionalProperties": false,
          "$defs": {
            "party": {
              "type": "object",
              "required": ["name", "country"],
              "properties": {
                "name": { "type": "string", "minLength": 1, "maxLength": 200 },
                "country": { "type": "string", "minLength": 2, "maxLength": 2 },
                "street": { "type": "string" },
                "city": { "type": "string" },
                "vat": { "type": "string", "maxLength": 20 }
              },
              "additionalProperties": false
            },
            "line": {
              "type": "object",
              "required": ["sku", "quantity", "price"],
              "properties": {
                "sku": { "type": "string", "minLength": 3, "maxLength": 32 },
                "text": { "type": "string", "maxLength": 300 },
                "quantity": { "type": "integer", "minimum": 1 },
                "price": { "type": "number", "minimum": 0, "multipleOf": 0.01 },
                "taxed": { "type": "boolean" }
              },
              "additionalProperties": false
            }
          }
        }
        """;

    /// <summary>Prints one line per kind of work: operations per second of processor time, so that other work on the machine does not count, and bytes allocated for each.</summary>
    public static void Run()
    {
        JsonElement source = JsonElement.Parse(Schema);
        JsonSchema schema = JsonSchema.Compile(source);
        byte[] bytes = Document();
        using JsonDocument document = JsonDocument.Parse(bytes);
        JsonElement good = document.RootElement;
        using JsonDocument broken = JsonDocument.Parse(Encoding.UTF8.GetString(bytes).Replace("\"quantity\":3", "\"quantity\":\"3\"", StringComparison.Ordinal));
        JsonElement bad = broken.RootElement;
        if (!schema.IsValid(good) || schema.IsValid(bad))
        {
            throw new InvalidOperationException("The documents of the benchmark are not what they should be.");
        }

        Console.WriteLine($"document: {bytes.Length} bytes");
        Measure("IsValid, valid", 40_000, () => schema.IsValid(good));
        Measure("Validate, valid", 40_000, () => schema.Validate(good));
        Measure("Validate, 1 error", 40_000, () => schema.Validate(bad));
        Measure("parse and IsValid", 40_000, () =>
        {
            using JsonDocument parsed = JsonDocument.Parse(bytes);
            schema.IsValid(parsed.RootElement);
        });
        Measure("Compile", 200, () => JsonSchema.Compile(source));
    }

    private static void Measure(string name, int rounds, Action work)
    {
        double best = double.MaxValue;
        long allocated = 0;
        for (int pass = 0; pass < 8; pass++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            TimeSpan start = Environment.CpuUsage.TotalTime;
            for (int i = 0; i < rounds; i++)
            {
                work();
            }

            best = Math.Min(best, (Environment.CpuUsage.TotalTime - start).TotalMicroseconds / rounds);
            allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / rounds;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-20} {1_000_000 / best,12:N0} /s {best,8:F2} µs {allocated,8} bytes"));
    }

    private static byte[] Document()
    {
        var text = new StringBuilder();
        text.Append("""{"id":"INV-004711","vendor":{"name":"Example Steel GmbH","country":"DE","street":"Industriestraße 12","city":"Köln","vat":"DE123456789"},""");
        text.Append("""  "buyer":{"name":"Countersign Test Ltd","country":"GB","city":"Leeds"},"issued":"2026-01-31","currency":"EUR","lines":[""");
        for (int i = 0; i < 14; i++)
        {
            text.Append(i == 0 ? "" : ",");
            text.Append(CultureInfo.InvariantCulture, $$"""{"sku":"ST-{{i:0000}}-A","text":"Flat bar, hot rolled, 40 x 5 mm, length 6 m","quantity":{{i + 1}},"price":{{i + 1}}9.95,"taxed":true}""");
        }

        text.Append("""],"tags":["steel","q1","priority","project-77"],"notes":"Deliver to gate 3. Call the foreman on arrival.","total":1289.30}""");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
