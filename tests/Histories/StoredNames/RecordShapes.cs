using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Countersign.Histories.Tests.StoredNames;

/// <summary>What stored records look like: each member by the name under which it is written, and the names of each enum.</summary>
internal static class RecordShapes
{
    /// <summary>The lines of all records that the contexts of an assembly can write, and of what these contain.</summary>
    public static IEnumerable<string> Of(Assembly assembly, Func<Type, bool> isStored) => assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(JsonSerializerContext)) && isStored(type))
        .OrderBy(type => type.Name, StringComparer.Ordinal)
        .SelectMany(Of);

    private static IEnumerable<string> Of(Type type)
    {
        var context = (JsonSerializerContext)type.GetProperty("Default", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
        var roots = type.GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType == typeof(JsonSerializableAttribute))
            .Select(attribute => (Type)attribute.ConstructorArguments[0].Value!);
        var seen = new HashSet<Type>();
        return roots.SelectMany(root => Walk(context, root, seen)).Select(line => $"{type.Name}: {line}");
    }

    private static IEnumerable<string> Walk(JsonSerializerContext context, Type type, HashSet<Type> seen)
    {
        if (!seen.Add(type) || context.GetTypeInfo(type) is not { } info)
        {
            yield break;
        }

        var inner = info.Kind switch
        {
            JsonTypeInfoKind.Object => info.Properties.Where(Written).Select(property => property.PropertyType),
            JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary => [info.ElementType!],
            _ => Nullable.GetUnderlyingType(type) is { } value ? [value] : [],
        };
        foreach (var line in Lines(info, context.Options))
        {
            yield return line;
        }

        foreach (var line in inner.ToArray().SelectMany(next => Walk(context, next, seen)))
        {
            yield return line;
        }
    }

    private static IEnumerable<string> Lines(JsonTypeInfo info, JsonSerializerOptions options) => info switch
    {
        { Kind: JsonTypeInfoKind.Object } => info.Properties.Where(Written)
            .OrderBy(property => property.Name, StringComparer.Ordinal)
            .Select(property => $"{info.Type.Name}.{property.Name}: {Name(property.PropertyType)}{(property.IsRequired ? ", required" : "")}"),
        { Type.IsEnum: true } => Enum.GetValues(info.Type).Cast<object>()
            .Select(value => $"{info.Type.Name} {Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)}: {JsonSerializer.Serialize(value, info.Type, options)}"),
        _ => [],
    };

    private static bool Written(JsonPropertyInfo property) => property.Get is not null;

    private static string Name(Type type) => Nullable.GetUnderlyingType(type) is { } value
        ? Name(value) + "?"
        : type.IsArray
            ? Name(type.GetElementType()!) + "[]"
            : type.IsGenericType
                ? $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
                : type.Name;
}
