using System.Text;
using System.Text.Json;
using Countersign.Canonical;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Ledger;

namespace Countersign.Core.Tests.Ledger.Canonical;

public sealed class CanonicalJsonFuzz
{
    [Fact]
    public void Canonicalize_AnyText_IsRefusedByCodeOrCanonical()
    {
        var accepted = 0;
        FuzzRun.Rounds(20_000, random =>
        {
            var text = Encoding.UTF8.GetBytes(JsonGrammar.Text(ref random));
            if (random.Next(3) == 0)
            {
                text = FuzzRun.Mutate(text, ref random);
            }

            accepted += Check(text) ? 1 : 0;
        });

        // A generator that makes nothing acceptable would test nothing.
        Assert.True(accepted > 5_000, $"{accepted} accepted");
    }

    private static bool Check(byte[] text)
    {
        byte[] canonical;
        try
        {
            canonical = CanonicalJson.Canonicalize(text);
        }
        catch (CanonicalJsonException refused)
        {
            AssertRefusedElsewhere(text, refused.Code);
            return false;
        }

        using var before = JsonDocument.Parse(text);
        using var after = JsonDocument.Parse(canonical);
        Assert.True(JsonGrammar.SameValue(before.RootElement, after.RootElement));
        Assert.Equal(canonical, CanonicalJson.Canonicalize(canonical));
        Assert.Equal(canonical, CanonicalJson.ToBytes(before.RootElement));
        Assert.Equal(Hash256.Of(canonical), CanonicalHash.Sha256(before.RootElement));
        return true;
    }

    // What one way refuses, the walk over a parsed document refuses as well (which of two faults comes first may differ).
    private static void AssertRefusedElsewhere(byte[] text, string code)
    {
        if (code == CanonicalJsonErrorCodes.Syntax)
        {
            return;
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            return;
        }

        using (document)
        {
            Assert.Throws<CanonicalJsonException>(() => CanonicalHash.Sha256(document.RootElement));
        }
    }
}
