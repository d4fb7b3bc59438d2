using System.Globalization;
using System.Text.Json;

namespace Countersign.Language;

/// <summary>True or false.</summary>
internal sealed class FlagType : FieldType<bool>
{
    public static FlagType Instance { get; } = new();

    public override string Words => "boolean";

    public override bool TryRead(Node node, ReadContext context, out bool value)
    {
        value = node.Text == "true";
        return node.Kind == NodeKind.Boolean || Wrong(node, context, out value);
    }

    public override void Write(Utf8JsonWriter writer, bool value) => writer.WriteBooleanValue(value);

    public override void WriteSchema(SchemaWriter schema) => schema.Simple("boolean");
}

/// <summary>A whole number of a range.</summary>
internal sealed class IntegerType(int least, int most) : FieldType<int>
{
    public override string Words => string.Create(CultureInfo.InvariantCulture, $"integer, {least} to {most}");

    public override bool TryRead(Node node, ReadContext context, out int value)
    {
        value = 0;
        if (node.Kind != NodeKind.Number)
        {
            return Wrong(node, context, out value);
        }

        double number = double.Parse(node.Text, CultureInfo.InvariantCulture);
        if (number != Math.Truncate(number))
        {
            return Refuse(node, context, ProblemCodes.WrongType, $"'{node.Key}' must be a whole number, not {node.Text}.", out value);
        }

        if (number < least || number > most)
        {
            return Refuse(node, context, ProblemCodes.OutOfRange, $"{node.Text} is out of range; {least} to {most} are allowed.", out value);
        }

        value = (int)number;
        return true;
    }

    public override void Write(Utf8JsonWriter writer, int value) => writer.WriteNumberValue(value);

    public override void WriteSchema(SchemaWriter schema) => schema.Simple("integer", ("minimum", least), ("maximum", most));
}

/// <summary>A whole number that a double holds exactly.</summary>
internal sealed class SeedType : FieldType<long>
{
    private const long Most = 9007199254740991;

    public static SeedType Instance { get; } = new();

    public override string Words => "integer";

    public override bool TryRead(Node node, ReadContext context, out long value)
    {
        value = 0;
        if (node.Kind != NodeKind.Number)
        {
            return Wrong(node, context, out value);
        }

        double number = double.Parse(node.Text, CultureInfo.InvariantCulture);
        if (number != Math.Truncate(number))
        {
            return Refuse(node, context, ProblemCodes.WrongType, $"'{node.Key}' must be a whole number, not {node.Text}.", out value);
        }

        if (Math.Abs(number) > Most)
        {
            return Refuse(node, context, ProblemCodes.OutOfRange, $"{node.Text} is out of range; at most {Most} is allowed.", out value);
        }

        value = (long)number;
        return true;
    }

    public override void Write(Utf8JsonWriter writer, long value) => writer.WriteNumberValue(value);

    public override void WriteSchema(SchemaWriter schema) => schema.Simple("integer", ("minimum", -(double)Most), ("maximum", (double)Most));
}

/// <summary>A number of a range.</summary>
internal sealed class NumberType(double least, double most, bool aboveLeast = false) : FieldType<double>
{
    /// <summary>Any number.</summary>
    public static NumberType Any { get; } = new(double.MinValue, double.MaxValue);

    public override string Words
        => least == double.MinValue ? "number"
            : string.Create(CultureInfo.InvariantCulture, $"number, {(aboveLeast ? "above " : "")}{least} to {most}");

    public override bool TryRead(Node node, ReadContext context, out double value)
    {
        value = 0;
        if (node.Kind != NodeKind.Number)
        {
            return Wrong(node, context, out value);
        }

        value = double.Parse(node.Text, CultureInfo.InvariantCulture);
        return value <= most && (aboveLeast ? value > least : value >= least)
            || Refuse(node, context, ProblemCodes.OutOfRange, $"{node.Text} is out of range; it must be a {Words}.", out value);
    }

    public override void Write(Utf8JsonWriter writer, double value) => writer.WriteNumberValue(value);

    public override void WriteSchema(SchemaWriter schema)
    {
        if (least == double.MinValue)
        {
            schema.Simple("number");
        }
        else
        {
            schema.Simple("number", (aboveLeast ? "exclusiveMinimum" : "minimum", least), ("maximum", most));
        }
    }
}

/// <summary>A length of time of a range.</summary>
internal sealed class DurationType(TimeSpan least, TimeSpan most) : FieldType<TimeSpan>
{
    /// <summary>The form of a length of time, for validators; units come largest first.</summary>
    public const string Pattern = "^([0-9]{1,12}d)?([0-9]{1,12}h)?([0-9]{1,12}m)?([0-9]{1,12}s)?([0-9]{1,12}ms)?$";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>How long people and events are waited for: 1 s to 366 days.</summary>
    public static DurationType Wait { get; } = new(Second, TimeSpan.FromDays(366));

    /// <summary>How long a step may take: 1 ms to 366 days.</summary>
    public static DurationType Limit { get; } = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(366));

    public override string Words => $"duration, {Duration.Format(least)} to {Duration.Format(most)}";

    public override bool TryRead(Node node, ReadContext context, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        if (node.Kind == NodeKind.Number)
        {
            return Refuse(node, context, ProblemCodes.BadDuration, $"A duration needs a unit: {node.Text}s, {node.Text}m or {node.Text}h.", out value);
        }

        if (node.Kind != NodeKind.Text)
        {
            return Wrong(node, context, out value);
        }

        if (!Duration.TryParse(node.Text, out value))
        {
            return Refuse(node, context, ProblemCodes.BadDuration, $"'{node.Text}' is no duration such as 90s, 1h30m or 7d.", out value);
        }

        return (value >= least && value <= most)
            || Refuse(node, context, ProblemCodes.OutOfRange, $"{node.Text} is out of range; {Duration.Format(least)} to {Duration.Format(most)} are allowed.", out value);
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value) => writer.WriteStringValue(Duration.Format(value));

    public override void WriteSchema(SchemaWriter schema) => schema.Simple("string", ("pattern", Pattern), ("minLength", 1), ("maxLength", 40));
}
