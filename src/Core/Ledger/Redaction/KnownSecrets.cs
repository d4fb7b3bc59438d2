using System.Buffers;
using System.Text;

namespace Countersign.Ledger;

/// <summary>
/// Finds given values in a text: as they are, in base64 at any offset within something longer, in hexadecimal, and behind
/// URL and JSON escapes, up to twice (JSON within JSON, JSON within a URL).
/// </summary>
internal sealed class KnownSecrets
{
    // Fewer characters than this would be found by chance in other people's base64.
    private const int FewestEncoded = 6;

    private readonly string[] _patterns;
    private readonly SearchValues<string> _search;

    public KnownSecrets(IEnumerable<string> values)
    {
        _patterns = [.. values.Where(v => v.Length >= Redactor.ShortestSecret).SelectMany(Forms).Distinct().OrderByDescending(p => p.Length)];
        _search = SearchValues.Create(_patterns, StringComparison.Ordinal);
    }

    public bool IsEmpty => _patterns.Length == 0;

    public void Find(string text, List<Finding> findings) => Find(text, 2, (start, end) => findings.Add(new Finding(start, end, "secret")));

    private void Find(string text, int rounds, Action<int, int> found)
    {
        Plain(text, found);
        if (rounds == 0)
        {
            return;
        }

        foreach (var view in new[] { DecodedView.JsonEscapes(text), DecodedView.Percent(text) })
        {
            if (view is not null)
            {
                Find(view.Text, rounds - 1, (start, end) =>
                {
                    var source = view.Source(start, end);
                    found(source.Start, source.End);
                });
            }
        }
    }

    private void Plain(ReadOnlySpan<char> text, Action<int, int> found)
    {
        var at = 0;
        while (text[at..].IndexOfAny(_search) is var next and >= 0)
        {
            at += next;
            var length = 1;
            foreach (var pattern in _patterns)
            {
                if (text[at..].StartsWith(pattern, StringComparison.Ordinal))
                {
                    length = pattern.Length;
                    break;
                }
            }

            found(at, at + length);

            // By one only: a second value may overlap the first.
            at++;
        }
    }

    private static IEnumerable<string> Forms(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        yield return value;
        if (value.Contains(' ', StringComparison.Ordinal))
        {
            yield return value.Replace(' ', '+');
        }

        foreach (var encoded in Base64Forms(bytes).Append(Convert.ToHexStringLower(bytes)).Append(Convert.ToHexString(bytes)))
        {
            if (encoded.Length >= FewestEncoded)
            {
                yield return encoded;
            }
        }
    }

    // Three bytes make four characters, so that a value within something longer begins at one of three offsets; the
    // characters that also carry a neighbour's bits are left out.
    private static IEnumerable<string> Base64Forms(byte[] bytes)
    {
        for (var offset = 0; offset < 3; offset++)
        {
            var text = Convert.ToBase64String([.. new byte[offset], .. bytes]);
            var first = offset == 0 ? 0 : offset + 1;
            var last = (offset + bytes.Length) * 4 / 3;
            var inner = text[first..last];
            yield return inner;
            yield return inner.Replace('+', '-').Replace('/', '_');
        }
    }
}
