using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Access;
using Countersign.Canonical;
using Countersign.Language;
using Countersign.Steps;

namespace Countersign.Orchestration;

/// <summary>One thing that is wrong with what was sent.</summary>
/// <param name="Pointer">Where, as a JSON pointer into the input or profile.</param>
/// <param name="Message">What rule it breaks.</param>
public sealed record FieldError(string Pointer, string Message);

/// <summary>Input or profile of a run is not what its definition asks for; nothing was started.</summary>
/// <param name="code"><c>run.input-invalid</c>, <c>run.profile-invalid</c> or <c>run.profile-closed</c>.</param>
/// <param name="errors">Each field and the rule it breaks.</param>
public sealed class InputInvalidException(string code, ImmutableArray<FieldError> errors)
    : Exception(string.Join("; ", errors.Select(error => $"{(error.Pointer.Length == 0 ? "/" : error.Pointer)}: {error.Message}")))
{
    /// <summary>The stable code.</summary>
    public string Code { get; } = code;

    /// <summary>Each field and the rule it breaks.</summary>
    public ImmutableArray<FieldError> Errors { get; } = errors;
}

/// <summary>Checks what a run is started with.</summary>
internal static class InputCheck
{
    /// <summary>Fills in the defaults of the definition's input schema and checks the result against it.</summary>
    /// <exception cref="InputInvalidException">The input breaks the schema.</exception>
    public static JsonElement Input(Definition definition, JsonElement given)
    {
        if (definition.InputSchema is not { } schema)
        {
            return given;
        }

        var input = schema.FillDefaults(given);
        var result = schema.Validate(input);
        if (!result.Valid)
        {
            throw new InputInvalidException("run.input-invalid", [.. result.Errors.Select(error => new FieldError("/input" + error.FieldLocation, error.Message))]);
        }

        return input;
    }

    /// <summary>The canonical form of input or profile.</summary>
    /// <exception cref="InputInvalidException">It has none.</exception>
    public static byte[] Canonical(string name, JsonElement value)
    {
        try
        {
            return CanonicalJson.ToBytes(value);
        }
        catch (CanonicalJsonException error)
        {
            throw Invalid(name, error);
        }
    }

    /// <summary>What input or profile without a canonical form is told.</summary>
    public static InputInvalidException Invalid(string name, CanonicalJsonException error) =>
        new($"run.{name}-invalid", [new FieldError($"/{name}{error.Pointer}", error.Rule)]);

    /// <summary>The definition's profile with the overrides laid over it.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="overrides">The overrides: an object; null for none.</param>
    /// <param name="requester">The person who started the run, or the run that calls this one.</param>
    /// <returns>The profile, and the overrides that change something.</returns>
    /// <exception cref="InputInvalidException">A key is not declared, or not open to the person.</exception>
    public static (JsonElement Profile, ImmutableArray<JsonProperty> Changed) Profile(Definition definition, JsonElement? overrides, Principal requester)
    {
        if (overrides is not { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } given)
        {
            return (definition.Profile, []);
        }

        if (given.ValueKind is not JsonValueKind.Object)
        {
            throw new InputInvalidException("run.profile-invalid", [new FieldError("/profile", "must be an object")]);
        }

        var unknown = given.EnumerateObject().Where(property => !definition.Profile.TryGetProperty(property.Name, out _)).ToImmutableArray();
        if (unknown.Length > 0)
        {
            throw new InputInvalidException("run.profile-invalid", [.. unknown.Select(property =>
                new FieldError($"/profile/{property.Name}", "is not declared in the definition's profile"))]);
        }

        var changed = given.EnumerateObject().Where(property => !JsonElement.DeepEquals(property.Value, definition.Profile.GetProperty(property.Name))).ToImmutableArray();
        var closed = changed.Where(property => !IsOpen(definition, property.Name, requester)).ToImmutableArray();
        if (closed.Length > 0)
        {
            throw new InputInvalidException("run.profile-closed", [.. closed.Select(property => new FieldError($"/profile/{property.Name}", Closed(definition, property.Name, requester)))]);
        }

        var merged = definition.Profile.EnumerateObject().ToDictionary(
            property => property.Name,
            property => given.TryGetProperty(property.Name, out var other) ? other : property.Value,
            StringComparer.Ordinal);
        return (JsonSerializer.SerializeToElement(merged, MergedJson.Default.DictionaryStringJsonElement), changed);
    }

    private static bool IsOpen(Definition definition, string key, Principal requester) =>
        definition.ProfileRoles.TryGetValue(key, out var roles) && (requester.Is(Role.Admin) || roles.Any(requester.Is));

    private static string Closed(Definition definition, string key, Principal requester) => definition.ProfileRoles.TryGetValue(key, out var roles)
        ? $"can be overridden by the role {string.Join(" or ", roles)} only; '{requester.User}' has {(requester.Roles.IsEmpty ? "no role" : string.Join(", ", requester.Roles))}"
        : "cannot be overridden: the definition opens it to no role";
}

[System.Text.Json.Serialization.JsonSerializable(typeof(Dictionary<string, JsonElement>))]
internal sealed partial class MergedJson : System.Text.Json.Serialization.JsonSerializerContext;
