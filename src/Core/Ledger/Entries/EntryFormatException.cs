namespace Countersign.Ledger;

/// <summary>Bytes that are not an entry of format 1, or fields that cannot become one.</summary>
public sealed class EntryFormatException : Exception
{
    internal EntryFormatException(string code, string field, string rule)
        : base($"{code}: {field} {rule}")
    {
        Code = code;
        Field = field;
    }

    /// <summary>Stable code: one of the constants of <see cref="EntryErrorCodes"/>.</summary>
    public string Code { get; }

    /// <summary>The field that breaks the rule, by its name in docs/log-format.md; <c>entry</c> when it is the whole.</summary>
    public string Field { get; }
}
