using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Countersign.Ledger;

/// <summary>
/// Finds given values in a text whatever the case of its letters: as they are, in base64 and base64url (whole or within something longer,
/// also of the value as a JSON string or percent-encoded, also broken into lines), in hexadecimal, as an internationalized host name, and
/// behind URL and JSON escapes. Encodings are undone up to twice, one within the other.
/// </summary>
internal sealed class KnownSecrets
{
    // Fewer characters than this would be found by chance in other people's base64.
    private const int FewestEncoded = 6;

    private const int Rounds = 2;

    private readonly string[] _patterns;
    private readonly SearchValues<string> _search;

    public KnownSecrets(IEnumerable<string> values)
    {
        _patterns = [.. values.Where(v => v.Length >= Redactor.ShortestSecret).SelectMany(Forms).Distinct().OrderByDescending(p => p.Length)];
        _search = SearchValues.Create(_patterns, StringComparison.OrdinalIgnoreCase);
    }

    public bool IsEmpty => _patterns.Length == 0;

    public void Find(string text, List<Finding> findings) => Find(text, Rounds, (start, end) => findings.Add(new Finding(start, end, "secret")));

    /// <summary>Whether a text holds any of the values.</summary>
    public bool AreIn(string text)
    {
        var found = false;
        Find(text, Rounds, (_, _) => found = true);
        return found;
    }

    private void Find(string text, int rounds, Action<int, int> found)
    {
        Plain(text, found);
        if (rounds == 0)
        {
            return;
        }

        foreach (var view in new[] { DecodedView.JsonEscapes(text), DecodedView.Percent(text), DecodedView.Unfolded(text) })
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

        foreach (var (start, end) in Base64Text.RunsIn(text))
        {
            if (Base64Text.Decode(text.AsSpan(start, end - start)) is { } decoded)
            {
                Find(decoded, rounds - 1, (_, _) => found(start, end));
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
                if (text[at..].StartsWith(pattern, StringComparison.OrdinalIgnoreCase))
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

        if (HostName(value) is { } host)
        {
            yield return host;
        }

        string[] escaped =
        [
            value, JsonEncodedText.Encode(value).ToString(), JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(),
            Uri.EscapeDataString(value), value.ToLowerInvariant(),
        ];
        var encoded = escaped.Distinct(StringComparer.Ordinal).SelectMany(form => Base64Text.FormsWithin(Encoding.UTF8.GetBytes(form)));
        foreach (var form in encoded.Append(Convert.ToHexStringLower(bytes)))
        {
            if (form.Length >= FewestEncoded)
            {
                yield return form;
            }
        }
    }

    private static string? HostName(string value)
    {
        try
        {
            return new IdnMapping().GetAscii(value) is { } host && !host.Equals(value, StringComparison.OrdinalIgnoreCase) ? host : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
