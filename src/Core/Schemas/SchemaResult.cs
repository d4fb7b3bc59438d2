using System.Collections.Immutable;
using System.Text.Json;

namespace Countersign.Schemas;

/// <summary>What a validation found.</summary>
public sealed record SchemaResult
{
    internal SchemaResult(ImmutableArray<SchemaError> errors, bool truncated)
    {
        Errors = errors;
        Truncated = truncated;
    }

    /// <summary>Whether the instance obeys the schema.</summary>
    public bool Valid => Errors.IsEmpty;

    /// <summary>The broken rules, in the order of the schema; empty exactly when <see cref="Valid"/>; at most <see cref="SchemaOptions.MaxErrors"/>.</summary>
    public ImmutableArray<SchemaError> Errors { get; }

    /// <summary>Whether the list is full, so that there may be more errors than it shows.</summary>
    public bool Truncated { get; }

    internal static SchemaResult Success { get; } = new([], truncated: false);

    /// <summary>
    /// Writes the standard's basic output: <c>{"valid": …, "errors": [{keywordLocation, absoluteKeywordLocation, instanceLocation, error}]}</c>
    /// (JSON Schema Core 2020-12, section 12.4.2). <c>errors</c> is left out when valid.
    /// </summary>
    /// <param name="writer">Takes one object; it is not flushed.</param>
    public void WriteBasicOutput(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteBoolean("valid", Valid);
        if (!Valid)
        {
            writer.WriteStartArray("errors");
            foreach (SchemaError error in Errors)
            {
                writer.WriteStartObject();
                writer.WriteString("keywordLocation", error.KeywordLocation);
                writer.WriteString("absoluteKeywordLocation", error.AbsoluteKeywordLocation);
                writer.WriteString("instanceLocation", error.InstanceLocation);
                writer.WriteString("error", error.Message);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
