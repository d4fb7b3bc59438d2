namespace Countersign.Schemas.Formats;

/// <summary>Tells whether a text, as UTF-8, has a format. Takes time proportional to the text.</summary>
internal delegate bool TextCheck(ReadOnlySpan<byte> text);

/// <summary>One of the formats of Validation 2020-12, section 7.3.</summary>
/// <param name="Name">What <c>format</c> says.</param>
/// <param name="Meaning">What the text must be, with its article, for messages.</param>
/// <param name="Matches">The check.</param>
internal sealed record TextFormat(string Name, string Meaning, TextCheck Matches)
{
    private static readonly Dictionary<string, TextFormat> Known = new TextFormat[]
    {
        new("date-time", "a date and time such as 2026-01-31T09:30:00Z", DateFormats.IsDateTime),
        new("date", "a date such as 2026-01-31", DateFormats.IsDate),
        new("time", "a time such as 09:30:00Z", DateFormats.IsTime),
        new("duration", "a duration such as P1DT12H", DurationFormat.IsDuration),
        new("email", "an e-mail address", EmailFormat.IsEmail),
        new("idn-email", "an e-mail address", EmailFormat.IsInternationalEmail),
        new("hostname", "a host name", HostFormats.IsHostName),
        new("idn-hostname", "a host name", HostFormats.IsInternationalHostName),
        new("ipv4", "an IPv4 address such as 192.0.2.1", AddressFormats.IsIPv4),
        new("ipv6", "an IPv6 address such as 2001:db8::1", AddressFormats.IsIPv6),
        new("uri", "an absolute URI", UriFormats.IsUri),
        new("uri-reference", "a URI or a relative reference", UriFormats.IsUriReference),
        new("iri", "an absolute IRI", UriFormats.IsIri),
        new("iri-reference", "an IRI or a relative reference", UriFormats.IsIriReference),
        new("uri-template", "a URI template", UriTemplateFormat.IsUriTemplate),
        new("uuid", "a UUID", SmallFormats.IsUuid),
        new("json-pointer", "a JSON Pointer", SmallFormats.IsJsonPointer),
        new("relative-json-pointer", "a relative JSON Pointer", SmallFormats.IsRelativeJsonPointer),
        new("regex", "a regular expression", SmallFormats.IsRegex),
    }.ToDictionary(f => f.Name, StringComparer.Ordinal);

    /// <summary>The format of a name; null when it is none of the standard's.</summary>
    public static TextFormat? Find(string name) => Known.GetValueOrDefault(name);
}
