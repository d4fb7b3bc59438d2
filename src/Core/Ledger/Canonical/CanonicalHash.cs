using System.Runtime.InteropServices;
using System.Text.Json;
using Countersign.Ledger;

namespace Countersign.Canonical;

/// <summary>SHA-256 over the canonical form, without holding that form in memory.</summary>
public static class CanonicalHash
{
    /// <summary>
    /// Equals <c>SHA-256(CanonicalJson.ToBytes(element))</c>, in a buffer of 16 KiB whatever the element's size, plus, for
    /// each object that is open, its list of members.
    /// </summary>
    /// <param name="element">Any JSON value.</param>
    /// <param name="integers">What to do with integers that would be rounded; refuse them by default.</param>
    /// <exception cref="CanonicalJsonException">The value has no canonical form; see <see cref="CanonicalJsonErrorCodes"/>.</exception>
    /// <exception cref="InvalidOperationException">The element is undefined, or its document is disposed of.</exception>
    public static Hash256 Sha256(JsonElement element, LargeIntegers integers = LargeIntegers.Refuse)
    {
        CanonicalJson.RequireUtf8(JsonMarshal.GetRawUtf8Value(element));
        using var walk = new CanonicalWalk(integers);
        walk.Value(element, 0);
        return walk.Finish();
    }
}
