using System.Collections.Frozen;
using System.Text.Json;

namespace Countersign.Expressions;

/// <summary>The kinds of <see cref="CelType"/>.</summary>
public enum CelTypeKind
{
    /// <summary>Not known before evaluation.</summary>
    Dyn,

    /// <summary><c>bool</c>.</summary>
    Bool,

    /// <summary><c>int</c>.</summary>
    Int,

    /// <summary><c>uint</c>.</summary>
    Uint,

    /// <summary><c>double</c>; every JSON number is one.</summary>
    Double,

    /// <summary><c>string</c>.</summary>
    String,

    /// <summary><c>bytes</c>.</summary>
    Bytes,

    /// <summary><c>null_type</c>.</summary>
    Null,

    /// <summary><c>google.protobuf.Timestamp</c>.</summary>
    Timestamp,

    /// <summary><c>google.protobuf.Duration</c>.</summary>
    Duration,

    /// <summary>The type of types.</summary>
    Type,

    /// <summary>A list, with the type of its elements.</summary>
    List,

    /// <summary>A map, with the types of its keys and values.</summary>
    Map,

    /// <summary>A map with named fields, each of its own type.</summary>
    Object,
}

/// <summary>What is known of a value's type before evaluation (CEL langdef, "Gradual Type Checking").</summary>
public sealed partial class CelType
{
    private static readonly FrozenDictionary<string, CelType> NoFields = FrozenDictionary<string, CelType>.Empty;

    private CelType(CelTypeKind kind, CelType? key = null, CelType? element = null, FrozenDictionary<string, CelType>? fields = null, bool isOpen = true)
    {
        Kind = kind;
        Key = key ?? this;
        Element = element ?? this;
        Fields = fields ?? NoFields;
        IsOpen = isOpen;
    }

    /// <summary>Anything.</summary>
    public static CelType Dyn { get; } = new(CelTypeKind.Dyn);

    /// <summary>Booleans.</summary>
    public static CelType Bool { get; } = new(CelTypeKind.Bool);

    /// <summary>Signed integers.</summary>
    public static CelType Int { get; } = new(CelTypeKind.Int);

    /// <summary>Unsigned integers.</summary>
    public static CelType Uint { get; } = new(CelTypeKind.Uint);

    /// <summary>Doubles.</summary>
    public static CelType Double { get; } = new(CelTypeKind.Double);

    /// <summary>Strings.</summary>
    public static CelType String { get; } = new(CelTypeKind.String);

    /// <summary>Bytes.</summary>
    public static CelType Bytes { get; } = new(CelTypeKind.Bytes);

    /// <summary>The type of <c>null</c>.</summary>
    public static CelType Null { get; } = new(CelTypeKind.Null);

    /// <summary>Points in time.</summary>
    public static CelType Timestamp { get; } = new(CelTypeKind.Timestamp);

    /// <summary>Spans of time.</summary>
    public static CelType Duration { get; } = new(CelTypeKind.Duration);

    /// <summary>Types.</summary>
    public static CelType Type { get; } = new(CelTypeKind.Type);

    /// <summary>What kind of type it is.</summary>
    public CelTypeKind Kind { get; }

    /// <summary>Of a map, the type of its keys.</summary>
    public CelType Key { get; }

    /// <summary>Of a list or map, the type of its elements or values.</summary>
    public CelType Element { get; }

    /// <summary>Of an object, the fields that are known; any of them may be absent in a value.</summary>
    public IReadOnlyDictionary<string, CelType> Fields { get; }

    /// <summary>Of an object, whether it may have other fields as well.</summary>
    public bool IsOpen { get; }

    /// <summary>Lists of elements of a type.</summary>
    public static CelType List(CelType element)
    {
        ArgumentNullException.ThrowIfNull(element);
        return new(CelTypeKind.List, element: element);
    }

    /// <summary>Maps from keys of one type to values of another.</summary>
    public static CelType Map(CelType key, CelType value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        return new(CelTypeKind.Map, key, value);
    }

    /// <summary>Maps with named fields.</summary>
    /// <param name="fields">The fields and their types.</param>
    /// <param name="open">Whether there may be others; if not, reading another is a problem.</param>
    public static CelType Object(IEnumerable<KeyValuePair<string, CelType>> fields, bool open)
    {
        ArgumentNullException.ThrowIfNull(fields);
        return new(CelTypeKind.Object, String, Dyn, fields.ToFrozenDictionary(StringComparer.Ordinal), open);
    }

    /// <summary>
    /// What a JSON Schema (2020-12) says of a value, as far as <c>type</c>, <c>properties</c>, <c>additionalProperties</c>,
    /// <c>items</c>, <c>const</c> and <c>enum</c> say it. References, combinators, and schemas that allow several types are
    /// <see cref="Dyn"/>, so that the check never reports what might be right. Numbers and integers are doubles.
    /// </summary>
    public static CelType FromJsonSchema(JsonElement schema) => JsonSchemaTypes.Read(schema, 0);

    /// <summary>The type as the reference writes it, such as <c>list(string)</c>.</summary>
    public override string ToString() => Kind switch
    {
        CelTypeKind.List => $"list({Element})",
        CelTypeKind.Map => $"map({Key}, {Element})",
        CelTypeKind.Object => "map",
        CelTypeKind.Null => "null_type",
        CelTypeKind.Timestamp => TypeNames.Timestamp,
        CelTypeKind.Duration => TypeNames.Duration,
        _ => Kind.ToString().ToLowerInvariant(),
    };

    internal bool IsDyn => Kind == CelTypeKind.Dyn;

    internal bool IsMap => Kind is CelTypeKind.Map or CelTypeKind.Object;

    internal bool IsNumber => Kind is CelTypeKind.Int or CelTypeKind.Uint or CelTypeKind.Double;

    /// <summary>Whether a value of this type can never be one of the other: their kinds differ and both are known.</summary>
    internal bool NeverIs(CelType other) =>
        !IsDyn && !other.IsDyn && Kind != other.Kind && !(IsMap && other.IsMap);

    /// <summary>The type of a value that is of one or of the other.</summary>
    internal static CelType Either(CelType a, CelType b)
    {
        if (ReferenceEquals(a, b))
        {
            return a;
        }

        if (a.Kind != b.Kind)
        {
            return a.IsMap && b.IsMap ? Map(Either(a.Key, b.Key), Dyn) : Dyn;
        }

        return a.Kind switch
        {
            CelTypeKind.List => List(Either(a.Element, b.Element)),
            CelTypeKind.Map => Map(Either(a.Key, b.Key), Either(a.Element, b.Element)),
            CelTypeKind.Object => Map(String, Dyn),
            _ => a,
        };
    }

    /// <summary>The type of a value that is at hand.</summary>
    internal static CelType Of(in CelValue value) => value.Kind switch
    {
        CelKind.Null => Null,
        CelKind.Bool => Bool,
        CelKind.Int => Int,
        CelKind.Uint => Uint,
        CelKind.Double => Double,
        CelKind.String => String,
        CelKind.Bytes => Bytes,
        CelKind.Timestamp => Timestamp,
        CelKind.Duration => Duration,
        CelKind.Type => Type,
        _ => Dyn,
    };
}
