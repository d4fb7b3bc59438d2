namespace Countersign.Expressions;

/// <summary>The built-in functions: what they are called, take and give, and what computes them.</summary>
internal static class FunctionTable
{
    private static readonly Dictionary<(string Name, bool IsMember, int Arity), Builtin> Table = [];

    static FunctionTable()
    {
        Register(new Unary(TextFunctions.Size),
            "size(string) -> int", "size(bytes) -> int", "size(list) -> int", "size(map) -> int",
            "string.size() -> int", "bytes.size() -> int", "list.size() -> int", "map.size() -> int");
        RegisterText();
        RegisterConversions();
        RegisterTimes();
        RegisterMath();
    }

    internal static IEnumerable<Signature> Signatures => Table.Values.SelectMany(builtin => builtin.Signatures);

    internal static Builtin? Find(string name, bool isMember, int arity) => Table.GetValueOrDefault((name, isMember, arity));

    /// <summary>Whether a function or macro of that name exists, whatever its arguments.</summary>
    internal static bool IsBuiltIn(string name) =>
        MacroCall.Names.Contains(name) || Table.Keys.Any(key => key.Name == name);

    /// <summary>The ways to call a name, for messages.</summary>
    internal static IEnumerable<Signature> Named(string name, bool isMember) =>
        Signatures.Where(signature => signature.Name == name && signature.IsMember == isMember);

    /// <summary>All names, for suggestions.</summary>
    internal static IEnumerable<string> Names => Table.Keys.Select(key => key.Name).Concat(MacroCall.Names).Distinct();

    private static void RegisterText()
    {
        Register(new Binary(TextFunctions.Contains), "string.contains(string) -> bool");
        Register(new Binary(TextFunctions.StartsWith), "string.startsWith(string) -> bool");
        Register(new Binary(TextFunctions.EndsWith), "string.endsWith(string) -> bool");
        Register(new Binary(MatchFunction.Matches), "matches(string, string) -> bool", "string.matches(string) -> bool");
        Register(new Binary(TextFunctions.CharAt), "string.charAt(int) -> string");
        Register(new Variadic(TextFunctions.IndexOf), "string.indexOf(string) -> int", "string.indexOf(string, int) -> int");
        Register(new Variadic(TextFunctions.LastIndexOf), "string.lastIndexOf(string) -> int", "string.lastIndexOf(string, int) -> int");
        Register(new Variadic(TextFunctions.Join), "list(string).join() -> string", "list(string).join(string) -> string");
        Register(new Unary(TextFunctions.LowerAscii), "string.lowerAscii() -> string");
        Register(new Unary(TextFunctions.UpperAscii), "string.upperAscii() -> string");
        Register(new Variadic(TextFunctions.Replace), "string.replace(string, string) -> string", "string.replace(string, string, int) -> string");
        Register(new Variadic(TextFunctions.Split), "string.split(string) -> list(string)", "string.split(string, int) -> list(string)");
        Register(new Variadic(TextFunctions.Substring), "string.substring(int) -> string", "string.substring(int, int) -> string");
        Register(new Unary(TextFunctions.Trim), "string.trim() -> string");
        Register(new Unary(TextFunctions.Reverse), "string.reverse() -> string");
        Register(new Binary(FormatFunction.Format), "string.format(list) -> string");
        Register(new Unary(TextFunctions.Quote), "strings.quote(string) -> string");
        Register(new Unary(MathFunctions.Encode), "base64.encode(bytes) -> string");
        Register(new Unary(MathFunctions.Decode), "base64.decode(string) -> bytes");
        Register(new Unary(EncodingFunctions.Base64), "base64(string) -> string", "base64(bytes) -> string");
        Register(new Unary(EncodingFunctions.Sha256), "sha256(string) -> string", "sha256(bytes) -> string");
        Register(new Unary(EncodingFunctions.UrlEncode),
            "urlEncode(string) -> string", "urlEncode(bool) -> string", "urlEncode(int) -> string", "urlEncode(uint) -> string", "urlEncode(double) -> string");
    }

    private static void RegisterConversions()
    {
        Register(new Unary(Conversions.ToBool), "bool(bool) -> bool", "bool(string) -> bool");
        Register(new Unary(Conversions.ToInt),
            "int(int) -> int", "int(uint) -> int", "int(double) -> int", "int(string) -> int", "int(timestamp) -> int");
        Register(new Unary(Conversions.ToUint), "uint(uint) -> uint", "uint(int) -> uint", "uint(double) -> uint", "uint(string) -> uint");
        Register(new Unary(Conversions.ToDouble),
            "double(double) -> double", "double(int) -> double", "double(uint) -> double", "double(string) -> double");
        Register(new Unary(Conversions.ToText),
            "string(string) -> string", "string(bool) -> string", "string(int) -> string", "string(uint) -> string", "string(double) -> string",
            "string(bytes) -> string", "string(timestamp) -> string", "string(duration) -> string");
        Register(new Unary(Conversions.ToBytes), "bytes(bytes) -> bytes", "bytes(string) -> bytes");
        Register(new Unary(Conversions.ToTimestamp),
            "timestamp(timestamp) -> timestamp", "timestamp(string) -> timestamp", "timestamp(int) -> timestamp");
        Register(new Unary(Conversions.ToDuration), "duration(duration) -> duration", "duration(string) -> duration");
        Register(new Unary(Conversions.TypeOf), "type(any) -> type");
        Register(new Unary(Conversions.Dynamic), "dyn(any) -> dyn");
    }

