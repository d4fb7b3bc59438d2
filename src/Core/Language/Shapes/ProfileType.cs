using System.Text.Json;
using Countersign.Access;

namespace Countersign.Language;

/// <summary>The profile of a definition: an object of values, and of values that are opened to roles.</summary>
internal sealed class ProfileType : FieldType<JsonElement>
{
    public static ProfileType Instance { get; } = new();

    public override string Words => "object";

    public override bool TryRead(Node node, ReadContext context, out JsonElement value)
    {
        if (node.Kind != NodeKind.Object)
        {
            return Wrong(node, context, out value);
        }

        foreach (var key in node.Children.Where(key => key.Kind == NodeKind.Object && key.Find(ProfileKeys.Override) is not null))
        {
            CheckOpen(key, context);
        }

        value = node.ToJson();
        return true;
    }

    public override void Write(Utf8JsonWriter writer, JsonElement value) => value.WriteTo(writer);

    public override void WriteSchema(SchemaWriter schema)
    {
        schema.Json.WriteStartObject();
        schema.Json.WriteString("type", "object");
        schema.Json.WriteEndObject();
    }

    // A profile that was saved before 'override' had a meaning keeps its values, and opens none.
    private static void CheckOpen(Node key, ReadContext context)
    {
        if (key.Children.Count != 2 || key.Find(ProfileKeys.Value) is null)
        {
            context.Problems.NewError(ProblemCodes.FieldCombination, key, $"'{key.Key}' is opened by 'override', so it has 'value' and 'override' and nothing else.");
            return;
        }

        var roles = key.Find(ProfileKeys.Override)!;
        Node[] named = roles.Kind == NodeKind.List ? [.. roles.Children] : [roles];
        if (named.Length > 0 && Array.TrueForAll(named, role => role.Kind == NodeKind.Text && Role.All.Contains(role.Text)))
        {
            return;
        }

        context.Problems.NewError(ProblemCodes.BadValue, roles, $"'override' is one role or a list of roles, each of {string.Join(", ", Role.All)}.");
    }
}
