using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Countersign.Expressions;

/// <summary>
/// One immutable value of the expression language: a kind, its bits, and for composite kinds an object.
/// Twenty-four bytes, so that numbers, booleans and times are never allocated.
/// Equality is that of the language: numbers of different kinds compare on one number line, and NaN equals nothing.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
public readonly partial struct CelValue : IEquatable<CelValue>
{
    private readonly object? _object;
    private readonly long _bits;
    private readonly int _nanos;
    private readonly CelKind _kind;

    private CelValue(CelKind kind, long bits, object? content = null, int nanos = 0)
    {
        _kind = kind;
        _bits = bits;
        _object = content;
        _nanos = nanos;
    }

    /// <summary>The value <c>null</c>; also what <c>default(CelValue)</c> is.</summary>
    public static CelValue Null => default;

    /// <summary>The value <c>true</c>.</summary>
    public static CelValue True => new(CelKind.Bool, 1);

    /// <summary>The value <c>false</c>.</summary>
    public static CelValue False => new(CelKind.Bool, 0);

    /// <summary>What kind of value this is.</summary>
    public CelKind Kind
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _kind;
    }

    /// <summary>The name of the value's type in the language, such as <c>int</c> or <c>google.protobuf.Timestamp</c>.</summary>
    public string TypeName => NameOf(_kind);

    internal bool IsError
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _kind == CelKind.Error;
    }

    internal bool IsNumber => _kind is CelKind.Int or CelKind.Uint or CelKind.Double;

    internal long RawInt => _bits;

    internal ulong RawUint => (ulong)_bits;

    internal double RawDouble => BitConverter.Int64BitsToDouble(_bits);

    internal bool RawBool => _bits != 0;

    internal string RawString => Unsafe.As<string>(_object!);

    internal byte[] RawBytes => Unsafe.As<byte[]>(_object!);

    internal CelList RawList => Unsafe.As<CelList>(_object!);

    internal CelMap RawMap => Unsafe.As<CelMap>(_object!);

    internal Fault RawFault => Unsafe.As<Fault>(_object!);

    internal int RawNanos => _nanos;

    /// <summary>A boolean.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CelValue Bool(bool value) => new(CelKind.Bool, value ? 1 : 0);

    /// <summary>A signed integer.</summary>
    public static CelValue Int(long value) => new(CelKind.Int, value);

    /// <summary>An unsigned integer.</summary>
    public static CelValue Uint(ulong value) => new(CelKind.Uint, (long)value);

    /// <summary>A double.</summary>
    public static CelValue Double(double value) => new(CelKind.Double, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A string.</summary>
    public static CelValue String(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(CelKind.String, 0, value);
    }

    /// <summary>Bytes; they are copied.</summary>
    public static CelValue Bytes(ReadOnlySpan<byte> value) => new(CelKind.Bytes, 0, value.ToArray());

    /// <summary>A list of the given values; they are copied.</summary>
    public static CelValue List(params ReadOnlySpan<CelValue> values) => new(CelKind.List, 0, new CelArray(values.ToArray()));

    /// <summary>A list that the host implements.</summary>
    public static CelValue List(CelList list)
    {
        ArgumentNullException.ThrowIfNull(list);
        return new(CelKind.List, 0, list);
    }

    /// <summary>A map that the host implements, for instance one that resolves its entries lazily.</summary>
    public static CelValue Map(CelMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return new(CelKind.Map, 0, map);
    }

    /// <summary>A map of the given entries, in their order.</summary>
    /// <exception cref="ExpressionException"><c>expression.duplicate-key</c>, or <c>expression.type</c> for a key of another kind.</exception>
    public static CelValue Map(IEnumerable<KeyValuePair<CelValue, CelValue>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var map = new CelDictionary(0);
        foreach (var (key, value) in entries)
        {
            if (!IsKeyKind(key.Kind))
            {
                throw new ExpressionException(ExpressionErrorCodes.Type, $"a map key is int, uint, bool or string, not {key.TypeName}");
            }

            if (!map.TryAdd(key, value))
            {
                throw new ExpressionException(ExpressionErrorCodes.DuplicateKey, $"the key {key} occurs twice");
            }
        }

        return Map(map);
    }

    /// <summary>A point in time.</summary>
    /// <param name="seconds">Seconds since 1970-01-01T00:00:00Z, within the years 1 to 9999.</param>
    /// <param name="nanoseconds">0 to 999,999,999, added to the seconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is outside the years 1 to 9999.</exception>
    public static CelValue Timestamp(long seconds, int nanoseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(nanoseconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nanoseconds, 999_999_999);
        ArgumentOutOfRangeException.ThrowIfLessThan(seconds, CelTime.MinSeconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seconds, CelTime.MaxSeconds);
        return RawTimestamp(seconds, nanoseconds);
    }

    /// <summary>A point in time, to the 100 nanoseconds that <see cref="DateTimeOffset"/> knows.</summary>
    public static CelValue Timestamp(DateTimeOffset value)
    {
        var ticks = value.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        var seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var rest);
        return rest < 0
            ? RawTimestamp(seconds - 1, (int)(rest + TimeSpan.TicksPerSecond) * 100)
            : RawTimestamp(seconds, (int)rest * 100);
    }

    /// <summary>A span of time in nanoseconds.</summary>
    public static CelValue Duration(long nanoseconds) => new(CelKind.Duration, nanoseconds);

    /// <summary>The boolean.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public bool AsBool() => Expect(CelKind.Bool)._bits != 0;

    /// <summary>The signed integer.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public long AsInt() => Expect(CelKind.Int)._bits;

    /// <summary>The unsigned integer.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public ulong AsUint() => (ulong)Expect(CelKind.Uint)._bits;

    /// <summary>The double.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public double AsDouble() => Expect(CelKind.Double).RawDouble;

    /// <summary>The string.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public string AsString() => Expect(CelKind.String).RawString;

    /// <summary>The bytes.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public ReadOnlyMemory<byte> AsBytes() => Expect(CelKind.Bytes).RawBytes;

    /// <summary>The list.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public CelList AsList() => Expect(CelKind.List).RawList;

    /// <summary>The map.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public CelMap AsMap() => Expect(CelKind.Map).RawMap;

    /// <summary>Seconds since 1970-01-01T00:00:00Z and the nanoseconds (0 to 999,999,999) within the second.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public (long Seconds, int Nanoseconds) AsTimestamp() => (Expect(CelKind.Timestamp)._bits, _nanos);

    /// <summary>The duration in nanoseconds.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public long AsDuration() => Expect(CelKind.Duration)._bits;

    /// <summary>Whether the values are equal as <c>==</c> of the language says; NaN equals nothing, not even itself.</summary>
    public bool Equals(CelValue other)
    {
        var unlimited = Evaluation.Unlimited();
        return CelComparison.AreEqual(ref unlimited, this, other, 0);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CelValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => CelComparison.HashOf(this);

    /// <summary>Whether the values are equal as <c>==</c> of the language says.</summary>
    public static bool operator ==(CelValue left, CelValue right) => left.Equals(right);

    /// <summary>Whether the values differ as <c>!=</c> of the language says.</summary>
    public static bool operator !=(CelValue left, CelValue right) => !left.Equals(right);

    /// <summary>The value for a person to read: text form, with strings and keys quoted. Not meant to be parsed.</summary>
    public override string ToString() => _kind switch
    {
        CelKind.String => Quoting.Quote(RawString),
        CelKind.Error => $"error({RawFault.Code}: {RawFault.Message})",
        CelKind.Uint => ToText() + "u",
        _ => CelText.Describe(this),
    };

    internal static CelValue RawTimestamp(long seconds, int nanoseconds) => new(CelKind.Timestamp, seconds, null, nanoseconds);

    internal static CelValue WrapBytes(byte[] value) => new(CelKind.Bytes, 0, value);

    internal static CelValue WrapString(string value) => new(CelKind.String, 0, value);

    internal static CelValue WrapArray(CelValue[] values) => new(CelKind.List, 0, new CelArray(values));

    internal static CelValue Type(string name) => new(CelKind.Type, 0, name);

    internal static CelValue Error(Fault fault) => new(CelKind.Error, 0, fault);

    internal static bool IsKeyKind(CelKind kind) => kind is CelKind.String or CelKind.Int or CelKind.Uint or CelKind.Bool;

    internal static string NameOf(CelKind kind) => kind switch
    {
        CelKind.Null => "null_type",
        CelKind.Bool => "bool",
        CelKind.Int => "int",
        CelKind.Uint => "uint",
        CelKind.Double => "double",
        CelKind.String => "string",
        CelKind.Bytes => "bytes",
        CelKind.List => "list",
        CelKind.Map => "map",
        CelKind.Timestamp => "google.protobuf.Timestamp",
        CelKind.Duration => "google.protobuf.Duration",
        CelKind.Type => "type",
        _ => "error",
    };

    private CelValue Expect(CelKind kind) =>
        _kind == kind ? this : throw new InvalidOperationException($"The value is of type {TypeName}, not {NameOf(kind)}.");
}
