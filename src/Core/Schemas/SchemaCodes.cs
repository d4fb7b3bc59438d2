namespace Countersign.Schemas;

/// <summary>The stable codes of schema problems and validation errors. Each has a page under <c>docs/errors</c>.</summary>
public static class SchemaCodes
{
    /// <summary>The schema breaks its meta-schema: a keyword has a value of the wrong kind or range.</summary>
    public const string Invalid = "schema.invalid";

    /// <summary>A <c>$ref</c> or <c>$dynamicRef</c> names nothing that was given; nothing is ever fetched.</summary>
    public const string UnresolvedReference = "schema.unresolved-reference";

    /// <summary>An object of the schema has two members of one name.</summary>
    public const string DuplicateName = "schema.duplicate-name";

    /// <summary>Two resources share an <c>$id</c>, or two subschemas of one resource share an anchor.</summary>
    public const string DuplicateIdentifier = "schema.duplicate-identifier";

    /// <summary><c>$schema</c> names a dialect that is neither 2020-12 nor in the schema set.</summary>
    public const string UnsupportedDialect = "schema.unsupported-dialect";

    /// <summary>The meta-schema requires a vocabulary this library does not implement.</summary>
    public const string UnknownVocabulary = "schema.unknown-vocabulary";

    /// <summary>A format that the format-assertion vocabulary obliges us to check is not known.</summary>
    public const string UnknownFormat = "schema.unknown-format";

    /// <summary>A pattern is not a regular expression of ECMA-262.</summary>
    public const string PatternSyntax = "schema.pattern-syntax";

    /// <summary>A pattern needs lookaround, a back-reference or a Unicode property that cannot be matched in bounded time.</summary>
    public const string PatternUnsupported = "schema.pattern-unsupported";

    /// <summary>A pattern is longer than 256 characters, repeats more than 100 times or unrolls to more than 1,000 places.</summary>
    public const string PatternTooLarge = "schema.pattern-too-large";

    /// <summary>The schema is nested deeper than <see cref="SchemaOptions.MaxSchemaDepth"/>.</summary>
    public const string TooDeep = "schema.too-deep";

    /// <summary>The schema holds more values than <see cref="SchemaOptions.MaxSchemaValues"/>, or a number of more than 1,000 characters.</summary>
    public const string TooLarge = "schema.too-large";

    /// <summary>References lead back to themselves without descending into the instance.</summary>
    public const string InfiniteRecursion = "schema.infinite-recursion";

    /// <summary>The instance breaks a rule of the schema.</summary>
    public const string Mismatch = "schema.mismatch";

    /// <summary>The instance is nested deeper than <see cref="SchemaOptions.MaxInstanceDepth"/>.</summary>
    public const string InstanceTooDeep = "schema.instance-too-deep";

    /// <summary>Checking took more steps than <see cref="SchemaOptions.MaxSteps"/>.</summary>
    public const string StepLimit = "schema.step-limit";

    /// <summary>Schemas applied one inside the other more than 1,000 deep.</summary>
    public const string NestingLimit = "schema.nesting-limit";

    /// <summary>A text of more than 4,096 bytes met a pattern.</summary>
    public const string PatternInput = "schema.pattern-input";
}
