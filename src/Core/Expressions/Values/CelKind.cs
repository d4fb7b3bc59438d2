namespace Countersign.Expressions;

/// <summary>The kinds of value an expression works with (CEL langdef, "Values").</summary>
public enum CelKind : byte
{
    /// <summary>The value <c>null</c>; its type is <c>null_type</c>.</summary>
    Null,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Bool,

    /// <summary>A signed integer of 64 bits.</summary>
    Int,

    /// <summary>An unsigned integer of 64 bits.</summary>
    Uint,

    /// <summary>An IEEE 754 double; every number that comes from JSON is one.</summary>
    Double,

    /// <summary>A string of Unicode code points.</summary>
    String,

    /// <summary>A sequence of bytes.</summary>
    Bytes,

    /// <summary>A list of values, which may be of different kinds.</summary>
    List,

    /// <summary>A map whose keys are <c>int</c>, <c>uint</c>, <c>bool</c> or <c>string</c>.</summary>
    Map,

    /// <summary>A point in time, years 1 to 9999, in nanoseconds.</summary>
    Timestamp,

    /// <summary>A span of time in nanoseconds, about 292 years to either side.</summary>
    Duration,

    /// <summary>A type, as <c>type(x)</c> returns it.</summary>
    Type,

    /// <summary>
    /// An error on its way through an evaluation. <see cref="Expression.Evaluate(IExpressionScope)"/> never returns one and
    /// host functions never receive one.
    /// </summary>
    Error,
}
