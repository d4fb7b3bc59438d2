using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Access;

namespace Countersign.Language;

/// <summary>
/// Reads <c>profile</c>: each key holds a value that no person may override, or <c>{ value, override }</c>, which people of a role may.
/// </summary>
internal static class ProfileKeys
{
    public const string Value = "value";
    public const string Override = "override";

    /// <summary>Whether what stands under a key opens it to roles.</summary>
    public static bool IsOpen(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Object && entry.GetPropertyCount() == 2 && entry.TryGetProperty(Value, out _) && entry.TryGetProperty(Override, out var roles) && AreRoles(roles);

    /// <summary>The values alone: what <c>context.profile</c> is without an override.</summary>
    public static JsonElement ValuesOf(JsonElement profile)
    {
        if (profile.ValueKind != JsonValueKind.Object || !profile.EnumerateObject().Any(key => IsOpen(key.Value)))
        {
            return profile;
        }

        var values = new JsonObject();
        foreach (var key in profile.EnumerateObject())
        {
            var value = IsOpen(key.Value) ? key.Value.GetProperty(Value) : key.Value;
            values[key.Name] = JsonNode.Parse(value.GetRawText());
        }

        return JsonSerializer.SerializeToElement(values, ProfileJson.Default.JsonObject);
    }

    /// <summary>The roles that each open key is open to.</summary>
    public static ImmutableDictionary<string, ImmutableArray<string>> RolesOf(JsonElement profile) => profile.EnumerateObject()
        .Where(key => IsOpen(key.Value))
        .ToImmutableDictionary(key => key.Name, key => RolesIn(key.Value.GetProperty(Override)), StringComparer.Ordinal);

    private static bool AreRoles(JsonElement roles) => roles.ValueKind switch
    {
        JsonValueKind.String => Role.All.Contains(roles.GetString()!),
        JsonValueKind.Array => roles.GetArrayLength() > 0 && roles.EnumerateArray().All(role => role.ValueKind == JsonValueKind.String && Role.All.Contains(role.GetString()!)),
        _ => false,
    };

    private static ImmutableArray<string> RolesIn(JsonElement roles) =>
        roles.ValueKind == JsonValueKind.Array ? [.. roles.EnumerateArray().Select(role => role.GetString()!)] : [roles.GetString()!];
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonObject))]
internal sealed partial class ProfileJson : System.Text.Json.Serialization.JsonSerializerContext;
