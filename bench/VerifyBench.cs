using System.Buffers;
using System.Text;
using Countersign.Ledger;
using Countersign.Merkle;

namespace Countersign.Bench;

/// <summary>Log entries: encoding, verification in memory and over an export, Merkle appends and proofs. One core.</summary>
public static class VerifyBench
{
    private const int Count = 100_000;

    public static void Run()
    {
        var log = Log();
        var start = ChainStart.Genesis("acme");
        Console.WriteLine($"{Count} entries of {log.Average(e => e.Bytes.Length):F0} bytes, payloads of {log.Average(e => e.Payload.Length):F0}");
        Encode();
        Measure.Rate("decode", "entry", Count, 1, () => log.ForEach(e => EntryCodec.Decode(e.Bytes.Span)));
        Measure.Rate("verify chain and payloads", "entry", Count, 1, () => Require(ChainVerifier.Verify(log, start)));
        Measure.Rate(
            "verify chain, payloads and Merkle root", "entry", Count, 1, () => Require(ChainVerifier.Verify(log, start, tree: new CompactRange())));
        var export = Export(log).GetAwaiter().GetResult();
        Console.WriteLine($"export: {export.Length / 1e6:F1} MB");
        Measure.Rate("verify an export, root included", "entry", Count, 1, () => VerifyExport(export).GetAwaiter().GetResult());
        Measure.Rate("write an export", "entry", Count, 1, () => Export(log).GetAwaiter().GetResult());
        Proofs(log);
    }

    private static void Encode()
    {
        var draft = Draft(1);
        var position = new EntryPosition("acme", 1, Hash256.Of("x"u8), 1_795_176_000_000_000);
        var output = new ArrayBufferWriter<byte>(EntryFormat.MaxLength * 2);
        Measure.Rate("encode", "entry", 1, 200_000, () =>
        {
            output.ResetWrittenCount();
            EntryCodec.Encode(draft, position, Hash256.Zero, output);
        });
        var salt = new byte[PayloadHash.SaltLength];
        Measure.Rate("salt, encode and hash", "entry", 1, 100_000, () => StoredEntry.From(draft, position, salt).Hash());
    }

    private static void Proofs(List<StoredEntry> log)
    {
        var leaves = log.ConvertAll(e => MerkleHash.Leaf(e.Hash()));
        Measure.Rate("append to a compact range", "leaf", Count, 1, () =>
        {
            var range = new CompactRange();
            leaves.ForEach(leaf => range.Append(leaf));
        });
        var tree = new MerkleTree();
        leaves.ForEach(tree.Append);
        var at = 0;
        Measure.Rate("inclusion proof, made", "proof", 1, 50_000, () => tree.Inclusion(at = (at + 7919) % Count, Count));
        var root = tree.Root();
        var proof = tree.Inclusion(4711, Count);
        Measure.Rate("inclusion proof, verified", "proof", 1, 20_000, () =>
        {
            if (!MerkleProof.VerifyInclusion(4711, Count, leaves[4711], proof, root))
            {
                throw new InvalidOperationException("The proof does not verify.");
            }
        });
    }

    private static void Require(VerifyReport report)
    {
        if (!report.Intact || report.Entries != Count)
        {
            throw new InvalidOperationException("The log does not verify.");
        }
    }

    private static async Task<byte[]> Export(List<StoredEntry> log)
    {
        using var stream = new MemoryStream(90_000_000);
        var header = new ExportHeader("acme", 1, Count, Hash256.Zero, log[^1].Hash());
        await LogExport.WriteAsync(stream, header, log.ToAsyncEnumerable());
        return stream.ToArray();
    }

    private static async Task VerifyExport(byte[] export)
    {
        using var stream = new MemoryStream(export);
        var read = await LogExport.OpenAsync(stream);
        Require(await read.VerifyAsync(new ChainVerifier(read.Header.Start, read.Header.End, new CompactRange())));
    }

    private static List<StoredEntry> Log()
    {
        var log = new List<StoredEntry>(Count);
        var previous = Hash256.Zero;
        for (var i = 1; i <= Count; i++)
        {
            var salt = Hash256.Of(BitConverter.GetBytes(i)).ToArray()[..PayloadHash.SaltLength];
            log.Add(StoredEntry.From(Draft(i), new EntryPosition("acme", i, previous, 1_795_176_000_000_000 + i), salt));
            previous = log[^1].Hash();
        }

        return log;
    }

    private static EntryDraft Draft(int i)
    {
        var run = $"01JD8K3M{i / 10:D12}";
        return new EntryDraft
        {
            EventId = EventId.InRun(run, "order/charge", 1, 1, 1, EventTypes.StepCompleted),
            Type = EventTypes.StepCompleted,
            Actor = "u-421",
            Run = run,
            Step = "order/charge",
            TransactionId = run,
            Payload = Encoding.UTF8.GetBytes(
                $$"""{"attempt":1,"n":{{i}},"result":"sha256:{{i * 2654435761L:x16}}{{i:x16}}","tokens":{"in":812,"out":164} }"""),
        };
    }
}
