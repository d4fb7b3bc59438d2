using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Countersign.Language;

/// <summary>What became of the fields that language 0.x kept in <c>config</c>.</summary>
internal static class ZeroFields
{
    /// <summary>Puts a field where it stands now. A field that is not known keeps its name, and the reader of the new document says what is wrong with it.</summary>
    public static void Move(JsonObject step, string name, JsonNode? value, Node node, UpgradeLog log)
    {
        string kind = step["type"]!.GetValue<string>();
        switch (kind, name)
        {
            case ("ai_generate", "template_id"):
                step["template"] = new JsonObject { ["id"] = value };
                Renamed(step, name, "template.id", log);
                break;
            case ("ai_generate", "json_schema"):
                step["schema"] = value;
                Renamed(step, name, "schema", log);
                break;
            case ("api_call", "timeout_s"):
                Timeout(step, value, node, log);
                break;
            case ("approval", "approvers"):
                Approvers(step, value, node, log);
                break;
            case ("form", "fields"):
                step["fields"] = Fields(step, value, log);
                break;
            case (_, "id" or "type" or "next"):
                log.Problems.Error(ProblemCodes.FieldCombination, node, $"'config.{name}' has the name of a field of the step itself.");
                break;
            default:
                step[name] = value;
                break;
        }
    }

    private static void Timeout(JsonObject step, JsonNode? value, Node node, UpgradeLog log)
    {
        if (value is JsonValue number && number.GetValueKind() == JsonValueKind.Number && number.GetValue<JsonElement>().GetDouble() is > 0 and < 1e8 and double seconds)
        {
            step["timeout"] = Duration.Format(TimeSpan.FromSeconds(seconds));
            Renamed(step, "timeout_s", "timeout", log);
            return;
        }

        log.Problems.Error(ProblemCodes.BadDuration, node, "'timeout_s' is a number of seconds.");
    }

    /// <summary>Approvers were a role, a person, or a list of them; who has an at sign was a person.</summary>
    private static void Approvers(JsonObject step, JsonNode? value, Node node, UpgradeLog log)
    {
        JsonNode?[] entries = value is JsonArray list ? [.. list] : [value];
        if (value is JsonObject || entries.Length == 0 || !entries.All(entry => entry?.GetValueKind() == JsonValueKind.String))
        {
            step["approvers"] = value;
            return;
        }

        string[] names = [.. entries.Select(entry => entry!.GetValue<string>())];
        string[] roles = [.. names.Where(name => !name.Contains('@', StringComparison.Ordinal))];
        string[] users = [.. names.Except(roles)];
        if (roles.Length > 1)
        {
            log.Problems.Error(ProblemCodes.FieldCombination, node, $"Approvers have one role in language 1.0; choose among {string.Join(", ", roles)}.");
            return;
        }

        JsonObject audience = [];
        if (roles.Length == 1)
        {
            audience["role"] = roles[0];
        }

        if (users.Length > 0)
        {
            audience["users"] = new JsonArray([.. users.Select(user => (JsonNode)user)]);
        }

        step["approvers"] = audience;
        log.Changes.Add($"Step '{step["id"]}': 'approvers' names {(roles.Length == 1 ? $"the role '{roles[0]}'" : "no role")} and {users.Length} {(users.Length == 1 ? "person" : "people")}.");
    }

    /// <summary>Types of fields that had other names.</summary>
    private static JsonNode? Fields(JsonObject step, JsonNode? value, UpgradeLog log)
    {
        foreach (JsonObject field in (value as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            string? old = field["type"] is JsonValue type && type.GetValueKind() == JsonValueKind.String ? type.GetValue<string>() : null;
            string? current = old switch { "textarea" => "text", "bool" or "checkbox" => "boolean", "int" => "integer", "float" => "number", "select" => "choice", _ => null };
            if (current is not null)
            {
                field["type"] = current;
                log.Changes.Add(string.Create(CultureInfo.InvariantCulture, $"Step '{step["id"]}': the field type '{old}' became '{current}'."));
            }
        }

        return value;
    }

    private static void Renamed(JsonObject step, string from, string to, UpgradeLog log)
        => log.Changes.Add($"Step '{step["id"]}': '{from}' became '{to}'.");
}
