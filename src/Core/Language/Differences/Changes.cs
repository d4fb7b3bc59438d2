using System.Text.Json;

namespace Countersign.Language;

/// <summary>Collects the differences of one object: the definition itself, or a step.</summary>
internal sealed class Changes(string? step, IEnumerable<FieldDescription> fields)
{
    /// <summary>Members by which items of lists are recognised when their order has changed.</summary>
    private static readonly string[] Names = ["key", "name", "id"];

    private readonly Dictionary<string, FieldDescription> fields = fields.ToDictionary(declared => declared.Name, StringComparer.Ordinal);
    private readonly List<DefinitionChange> changes = [];

    public IEnumerable<DefinitionChange> All => changes;

    public void Add(DefinitionChange change) => changes.Add(change);

    public void AddRange(Changes others) => changes.AddRange(others.changes);

    public void CompareObjects(string path, JsonElement before, JsonElement after)
    {
        IEnumerable<string> names = after.EnumerateObject().Select(member => member.Name)
            .Union(before.EnumerateObject().Select(member => member.Name), StringComparer.Ordinal);
        foreach (string name in names.Where(name => !(path.Length == 0 && name is "steps")))
        {
            JsonElement? was = before.TryGetProperty(name, out JsonElement left) ? left : null;
            JsonElement? @is = after.TryGetProperty(name, out JsonElement right) ? right : null;
            Compare(path.Length == 0 ? name : $"{path}.{name}", was, @is);
        }
    }

    private void Compare(string path, JsonElement? before, JsonElement? after)
    {
        if (before is { } left && after is { } right)
        {
            if (JsonElement.DeepEquals(left, right))
            {
                return;
            }

            if (left.ValueKind == JsonValueKind.Object && right.ValueKind == JsonValueKind.Object)
            {
                CompareObjects(path, left, right);
                return;
            }

            if (left.ValueKind == JsonValueKind.Array && right.ValueKind == JsonValueKind.Array)
            {
                CompareLists(path, left, right);
                return;
            }
        }

        Report(path, before, after);
    }

    private void CompareLists(string path, JsonElement before, JsonElement after)
    {
        string? name = Names.FirstOrDefault(name => Named(before, name) && Named(after, name));
        if (name is null)
        {
            CompareItems(path, before, after);
            return;
        }

        Dictionary<string, JsonElement> old = before.EnumerateArray().ToDictionary(item => item.GetProperty(name).GetString()!, StringComparer.Ordinal);
        Dictionary<string, JsonElement> current = after.EnumerateArray().ToDictionary(item => item.GetProperty(name).GetString()!, StringComparer.Ordinal);
        foreach (string key in current.Keys.Union(old.Keys, StringComparer.Ordinal))
        {
            JsonElement? was = old.TryGetValue(key, out JsonElement left) ? left : null;
            JsonElement? @is = current.TryGetValue(key, out JsonElement right) ? right : null;
            if (was is null || @is is null)
            {
                Report($"{path}.{key}", was, @is);
            }
            else
            {
                CompareMembers($"{path}.{key}", left, right);
            }
        }

        ReportOrder(path, old.Keys, current.Keys);
    }

    /// <summary>A branch's steps are compared by their ids, wherever they stand.</summary>
    private void CompareMembers(string path, JsonElement before, JsonElement after)
    {
        IEnumerable<string> names = after.EnumerateObject().Select(member => member.Name)
            .Union(before.EnumerateObject().Select(member => member.Name), StringComparer.Ordinal)
            .Where(name => name != "steps");
        foreach (string name in names)
        {
            JsonElement? was = before.TryGetProperty(name, out JsonElement left) ? left : null;
            JsonElement? @is = after.TryGetProperty(name, out JsonElement right) ? right : null;
            Compare($"{path}.{name}", was, @is);
        }
    }

    private void ReportOrder(string path, IEnumerable<string> before, IEnumerable<string> after)
    {
        string[] old = [.. before.Where(after.Contains)];
        string[] current = [.. after.Where(before.Contains)];
        if (!old.SequenceEqual(current))
        {
            Add(ChangeKind.Changed, path, string.Join(", ", old), string.Join(", ", current), "is in another order");
        }
    }

    private void CompareItems(string path, JsonElement before, JsonElement after)
    {
        string[] old = [.. before.EnumerateArray().Select(DefinitionDiff.Write)];
        string[] current = [.. after.EnumerateArray().Select(DefinitionDiff.Write)];
        string[] removed = [.. old.Except(current)];
        string[] added = [.. current.Except(old)];
        if (removed.Length == 1 && added.Length == 1 && old.Length == current.Length)
        {
            Add(ChangeKind.Changed, path, removed[0], added[0], $"changed from {removed[0]} to {added[0]}");
            return;
        }

        foreach (string item in removed)
        {
            Add(ChangeKind.Removed, path, item, null, $"no longer holds {item}");
        }

        foreach (string item in added)
        {
            Add(ChangeKind.Added, path, null, item, $"now holds {item}");
        }

        if (removed.Length + added.Length == 0)
        {
            Add(ChangeKind.Changed, path, string.Join(", ", old), string.Join(", ", current), old.Length == current.Length ? "is in another order" : "holds an item another number of times");
        }
    }

    private void Report(string path, JsonElement? before, JsonElement? after)
    {
        string? from = before is { } left ? DefinitionDiff.Write(left) : null;
        string? to = after is { } right ? DefinitionDiff.Write(right) : null;
        string? standing = fields.GetValueOrDefault(path)?.Default is { } value && value.Length > 0 ? value + " (the default)" : null;
        (ChangeKind kind, string words) = (from, to) switch
        {
            (null, _) => (ChangeKind.Added, standing is null ? $"was set to {to}" : $"changed from {standing} to {to}"),
            (_, null) => (ChangeKind.Removed, standing is null ? $"was removed (it was {from})" : $"changed from {from} to {standing}"),
            _ => (ChangeKind.Changed, $"changed from {from} to {to}"),
        };
        Add(kind, path, from, to, words);
    }

    private void Add(ChangeKind kind, string path, string? from, string? to, string words)
        => changes.Add(new DefinitionChange(kind, step, path, from, to, step is null ? $"'{path}' {words}." : $"Step '{step}': '{path}' {words}."));

    private static bool Named(JsonElement list, string name)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        return list.GetArrayLength() > 0 && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object
            && item.TryGetProperty(name, out JsonElement value)
            && value.ValueKind == JsonValueKind.String
            && seen.Add(value.GetString()!));
    }
}
