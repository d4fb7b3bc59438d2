using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Countersign.Api.Problems;

/// <summary>Says what is wrong with a body: which field, and which rule it breaks.</summary>
internal static class BodyErrors
{
    /// <summary>A body, or a field of it, that breaks a rule.</summary>
    /// <param name="pointer">Where, as a JSON pointer; empty for the body itself.</param>
    /// <param name="rule">What it breaks, continuing from the name of the field.</param>
    public static ApiException Invalid(string pointer, string rule) =>
        new("request.body-invalid", 400, $"The body is not valid: {(pointer.Length == 0 ? "it" : pointer)} {rule}.", [new(pointer, rule)]);

    /// <summary>What the reader of JSON meant.</summary>
    /// <param name="body">The body.</param>
    /// <param name="type">What it was read as.</param>
    /// <param name="exception">What the reader threw.</param>
    public static ApiException Of(ReadOnlySpan<byte> body, JsonTypeInfo type, JsonException exception)
    {
        if (body.Trim(" \t\r\n"u8).IsEmpty)
        {
            return Invalid("", "is empty; send a JSON object");
        }

        if (!Utf8.IsValid(body))
        {
            return Invalid("", "is not valid UTF-8");
        }

        return Malformed(body) is { } broken ? Invalid("", broken)
            : MissingIn(exception) is { Length: > 0 } missing ? Missing(PointerOf(exception), missing)
            : Invalid(PointerOf(exception), RuleOf(type, exception));
    }

    /// <summary>Refuses null for a field that has a type of ours: a field is left out where it has no value.</summary>
    public static void RefuseNull(ReadOnlySpan<byte> body, JsonTypeInfo type)
    {
        // Most bodies do not have the word at all.
        if (body.IndexOf("null"u8) >= 0)
        {
            RefuseNull(JsonElement.Parse(body), type, "");
        }
    }

    private static void RefuseNull(JsonElement value, JsonTypeInfo type, string pointer)
    {
        if (value.ValueKind is JsonValueKind.Array && type.ElementType is { } element && type.Options.TryGetTypeInfo(element, out var items))
        {
            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                var place = string.Create(CultureInfo.InvariantCulture, $"{pointer}/{index++}");
                if (item.ValueKind is JsonValueKind.Null)
                {
                    throw Invalid(place, "must not be null");
                }

                RefuseNull(item, items, place);
            }
        }

        if (value.ValueKind is not JsonValueKind.Object || type.Kind is not JsonTypeInfoKind.Object)
        {
            return;
        }

        foreach (var property in type.Properties)
        {
            if (!value.TryGetProperty(property.Name, out var field))
            {
                continue;
            }

            var place = $"{pointer}/{property.Name}";
            if (field.ValueKind is JsonValueKind.Null)
            {
                throw Invalid(place, "must not be null; leave the field out instead");
            }

            if (type.Options.TryGetTypeInfo(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, out var inner))
            {
                RefuseNull(field, inner, place);
            }
        }
    }

    private static ApiException Missing(string pointer, string[] names) => new(
        "request.body-invalid", 400, $"The body lacks required fields: {string.Join(", ", names)}.",
        [.. names.Select(name => new Countersign.Orchestration.FieldError($"{pointer}/{name}", "is required"))]);

    // System.Text.Json lists them at the end of its message: 'a', 'b'.
    private static string[] MissingIn(JsonException exception) => exception.Message.Contains("missing required", StringComparison.Ordinal)
        ? [.. exception.Message[(exception.Message.LastIndexOf(':') + 1)..].Split('\'').Where((_, index) => index % 2 == 1)]
        : [];

    private static string? Malformed(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            while (reader.Read())
            {
            }

            return null;
        }
        catch (JsonException broken)
        {
            return broken.Message.Contains("maximum configured depth", StringComparison.Ordinal) ? "is nested more than 64 deep" : string.Create(
                CultureInfo.InvariantCulture, $"is not well-formed JSON (line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1} of the line)");
        }
    }

    // System.Text.Json names the place as $.a[0]['a name with signs'].
    private static string PointerOf(JsonException exception)
    {
        var path = exception.Path.AsSpan();
        var pointer = new StringBuilder();
        for (var at = 1; at < path.Length;)
        {
            var isQuoted = path[at..].StartsWith("['");
            var name = path[(at + (isQuoted ? 2 : 1))..];
            var end = isQuoted ? name.IndexOf("']") : path[at] == '[' ? name.IndexOf(']') : name.IndexOfAny('.', '[');
            end = end < 0 ? name.Length : end;
            pointer.Append('/').Append(name[..end].ToString().Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
            at = path.Length - name.Length + end + (isQuoted ? 2 : path[at] == '[' ? 1 : 0);
        }

        return pointer.ToString();
    }

    private static string RuleOf(JsonTypeInfo type, JsonException exception)
    {
        if (exception.Message.Contains("could not be mapped", StringComparison.Ordinal))
        {
            return "is not a field of this body";
        }

        if (exception.Message.StartsWith("Duplicate property", StringComparison.Ordinal))
        {
            return "holds a name twice: " + exception.Message.Split('\'')[1];
        }

        return exception.InnerException?.Message.Contains("UTF-16", StringComparison.Ordinal) is true
            ? "holds half of a surrogate pair"
            : $"must be {Wanted(TypeAt(type, PointerOf(exception)))}";
    }

    private static Type TypeAt(JsonTypeInfo type, string pointer)
    {
        foreach (var name in pointer.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = type.ElementType ?? type.Properties.FirstOrDefault(property => property.Name == name)?.PropertyType;
            if (next is null)
            {
                break;
            }

            type = type.Options.GetTypeInfo(Nullable.GetUnderlyingType(next) ?? next);
        }

        return type.Type;
    }

    private static string Wanted(Type type) => type switch
    {
        _ when type == typeof(string) => "a text",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(DateTimeOffset) => "a time such as 2026-01-31T12:00:00Z",
        { IsEnum: true } => $"one of {string.Join(", ", Enum.GetNames(type)).ToLowerInvariant()}",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(double) || type == typeof(decimal) => "a number",
        _ when type.IsAssignableTo(typeof(System.Collections.IEnumerable)) && !type.Name.Contains("Dictionary", StringComparison.Ordinal) => "an array",
        _ => "an object",
    };
}
