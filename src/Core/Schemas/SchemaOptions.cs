namespace Countersign.Schemas;

/// <summary>How a schema is compiled and what its validations may cost.</summary>
public sealed record SchemaOptions
{
    /// <summary>The options used where none are given.</summary>
    public static SchemaOptions Default { get; } = new();

    /// <summary>The documents references may reach besides the schema itself and the 2020-12 meta-schemas, which are always there. Default: none.</summary>
    public SchemaSet Documents { get; init; } = SchemaSet.Empty;

    /// <summary>
    /// The URI the schema is known by, against which its <c>$id</c> and references resolve (JSON Schema Core 2020-12, section 9.1).
    /// Absolute, without a fragment. Default: <c>https://schema.invalid/</c>, a name that can never exist (RFC 2606).
    /// </summary>
    public string BaseUri { get; init; } = "https://schema.invalid/";

    /// <summary>
    /// Whether <c>format</c> is a rule (<c>true</c>) or only a remark (<c>false</c>, as the standard has it). Default: <c>false</c>.
    /// A dialect with the format-assertion vocabulary makes it a rule whatever is chosen here.
    /// </summary>
    public bool AssertFormats { get; init; }

    /// <summary>How many containers deep an instance may be where the schema looks into it. 1 to 200, default 64.</summary>
    public int MaxInstanceDepth { get; init; } = 64;

    /// <summary>How many containers deep a schema document may be. 1 to 200, default 64.</summary>
    public int MaxSchemaDepth { get; init; } = 64;

    /// <summary>How many JSON values a schema document may hold. At least 1, default 50,000.</summary>
    public int MaxSchemaValues { get; init; } = 50_000;

    /// <summary>How many errors a result or an exception lists at most. At least 1, default 100.</summary>
    public int MaxErrors { get; init; } = 100;

    /// <summary>
    /// How many steps one pass over an instance may take: about one per subschema applied, member looked at and 64 bytes compared.
    /// At least 1, default 1,000,000, which is about a tenth of a second. A count and not a time, so that the outcome is the same on every machine.
    /// </summary>
    public long MaxSteps { get; init; } = 1_000_000;

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Documents);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxInstanceDepth, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxInstanceDepth, 200);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSchemaDepth, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxSchemaDepth, 200);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSchemaValues, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxErrors, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSteps, 1);
        if (!Compilation.UriText.IsAbsolute(BaseUri) || BaseUri.Contains('#', StringComparison.Ordinal))
        {
            throw new ArgumentException("The base URI must be absolute and without a fragment.", nameof(BaseUri));
        }
    }
}
