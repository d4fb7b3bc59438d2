using System.Collections.Frozen;
using System.Text;

namespace Countersign.Expressions;

/// <summary>
/// Characters that differ only in case: the classes of Unicode's simple case folding (CaseFolding.txt, statuses C and S).
/// Most have two members, which the framework's case mapping gives; the few with more, and those it does not give, are listed.
/// </summary>
internal static class CaseOrbit
{
    /// <summary>Classes of more than two members, and pairs without a simple mapping from one to the other and back.</summary>
    private static readonly int[][] Listed =
    [
        ['K', 'k', 0x212A],
        ['S', 's', 0x17F],
        [0xB5, 0x39C, 0x3BC],
        [0xC5, 0xE5, 0x212B],
        [0xDF, 0x1E9E],
        [0x1C4, 0x1C5, 0x1C6],
        [0x1C7, 0x1C8, 0x1C9],
        [0x1CA, 0x1CB, 0x1CC],
        [0x1F1, 0x1F2, 0x1F3],
        [0x345, 0x399, 0x3B9, 0x1FBE],
        [0x390, 0x1FD3],
        [0x392, 0x3B2, 0x3D0],
        [0x395, 0x3B5, 0x3F5],
        [0x398, 0x3B8, 0x3D1, 0x3F4],
        [0x39A, 0x3BA, 0x3F0],
        [0x3A0, 0x3C0, 0x3D6],
        [0x3A1, 0x3C1, 0x3F1],
        [0x3A3, 0x3C2, 0x3C3],
        [0x3A6, 0x3C6, 0x3D5],
        [0x3A9, 0x3C9, 0x2126],
        [0x3B0, 0x1FE3],
        [0x412, 0x432, 0x1C80],
        [0x414, 0x434, 0x1C81],
        [0x41E, 0x43E, 0x1C82],
        [0x421, 0x441, 0x1C83],
        [0x422, 0x442, 0x1C84, 0x1C85],
        [0x42A, 0x44A, 0x1C86],
        [0x462, 0x463, 0x1C87],
        [0x1C88, 0xA64A, 0xA64B],
        [0x1E60, 0x1E61, 0x1E9B],
        [0xFB05, 0xFB06],
    ];

    private static readonly FrozenDictionary<int, int> NextListed = Listed
        .SelectMany(orbit => orbit.Select((member, i) => KeyValuePair.Create(member, orbit[(i + 1) % orbit.Length])))
        .ToFrozenDictionary();

    /// <summary>
    /// The next member of a code point's class; going on from there comes back to it. Itself where it has no other case.
    /// </summary>
    internal static int Next(int codePoint)
    {
        if (NextListed.TryGetValue(codePoint, out var next))
        {
            return next;
        }

        if (codePoint < 0x80)
        {
            return char.IsAsciiLetter((char)codePoint) ? codePoint ^ 0x20 : codePoint;
        }

        return Rune.TryCreate(codePoint, out var rune) ? Partner(rune) : codePoint;
    }

    private static int Partner(Rune rune)
    {
        // A mapping that does not lead back, such as that of the dotted capital I, is none of simple folding.
        var upper = Rune.ToUpperInvariant(rune);
        if (upper != rune)
        {
            return Rune.ToLowerInvariant(upper) == rune ? upper.Value : rune.Value;
        }

        var lower = Rune.ToLowerInvariant(rune);
        return Rune.ToUpperInvariant(lower) == rune ? lower.Value : rune.Value;
    }
}
