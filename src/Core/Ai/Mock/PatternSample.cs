using System.Text;
using Countersign.Schemas.Patterns;

namespace Countersign.Ai;

/// <summary>Makes texts that a pattern of a schema matches.</summary>
internal static class PatternSample
{
    /// <summary>A text for the pattern; null where the pattern is none, or holds what samples are not made of (look-around, back references).</summary>
    public static string? Make(string pattern, SampleNumbers numbers)
    {
        try
        {
            StringBuilder text = new();
            return Append(PatternParser.Parse(pattern), numbers, text) ? text.ToString() : null;
        }
        catch (PatternSyntaxException)
        {
            return null;
        }
    }

    private static bool Append(PatternNode node, SampleNumbers numbers, StringBuilder text)
    {
        switch (node)
        {
            case PatternNode.OneOf one:
                return AppendPoint(one.Set, numbers, text);
            case PatternNode.Anchor:
                return true;
            case PatternNode.Sequence sequence:
                return sequence.Parts.All(part => Append(part, numbers, text));
            case PatternNode.Alternatives choice:
                return Append(choice.Parts[(int)numbers.Between(0, choice.Parts.Count - 1)], numbers, text);
            case PatternNode.Repeat repeat:
                var most = Math.Min(repeat.Most ?? int.MaxValue, repeat.Least + 3);
                var count = numbers.Between(repeat.Least, most);
                return Enumerable.Range(0, (int)count).All(_ => Append(repeat.Part, numbers, text));
            default:
                return false;
        }
    }

    // Letters and digits where the set has any, so that samples can be read.
    private static bool AppendPoint(CodePointSet set, SampleNumbers numbers, StringBuilder text)
    {
        var plain = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".Where(c => set.Contains(c)).ToArray();
        if (plain.Length > 0)
        {
            text.Append(plain[numbers.Between(0, plain.Length - 1)]);
            return true;
        }

        var first = set.Ranges.Select(range => Math.Max(range.First, Math.Min(range.Last, ' '))).FirstOrDefault(-1);
        if (first < 0 || first is >= 0xD800 and <= 0xDFFF)
        {
            return false;
        }

        text.Append(char.ConvertFromUtf32(first));
        return true;
    }
}
