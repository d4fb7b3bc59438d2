using System.Buffers;
using System.Text;
using System.Text.Json;
using Countersign.Canonical;
using Countersign.Ledger;

namespace Countersign.Bench;

/// <summary>Canonical JSON: sorted and shuffled records, numbers, hashing, and redaction.</summary>
public static class CanonicalBench
{
    public static void Run()
    {
        var sorted = Records(sorted: true, 2000);
        var shuffled = Records(sorted: false, 2000);
        var small = Encoding.UTF8.GetBytes("""{"attempt":1,"cost":0.00213,"model":"m-1","step":"order/charge","tokens":{"in":812,"out":164}}""");
        var output = new ArrayBufferWriter<byte>(4 * 1024 * 1024);
        Canonicalize("sorted records", sorted, 5, output);
        Canonicalize("shuffled records", shuffled, 5, output);
        Canonicalize("a small payload", small, 50_000, output);
        var numbers = Encoding.UTF8.GetBytes("[" + string.Join(',', Enumerable.Range(1, 50_000).Select(i => $"{i}.{i * 7919 % 1000:000}5e-3")) + "]");
        Canonicalize("doubles only", numbers, 2, output);
        using var document = JsonDocument.Parse(sorted);
        Measure.Rate("hash of a parsed document", "MB", sorted.Length / 1e6, 5, () => CanonicalHash.Sha256(document.RootElement));
        Redact(sorted, small);
    }

    private static void Redact(byte[] records, byte[] small)
    {
        var redactor = new Redactor(Enumerable.Range(0, 20).Select(i => $"s3cret-value-number-{i}!"));
        Measure.Rate("redact records, 20 known secrets", "MB", records.Length / 1e6, 2, () => redactor.Redact(records));
        Measure.Rate("redact a small payload, 20 known secrets", "payload", 1, 20_000, () => redactor.Redact(small));
        Measure.Rate("redact a small payload, none known", "payload", 1, 20_000, () => Redactor.Default.Redact(small));
    }

    private static void Canonicalize(string name, byte[] text, int calls, ArrayBufferWriter<byte> output) =>
        Measure.Rate($"canonicalize {name} ({text.Length} bytes)", "MB", text.Length / 1e6, calls, () =>
        {
            output.ResetWrittenCount();
            CanonicalJson.Canonicalize(text, output);
        });

    private static byte[] Records(bool sorted, int count)
    {
        var text = new StringBuilder("[");
        for (var i = 0; i < count; i++)
        {
            string[] members =
            [
                "\"actor\":\"u-421\"", "\"attempt\":1", $"\"cost\":0.0{i % 90 + 10}", "\"event\":\"step.completed\"",
                $"\"hash\":\"{i * 2654435761L:x16}{i:x16}{i * 40503L:x16}{i:x16}\"",
                "\"message\":\"The order was charged; the receipt went to the customer’s mailbox.\"",
                $"\"n\":{i}", "\"tags\":[\"a\",\"b\",true,null]", "\"tokens\":{\"in\":812,\"out\":164}", "\"workflow\":\"order\"",
            ];
            if (!sorted)
            {
                Array.Reverse(members, i % 4, 5);
            }

            text.Append(i == 0 ? "{" : ",{").AppendJoin(',', members).Append('}');
        }

        return Encoding.UTF8.GetBytes(text.Append(']').ToString());
    }
}
