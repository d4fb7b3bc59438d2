using System.Text;

namespace Countersign.Ledger;

/// <summary>A part of a text that must not be written.</summary>
/// <param name="Start">Its first character.</param>
/// <param name="End">The character after its last.</param>
/// <param name="Kind">What stands in <c>[redacted:kind]</c> instead.</param>
internal readonly record struct Finding(int Start, int End, string Kind)
{
    /// <summary>The text with each finding replaced; those that overlap are one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="findings">What was found in it; sorted here.</param>
    /// <param name="mask">What replaces a finding; null for <c>[redacted:kind]</c>.</param>
    public static string Replace(string text, List<Finding> findings, string? mask = null)
    {
        if (findings.Count == 0)
        {
            return text;
        }

        findings.Sort(static (left, right) => left.Start != right.Start ? left.Start.CompareTo(right.Start) : right.End.CompareTo(left.End));
        var result = new StringBuilder(text.Length);
        var at = 0;
        for (var i = 0; i < findings.Count;)
        {
            var (start, end, kind) = findings[i];
            for (i++; i < findings.Count && findings[i].Start < end; i++)
            {
                end = Math.Max(end, findings[i].End);
            }

            result.Append(text, at, start - at).Append(mask ?? $"[redacted:{kind}]");
            at = end;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }
}