    private static void RegisterTimes()
    {
        const long Second = CelTime.NanosPerSecond;
        Time("getFullYear", static (t, _) => t.Year);
        Time("getMonth", static (t, _) => t.Month - 1);
        Time("getDate", static (t, _) => t.Day);
        Time("getDayOfMonth", static (t, _) => t.Day - 1);
        Time("getDayOfWeek", static (t, _) => t.Weekday);
        Time("getDayOfYear", static (t, _) => t.DayOfYear);
        Time("getHours", static (t, _) => t.Hour, static d => d / (3600 * Second));
        Time("getMinutes", static (t, _) => t.Minute, static d => d / (60 * Second));
        Time("getSeconds", static (t, _) => t.Second, static d => d / Second);
        Time("getMilliseconds", static (_, nanos) => nanos / 1_000_000, static d => d % Second / 1_000_000);
    }

    private static void RegisterMath()
    {
        Extreme("math.greatest", 1);
        Extreme("math.least", -1);
        Register(MathFunctions.OfDouble("math.ceil", Math.Ceiling), "math.ceil(double) -> double");
        Register(MathFunctions.OfDouble("math.floor", Math.Floor), "math.floor(double) -> double");
        Register(
            MathFunctions.OfDouble("math.round", static x => Math.Round(x, MidpointRounding.AwayFromZero)), "math.round(double) -> double");
        Register(MathFunctions.OfDouble("math.trunc", Math.Truncate), "math.trunc(double) -> double");
        Register(MathFunctions.OfDouble("math.sqrt", Math.Sqrt), "math.sqrt(double) -> double");
        Register(new Unary(MathFunctions.Abs), "math.abs(int) -> int", "math.abs(uint) -> uint", "math.abs(double) -> double");
        Register(new Unary(MathFunctions.Sign), "math.sign(int) -> int", "math.sign(uint) -> uint", "math.sign(double) -> double");
        Register(MathFunctions.TestDouble("math.isNaN", double.IsNaN), "math.isNaN(double) -> bool");
        Register(MathFunctions.TestDouble("math.isInf", double.IsInfinity), "math.isInf(double) -> bool");
        Register(MathFunctions.TestDouble("math.isFinite", double.IsFinite), "math.isFinite(double) -> bool");
        Bits("math.bitAnd", static (a, b) => a & b);
        Bits("math.bitOr", static (a, b) => a | b);
        Bits("math.bitXor", static (a, b) => a ^ b);
        Register(new Unary(MathFunctions.BitNot), "math.bitNot(int) -> int", "math.bitNot(uint) -> uint");
        Shift("math.bitShiftLeft", static (a, n) => a << n);
        Shift("math.bitShiftRight", static (a, n) => a >> n);
    }

    private static void Time(string name, Func<CivilTime, int, long> part, Func<long, long>? ofDuration = null)
    {
        var body = TimeFunctions.Accessor(name, part, ofDuration);
        Register(body, $"timestamp.{name}() -> int", $"timestamp.{name}(string) -> int");
        if (ofDuration is not null)
        {
            Register(body, $"duration.{name}() -> int");
        }
    }

    /// <summary>One number or list, up to eight numbers.</summary>
    private static void Extreme(string name, int wanted)
    {
        var body = MathFunctions.Extreme(name, wanted);
        Register(body, $"{name}(list) -> any");
        for (var count = 1; count <= 8; count++)
        {
            Register(body, $"{name}({string.Join(", ", Enumerable.Repeat("any", count))}) -> any");
        }
    }

    private static void Bits(string name, Func<ulong, ulong, ulong> function) =>
        Register(MathFunctions.Bits(name, function), $"{name}(int, int) -> int", $"{name}(uint, uint) -> uint");

    private static void Shift(string name, Func<ulong, int, ulong> function) =>
        Register(MathFunctions.Shift(name, function), $"{name}(int, int) -> int", $"{name}(uint, int) -> uint");

    private static void Register(Delegate body, params ReadOnlySpan<string> signatures)
    {
        foreach (var text in signatures)
        {
            var signature = Signature.Parse(text);
            var key = (signature.Name, signature.IsMember, signature.Parameters.Length);
            if (Table.TryGetValue(key, out var existing))
            {
                existing.Signatures.Add(signature);
            }
            else
            {
                Table.Add(key, new Builtin(body, [signature]));
            }
        }
    }
}

/// <summary>Names that stand for types when the scope does not know them otherwise.</summary>
internal static class TypeNames
{
    internal const string Timestamp = "google.protobuf.Timestamp";
    internal const string Duration = "google.protobuf.Duration";

    private static readonly HashSet<string> Names =
        ["bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type", Timestamp, Duration];

    internal static bool TryGet(string name, out string type)
    {
        type = name;
        return Names.Contains(name);
    }

    /// <summary>The dotted name that a chain of selections spells, or <c>null</c>.</summary>
    internal static string? Qualified(SyntaxNode node) => node switch
    {
        NameSyntax name => name.Name,
        SelectSyntax select when Qualified(select.Operand) is { } prefix => $"{prefix}.{select.Field}",
        _ => null,
    };
}
