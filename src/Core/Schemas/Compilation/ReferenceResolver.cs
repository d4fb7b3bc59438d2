using System.Globalization;
using System.Text.Json;

namespace Countersign.Schemas.Compilation;

/// <summary>Finds the schema a reference names (Core 2020-12, sections 8.2.3 and 9.2).</summary>
internal sealed class ReferenceResolver(SchemaLibrary library)
{
    // JsonElement finds a member by looking at all of them; many references into one large object would be quadratic.
    private const int Large = 16;

    private readonly Dictionary<(SchemaDocument Document, string Pointer), Dictionary<string, JsonElement>> members = [];

    /// <summary>Resolves a reference made in a resource.</summary>
    /// <param name="from">The resource whose base URI applies.</param>
    /// <param name="reference">The text of <c>$ref</c> or <c>$dynamicRef</c>.</param>
    /// <param name="place">The schema.</param>
    /// <param name="anchor">The dynamic anchor it was found by; null where it was found otherwise.</param>
    /// <param name="obstacle">Why there is none.</param>
    public bool TryResolve(SchemaResource from, string reference, out SchemaPlace place, out string? anchor, out string obstacle)
    {
        place = default;
        anchor = null;
        string uri = UriText.Resolve(from.Uri, reference);
        string root = UriText.WithoutFragment(uri);
        string fragment = UriText.Fragment(uri);
        SchemaResource? resource = library.Find(root);
        if (resource is null)
        {
            obstacle = $"{root} is not among the given documents; nothing is fetched";
            return false;
        }

        obstacle = $"there is no schema at {uri}";
        if (fragment.Length == 0 || fragment[0] == '/')
        {
            return TryFollow(resource, fragment, out place);
        }

        if (!resource.Anchors.TryGetValue(fragment, out SchemaAnchor? named))
        {
            return false;
        }

        anchor = named.Dynamic ? fragment : null;
        place = new SchemaPlace(resource, named.Pointer, named.Schema);
        return true;
    }

    /// <summary>Follows a pointer from the root of a resource; on the way it may enter embedded resources.</summary>
    private bool TryFollow(SchemaResource start, string pointer, out SchemaPlace place)
    {
        SchemaResource resource = start;
        string here = start.Pointer;
        JsonElement value = start.Root;
        place = default;
        foreach (string token in pointer.Split('/').Skip(1))
        {
            string name = JsonPointer.Unescape(token);
            if (!TryStep(resource.Document, here, name, ref value))
            {
                return false;
            }

            here = JsonPointer.Append(here, name);
            resource = resource.Document.Resources.GetValueOrDefault(here, resource);
        }

        place = new SchemaPlace(resource, here, value);
        return value.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False;
    }

    private bool TryStep(SchemaDocument document, string here, string name, ref JsonElement value)
    {
        bool large = value.ValueKind switch
        {
            JsonValueKind.Object => value.GetPropertyCount() > Large,
            JsonValueKind.Array => value.GetArrayLength() > Large,
            _ => false,
        };
        if (!large)
        {
            return JsonPointer.TryStep(value, name, out value);
        }

        if (!members.TryGetValue((document, here), out Dictionary<string, JsonElement>? known))
        {
            known = value.ValueKind == JsonValueKind.Object
                ? value.EnumerateObject().ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal)
                : value.EnumerateArray().Index().ToDictionary(i => i.Index.ToString(CultureInfo.InvariantCulture), i => i.Item, StringComparer.Ordinal);
            members.Add((document, here), known);
        }

        return known.TryGetValue(name, out value);
    }
}
