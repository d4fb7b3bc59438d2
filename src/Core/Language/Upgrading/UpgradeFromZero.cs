using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Countersign.Language;

/// <summary>Migrates language 0.x, the nested shape <c>{id, type, name, next, config}</c>, to 1.0.</summary>
internal static class UpgradeFromZero
{
    /// <summary>Makes the new document, or reports why it cannot.</summary>
    public static JsonElement? Migrate(Node root, UpgradeLog log)
    {
        if (root.Kind != NodeKind.Object)
        {
            log.Problems.Error(ProblemCodes.WrongType, root, "A definition is an object.");
            return null;
        }

        if (ZeroDocument.Shape.Read(root, new ReadContext(log.Problems)) is not { } old)
        {
            return null;
        }

        Node[] nodes = [.. root.Find("steps")!.Children];
        CheckIds(nodes, log);
        Dictionary<string, string> ids = NewIds(old, log);
        string name = Slug(old.Name, '-');
        if (name != old.Name)
        {
            log.Changes.Add($"The name '{old.Name}' became '{name}': names are lower-case letters, digits and hyphens.");
        }

        JsonObject document = new()
        {
            ["language"] = LanguageVersion.Current.ToLanguageString(),
            ["name"] = name,
            ["version"] = Version(old.Version, log),
        };
        Put(document, "description", old.Description is null ? null : JsonValue.Create(old.Description));
        Put(document, "input", old.Input is { } input ? JsonObject.Create(input) : null);
        string start = old.Start ?? old.Steps[0].Id;
        document["start"] = ids.GetValueOrDefault(start, start);
        if (old.Start is null)
        {
            log.Changes.Add($"'start: {document["start"]}' was added: the first step no longer begins by its place.");
        }

        JsonArray steps = [];
        for (int i = 0; i < old.Steps.Length; i++)
        {
            steps.Add(Step(old.Steps[i], nodes[i], ids, log));
        }

        document["steps"] = steps;
        return JsonSerializer.SerializeToElement(document);
    }

    private static JsonObject Step(ZeroStep old, Node node, Dictionary<string, string> ids, UpgradeLog log)
    {
        string id = ids[old.Id];
        JsonObject step = new() { ["id"] = id, ["type"] = old.Kind };
        Put(step, "description", old.Name is null ? null : JsonValue.Create(old.Name));
        IReadOnlyList<Node> config = node.Find("config")?.Children ?? [];
        if (config.Count > 0)
        {
            log.Changes.Add($"Step '{id}': the fields of 'config' moved into the step.");
        }

        ZeroTexts texts = new(id, ids, log);
        foreach (Node field in config)
        {
            if (field.Key == "description" && old.Name is not null)
            {
                log.Problems.Warning(ProblemCodes.FieldCombination, node.Find("name")!, $"A step has one description in language 1.0: 'config.description' is kept, and the name '{TemplateParser.Shortened(old.Name)}' is dropped.");
            }

            ZeroFields.Move(step, field.Key!, texts.Field(old.Kind, field), field, log);
        }

        Next(step, old.Next, node, ids, log);
        return step;
    }

    /// <summary>Conditions named both ways in <c>next</c>.</summary>
    private static void Next(JsonObject step, JsonElement? next, Node node, Dictionary<string, string> ids, UpgradeLog log)
    {
        switch (next)
        {
            case null or { ValueKind: JsonValueKind.Null }:
                break;
            case { ValueKind: JsonValueKind.String } id:
                step["next"] = ids.GetValueOrDefault(id.GetString()!, id.GetString()!);
                break;
            case { ValueKind: JsonValueKind.Object } ways:
                foreach (JsonProperty way in ways.EnumerateObject())
                {
                    string? field = way.Name switch { "then" or "true" => "then", "else" or "false" => "else", _ => null };
                    if (field is null || way.Value.ValueKind != JsonValueKind.String)
                    {
                        log.Problems.Error(ProblemCodes.UnknownField, node, $"'next.{way.Name}' is not known; a condition had 'then' and 'else'.");
                        continue;
                    }

                    step[field] = ids.GetValueOrDefault(way.Value.GetString()!, way.Value.GetString()!);
                    log.Changes.Add($"Step '{step["id"]}': 'next.{way.Name}' became '{field}'.");
                }

                break;
            default:
                log.Problems.Error(ProblemCodes.WrongType, node.Find("next")!, "'next' is the id of a step, or {then, else}.");
                break;
        }
    }

    private static void CheckIds(Node[] steps, UpgradeLog log)
    {
        Dictionary<string, Node> seen = new(StringComparer.Ordinal);
        foreach (Node id in steps.Select(step => step.Find("id")!))
        {
            if (!seen.TryAdd(id.Text, id))
            {
                log.Problems.Error(ProblemCodes.DuplicateId, id, $"The id '{id.Text}' is taken by the step in line {seen[id.Text].Line}; ids are unique in the whole document.");
            }
        }
    }

    private static Dictionary<string, string> NewIds(ZeroDocument old, UpgradeLog log)
    {
        Dictionary<string, string> ids = new(StringComparer.Ordinal);
        HashSet<string> taken = [.. old.Steps.Select(step => step.Id).Where(id => Slug(id, '_') == id && !TimeoutActionType.Reserved.Contains(id))];
        foreach (string id in old.Steps.Select(step => step.Id))
        {
            string slug = Slug(id, '_');
            slug = TimeoutActionType.Reserved.Contains(slug) ? slug + "_step" : slug;
            for (int i = 2; slug != id && !taken.Add(slug); i++)
            {
                slug = string.Create(CultureInfo.InvariantCulture, $"{Slug(id, '_')}_{i}");
            }

            if (slug != id && ids.TryAdd(id, slug))
            {
                log.Changes.Add($"The step '{id}' became '{slug}': ids are lower-case and begin with a letter.");
            }

            ids.TryAdd(id, slug);
        }

        return ids;
    }

    private static string Version(JsonElement? version, UpgradeLog log)
    {
        string written = version is { ValueKind: JsonValueKind.String } text ? text.GetString()! : version?.GetRawText() ?? "";
        string[] parts = written.Split('.');
        string padded = string.Join('.', parts.Concat(["0", "0", "0"]).Take(3).Select(part => part.Length == 0 ? "0" : part));
        string result = SemanticVersion.TryParse(written, out _) ? written
            : written.Length > 0 && SemanticVersion.TryParse(padded, out SemanticVersion? longer) ? longer.ToString()
            : "1.0.0";
        if (result != written || version?.ValueKind != JsonValueKind.String)
        {
            log.Changes.Add(written.Length == 0 ? $"The version {result} was added: the document had none." : $"The version {written} became {result}.");
        }

        return result;
    }

    private static void Put(JsonObject target, string name, JsonNode? value)
    {
        if (value is not null)
        {
            target[name] = value;
        }
    }

    private static string Slug(string text, char separator)
    {
        string slug = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : c is '-' or '_' && (c == separator || separator == '_') ? c : separator)).Trim(separator);
        slug = slug.Length > 0 && char.IsAsciiLetter(slug[0]) ? slug : "x" + slug;
        return slug.Length <= 60 ? slug : slug[..60];
    }
}
