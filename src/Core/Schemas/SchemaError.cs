namespace Countersign.Schemas;

/// <summary>One rule the instance breaks, in the terms of the standard's basic output (JSON Schema Core 2020-12, section 12).</summary>
/// <param name="Code"><see cref="SchemaCodes.Mismatch"/>, or the code of the limit that ended the check.</param>
/// <param name="KeywordLocation">JSON Pointer of the rule along the path taken through the schema, references included.</param>
/// <param name="AbsoluteKeywordLocation">URI of the rule itself, all references resolved.</param>
/// <param name="InstanceLocation">JSON Pointer of the value in the instance; empty for the whole.</param>
/// <param name="Message">Field and rule in plain language, such as <c>total: must be a number, is a string</c>. Never holds a value of the instance; names of fields are cut at 200 characters.</param>
public sealed record SchemaError(
    string Code,
    string KeywordLocation,
    string AbsoluteKeywordLocation,
    string InstanceLocation,
    string Message)
{
    /// <summary>The member of the value that the rule is about, where the rule stands at the value itself: a member that is missing; else null.</summary>
    public string? Member { get; init; }

    /// <summary>JSON Pointer of the field that is wrong: also of one that is missing, which <see cref="InstanceLocation"/> cannot name.</summary>
    public string FieldLocation => Member is null
        ? InstanceLocation
        : $"{InstanceLocation}/{Member.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
}
