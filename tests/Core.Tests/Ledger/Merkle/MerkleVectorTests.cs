using System.Text.Json;
using Countersign.Core.Tests.Vectors;
using Countersign.Ledger;
using Countersign.Merkle;

namespace Countersign.Core.Tests.Ledger.Merkle;

public sealed class MerkleVectorTests
{
    [VectorFact("merkle")]
    public void VerifyInclusion_PublishedVectors_AreJudgedAsPublished() => JudgeAll("inclusion", 50, vector =>
        Hashes(vector, out var proof)
        && Hash(vector, "leafHash", out var leaf)
        && Hash(vector, "root", out var root)
        && MerkleProof.VerifyInclusion(Number(vector, "leafIdx"), Number(vector, "treeSize"), leaf, proof, root));

    [VectorFact("merkle")]
    public void VerifyConsistency_PublishedVectors_AreJudgedAsPublished() => JudgeAll("consistency", 50, vector =>
        Hashes(vector, out var proof)
        && Hash(vector, "root1", out var first)
        && Hash(vector, "root2", out var second)
        && MerkleProof.VerifyConsistency(Number(vector, "size1"), Number(vector, "size2"), first, second, proof));

    private static void JudgeAll(string kind, int atLeast, Func<JsonElement, bool> judge)
    {
        var folder = Path.Combine(VectorFolder.Find("merkle")!, kind);
        var files = Directory.GetFiles(folder, "*.json", SearchOption.AllDirectories);
        Assert.True(files.Length >= atLeast, $"{files.Length} vectors");
        Assert.All(files, file =>
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            Assert.Equal(!document.RootElement.GetProperty("wantErr").GetBoolean(), judge(document.RootElement));
        });
    }

    // The published numbers are unsigned; what lies beyond the signed ones must be refused as negative.
    private static long Number(JsonElement vector, string name) => unchecked((long)vector.GetProperty(name).GetUInt64());

    private static bool Hash(JsonElement vector, string name, out Hash256 hash) => Hash(vector.GetProperty(name), out hash);

    private static bool Hash(JsonElement value, out Hash256 hash)
    {
        var bytes = value.ValueKind == JsonValueKind.String ? value.GetBytesFromBase64() : [];
        hash = bytes.Length == Hash256.Length ? new Hash256(bytes) : default;
        return bytes.Length == Hash256.Length;
    }

    private static bool Hashes(JsonElement vector, out Hash256[] proof)
    {
        var element = vector.GetProperty("proof");
        var read = new List<Hash256>();
        var good = element.ValueKind == JsonValueKind.Null || element.EnumerateArray().All(item =>
        {
            var isHash = Hash(item, out var hash);
            read.Add(hash);
            return isHash;
        });
        proof = [.. read];
        return good;
    }
}
