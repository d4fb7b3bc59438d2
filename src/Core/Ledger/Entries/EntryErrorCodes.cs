namespace Countersign.Ledger;

/// <summary>Codes of <see cref="EntryFormatException"/>; each has a page in docs/errors.</summary>
public static class EntryErrorCodes
{
    /// <summary>The bytes end inside a field.</summary>
    public const string Truncated = "entry.truncated";

    /// <summary>Bytes follow the last field.</summary>
    public const string TrailingBytes = "entry.trailing-bytes";

    /// <summary>The format number is not 1.</summary>
    public const string UnknownFormat = "entry.unknown-format";

    /// <summary>A field is shorter or longer than format 1 allows.</summary>
    public const string FieldLength = "entry.field-length";

    /// <summary>A text is not valid Unicode, or a type is not <c>noun.verb</c>.</summary>
    public const string Text = "entry.text";

    /// <summary>Sequence or time is outside its range.</summary>
    public const string Range = "entry.range";
}
