using System.Collections.Immutable;

namespace Countersign.Language;

/// <summary>The codes of problems in definitions. A code never changes its meaning.</summary>
public static class ProblemCodes
{
    /// <summary>Larger than 256 KB, or more than 1,000 steps.</summary>
    public const string TooLarge = "definition.too-large";

    /// <summary>Not UTF-8, or text with half of a surrogate pair.</summary>
    public const string Encoding = "definition.encoding";

    /// <summary>A character that cannot be seen or that shows other text than it says, in a YAML document.</summary>
    public const string HiddenCharacter = "definition.hidden-character";

    /// <summary>Neither YAML nor JSON.</summary>
    public const string Syntax = "definition.syntax";

    /// <summary>Nested deeper than 32 levels.</summary>
    public const string TooDeep = "definition.too-deep";

    /// <summary>A YAML anchor or alias.</summary>
    public const string Alias = "definition.alias";

    /// <summary>A YAML tag.</summary>
    public const string Tag = "definition.tag";

    /// <summary>A YAML merge key.</summary>
    public const string MergeKey = "definition.merge-key";

    /// <summary>A key that occurs twice in one object.</summary>
    public const string DuplicateKey = "definition.duplicate-key";

    /// <summary>A key that is not a text.</summary>
    public const string KeyNotText = "definition.key-not-text";

    /// <summary>More than one YAML document.</summary>
    public const string MultipleDocuments = "definition.multiple-documents";

    /// <summary>A number that a double cannot hold.</summary>
    public const string Number = "definition.number";

    /// <summary>The language version is newer or older than this reader's.</summary>
    public const string Language = "definition.language";

    /// <summary>A field this place does not have.</summary>
    public const string UnknownField = "definition.unknown-field";

    /// <summary>A field that must be there is not.</summary>
    public const string MissingField = "definition.missing-field";

    /// <summary>A value of another type than the field's.</summary>
    public const string WrongType = "definition.wrong-type";

    /// <summary>A value of the right type that is not one of the field's.</summary>
    public const string BadValue = "definition.bad-value";

    /// <summary>A number or a length outside of its range.</summary>
    public const string OutOfRange = "definition.out-of-range";

    /// <summary>Not a length of time.</summary>
    public const string BadDuration = "definition.bad-duration";

    /// <summary>Not a version.</summary>
    public const string BadVersion = "definition.bad-version";

    /// <summary>Fields that exclude each other, or need each other.</summary>
    public const string FieldCombination = "definition.field-combination";

    /// <summary>A step of a kind that does not exist.</summary>
    public const string UnknownKind = "definition.unknown-kind";

    /// <summary>A field that other kinds of steps have, but not this one.</summary>
    public const string NotForKind = "definition.not-for-kind";

    /// <summary>An id that is no id, or is reserved.</summary>
    public const string BadId = "definition.bad-id";

    /// <summary>An id or a name that is taken.</summary>
    public const string DuplicateId = "definition.duplicate-id";

    /// <summary>A step to go to that does not exist.</summary>
    public const string UnknownTarget = "definition.unknown-target";

    /// <summary>A step to go to that is in another block.</summary>
    public const string TargetInOtherBlock = "definition.target-in-other-block";

    /// <summary>A step no way leads to.</summary>
    public const string UnreachableStep = "definition.unreachable-step";

    /// <summary>A cycle without a wait or a bound.</summary>
    public const string UnboundedCycle = "definition.unbounded-cycle";

    /// <summary>A workflow that calls itself.</summary>
    public const string SelfCall = "definition.self-call";

    /// <summary>A <c>${</c> without its end.</summary>
    public const string TemplateSyntax = "definition.template-syntax";

    /// <summary>An expression where plain text is wanted.</summary>
    public const string TemplateNotAllowed = "definition.template-not-allowed";

    /// <summary>An expression that cannot be parsed.</summary>
    public const string ExpressionSyntax = "definition.expression-syntax";

    /// <summary>An expression that cannot work with the types that are known.</summary>
    public const string ExpressionType = "definition.expression-type";

    /// <summary>A reference to a step that does not exist.</summary>
    public const string UnknownReference = "definition.unknown-reference";

    /// <summary>A reference to a step of a block that is not visible.</summary>
    public const string ReferenceOutOfScope = "definition.reference-out-of-scope";

    /// <summary>A reference to a step that can never have run before.</summary>
    public const string ReferenceNeverRan = "definition.reference-never-ran";

    /// <summary>A reference, without <c>has()</c>, to a step that may not have run before.</summary>
    public const string ReferenceMayNotHaveRun = "definition.reference-may-not-have-run";

    /// <summary><c>secret()</c> where no executor resolves it.</summary>
    public const string SecretNotAllowed = "definition.secret-not-allowed";

    /// <summary>Output of a step decides who decides, or where a call goes.</summary>
    public const string UntrustedChoice = "definition.untrusted-choice";

    /// <summary>Computed users without the people that they must be among.</summary>
    public const string AudienceUnbounded = "definition.audience-unbounded";

    /// <summary>Not a JSON Schema 2020-12.</summary>
    public const string BadSchema = "definition.bad-schema";

    /// <summary>Not a regular expression that is safe to run.</summary>
    public const string BadPattern = "definition.bad-pattern";

    /// <summary>A field that is accepted and has no effect yet.</summary>
    public const string NotEnforced = "definition.not-enforced";

    /// <summary>Every code, in the order of this list.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        TooLarge, Encoding, HiddenCharacter, Syntax, TooDeep, Alias, Tag, MergeKey, DuplicateKey, KeyNotText, MultipleDocuments, Number,
        Language, UnknownField, MissingField, WrongType, BadValue, OutOfRange, BadDuration, BadVersion, FieldCombination,
        UnknownKind, NotForKind, BadId, DuplicateId, UnknownTarget, TargetInOtherBlock, UnreachableStep, UnboundedCycle, SelfCall,
        TemplateSyntax, TemplateNotAllowed, ExpressionSyntax, ExpressionType, UnknownReference, ReferenceOutOfScope,
        ReferenceNeverRan, ReferenceMayNotHaveRun, SecretNotAllowed, UntrustedChoice, AudienceUnbounded, BadSchema, BadPattern,
        NotEnforced,
    ];
}
