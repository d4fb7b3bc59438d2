using System.Globalization;

namespace Countersign.Schemas.Patterns;

/// <summary>
/// The Unicode properties a pattern may name in <c>\p{…}</c>: general categories with the names ECMA-262 allows, and
/// ASCII, Any, Assigned and ASCII_Hex_Digit. Scripts and derived properties are not among the data of .NET.
/// </summary>
internal static class UnicodeProperties
{
    private static readonly string[][] Categories =
    [
        ["Lu", "Uppercase_Letter"], ["Ll", "Lowercase_Letter"], ["Lt", "Titlecase_Letter"], ["Lm", "Modifier_Letter"], ["Lo", "Other_Letter"],
        ["Mn", "Nonspacing_Mark"], ["Mc", "Spacing_Mark"], ["Me", "Enclosing_Mark"],
        ["Nd", "Decimal_Number", "digit"], ["Nl", "Letter_Number"], ["No", "Other_Number"],
        ["Zs", "Space_Separator"], ["Zl", "Line_Separator"], ["Zp", "Paragraph_Separator"],
        ["Cc", "Control", "cntrl"], ["Cf", "Format"], ["Cs", "Surrogate"], ["Co", "Private_Use"],
        ["Pc", "Connector_Punctuation"], ["Pd", "Dash_Punctuation"], ["Ps", "Open_Punctuation"], ["Pe", "Close_Punctuation"],
        ["Pi", "Initial_Punctuation"], ["Pf", "Final_Punctuation"], ["Po", "Other_Punctuation"],
        ["Sm", "Math_Symbol"], ["Sc", "Currency_Symbol"], ["Sk", "Modifier_Symbol"], ["So", "Other_Symbol"], ["Cn", "Unassigned"],
    ];

    private static readonly string[][] Groups =
    [
        ["L", "Letter"], ["M", "Mark", "Combining_Mark"], ["N", "Number"], ["Z", "Separator"],
        ["C", "Other"], ["P", "Punctuation", "punct"], ["S", "Symbol"],
    ];

    // In the order of UnicodeCategory, which is the order of Categories above.
    private static readonly Lazy<CodePointSet[]> ByCategory = new(Scan);

    // In the order of Groups.
    private static readonly Lazy<CodePointSet[]> ByGroup = new(() => [.. Groups.Select(g => Members(c => c[0][0] == g[0][0]))]);

    /// <summary>The code points of a property; null where ECMA-262 knows it and we do not, or nobody does.</summary>
    public static CodePointSet? Find(string name)
    {
        int equals = name.IndexOf('=', StringComparison.Ordinal);
        if (equals >= 0)
        {
            return name[..equals] is "General_Category" or "gc" ? FindCategory(name[(equals + 1)..]) : null;
        }

        return FindCategory(name) ?? name switch
        {
            "ASCII" => CodePointSet.Of((0, 0x7F)),
            "Any" => CodePointSet.All,
            "Assigned" => FindCategory("Cn")!.Complement(),
            "ASCII_Hex_Digit" or "AHex" => CodePointSet.Of(('0', '9'), ('A', 'F'), ('a', 'f')),
            _ => null,
        };
    }

    private static CodePointSet? FindCategory(string name)
    {
        int at = Array.FindIndex(Categories, c => c.Contains(name, StringComparer.Ordinal));
        if (at >= 0)
        {
            return ByCategory.Value[at];
        }

        int group = Array.FindIndex(Groups, g => g.Contains(name, StringComparer.Ordinal));
        if (group >= 0)
        {
            return ByGroup.Value[group];
        }

        return name is "LC" or "Cased_Letter" ? Members(c => c[0] is "Lu" or "Ll" or "Lt") : null;
    }

    private static CodePointSet Members(Predicate<string[]> wanted) =>
        CodePointSet.Of([.. ByCategory.Value.Where((_, i) => wanted(Categories[i])).SelectMany(s => s.Ranges)]);

    private static CodePointSet[] Scan()
    {
        var ranges = new List<(int First, int Last)>[Categories.Length];
        for (int i = 0; i < ranges.Length; i++)
        {
            ranges[i] = [];
        }

        int start = 0;
        UnicodeCategory current = CharUnicodeInfo.GetUnicodeCategory(0);
        for (int point = 1; point <= CodePointSet.Last + 1; point++)
        {
            UnicodeCategory next = point > CodePointSet.Last ? (UnicodeCategory)(-1) : CharUnicodeInfo.GetUnicodeCategory(point);
            if (next != current)
            {
                ranges[(int)current].Add((start, point - 1));
                start = point;
                current = next;
            }
        }

        return [.. ranges.Select(r => CodePointSet.Of([.. r]))];
    }
}
