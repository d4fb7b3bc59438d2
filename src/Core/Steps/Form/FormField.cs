using System.Collections.Immutable;
using System.Text.Json;

namespace Countersign.Steps;

/// <summary>What a form field takes.</summary>
public enum FormFieldType
{
    /// <summary>One line of text.</summary>
    String,

    /// <summary>Several lines of text.</summary>
    Text,

    /// <summary>Any number.</summary>
    Number,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>Yes or no.</summary>
    Boolean,

    /// <summary>A calendar date, <c>2026-01-31</c>.</summary>
    Date,

    /// <summary>An e-mail address.</summary>
    Email,

    /// <summary>One of the field's options.</summary>
    Choice,
}

/// <summary>One field of a form.</summary>
public sealed record FormField
{
    /// <summary>Name of the value in the step's output; matches <c>[A-Za-z_][A-Za-z0-9_]{0,63}</c>.</summary>
    public string Key { get; init; } = "";

    /// <summary>What the field takes.</summary>
    public FormFieldType Type { get; init; }

    /// <summary>What people read beside the field; null for the key.</summary>
    public string? Label { get; init; }

    /// <summary>Whether the form cannot be sent without it; default false.</summary>
    public bool Required { get; init; }

    /// <summary>Regular expression the text must match as a whole; for <c>string</c>, <c>text</c> and <c>email</c>; at most 256 characters.</summary>
    public string? Pattern { get; init; }

    /// <summary>What can be chosen; for <c>choice</c>, where it must not be empty.</summary>
    public ImmutableArray<string> Options { get; init; } = [];

    /// <summary>Smallest value of a number, or smallest length of a text.</summary>
    public double? Min { get; init; }

    /// <summary>Largest value of a number, or largest length of a text.</summary>
    public double? Max { get; init; }

    /// <summary>The value that the form shows at first, and the value that is taken when a submission leaves the field out; must satisfy the field itself.</summary>
    public JsonElement? Default { get; init; }
}
