using System.Text.Json;

namespace Countersign.Language;

/// <summary>Collects the differences of one object: the definition itself, or a step.</summary>
internal sealed class Changes(string? step, IEnumerable<FieldDescription> fields)
{
    /// <summary>Members by which items of lists are recognised when their order has changed.</summary>
    private static readonly string[] Names = ["key", "name", "id"];

    private const string Branch = "branches.";

    private readonly Dictionary<string, FieldDescription> fields = fields.ToDictionary(declared => declared.Name, StringComparer.Ordinal);
    private readonly List<DefinitionChange> changes = [];

    public IEnumerable<DefinitionChange> All => changes;

    public void Add(DefinitionChange change) => changes.Add(change);

    public void AddRange(Changes others) => changes.AddRange(others.changes);

    public void CompareObjects(string path, JsonElement before, JsonElement after)
    {
        IEnumerable<string> names = after.EnumerateObject().Select(member => member.Name)
            .Union(before.EnumerateObject().Select(member => member.Name), StringComparer.Ordinal);
        foreach (string name in names.Where(name => !(name is "steps" && HoldsSteps(path))))
        {
            JsonElement? was = before.TryGetProperty(name, out JsonElement left) ? left : null;
            JsonElement? @is = after.TryGetProperty(name, out JsonElement right) ? right : null;
            Compare(path.Length == 0 ? name : $"{path}.{name}", was, @is);
        }
    }

    /// <summary>
    /// Steps are compared by their ids, wherever they stand: those of the definition, of a <c>foreach</c>, and of a branch. A member of that name in
    /// data is data.
    /// </summary>
    private static bool HoldsSteps(string path) => path.Length == 0 || path.StartsWith(Branch, StringComparison.Ordinal) && !path.AsSpan(Branch.Length).Contains('.');

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
        string[] keysBefore = [.. before.EnumerateArray().Select(item => item.GetProperty(name).GetString()!)];
        string[] keysAfter = [.. after.EnumerateArray().Select(item => item.GetProperty(name).GetString()!)];
        foreach (string key in current.Keys.Union(old.Keys, StringComparer.Ordinal))
        {
            string at = $"{path}.{key}";
            if (!old.TryGetValue(key, out JsonElement left))
            {
                string added = DefinitionDiff.Write(current[key]);
                Add(ChangeKind.Added, at, null, added, $"was added as {Place(keysAfter, key)}: {added}");
            }
            else if (!current.TryGetValue(key, out JsonElement right))
            {
                string removed = DefinitionDiff.Write(left);
                Add(ChangeKind.Removed, at, removed, null, $"was removed (it was {Place(keysBefore, key)}: {removed})");
            }
            else
            {
                Compare(at, left, right);
            }
        }

        ReportOrder(path, keysBefore, keysAfter);
    }

    private void ReportOrder(string path, IEnumerable<string> before, IEnumerable<string> after)
    {
        string[] old = [.. before.Where(after.Contains)];
        string[] current = [.. after.Where(before.Contains)];
        if (!old.SequenceEqual(current))
        {
            AddOrder(path, old, current);
        }
    }

    private void AddOrder(string path, string[] before, string[] after)
    {
        string from = string.Join(", ", before);
        string to = string.Join(", ", after);
        Add(ChangeKind.Changed, path, from, to, $"is in another order: {to} instead of {from}");
    }

    /// <summary>Items that no member names. Their order counts: catch clauses and cases are tried one after another.</summary>
    private void CompareItems(string path, JsonElement before, JsonElement after)
    {
        string[] old = [.. before.EnumerateArray().Select(DefinitionDiff.Write)];
        string[] current = [.. after.EnumerateArray().Select(DefinitionDiff.Write)];
        ItemEdits edits = ItemEdits.Between(old, current);
        if (edits is { Removed: [var from], Added: [var to] } && from == to && old.Length == current.Length)
        {
            string item = old.Length == 1 ? "" : $"item {from + 1} of {old.Length} ";
            Add(ChangeKind.Changed, path, old[from], current[to], $"{item}changed from {old[from]} to {current[to]}");
            return;
        }

        if (edits.Removed.Length > 0 && old.Order(StringComparer.Ordinal).SequenceEqual(current.Order(StringComparer.Ordinal)))
        {
            AddOrder(path, old, current);
            return;
        }

        List<int> added = [.. edits.Added];
        foreach (int index in edits.Removed)
        {
            if (added.FindIndex(place => current[place] == old[index]) is var moved and >= 0)
            {
                Add(ChangeKind.Changed, path, old[index], old[index], $"is in another order: {old[index]} is item {added[moved] + 1} of {current.Length} instead of item {index + 1} of {old.Length}");
                added.RemoveAt(moved);
                continue;
            }

            Add(ChangeKind.Removed, path, old[index], null, $"no longer holds {old[index]} as item {index + 1} of {old.Length}");
        }

        foreach (int index in added)
        {
            Add(ChangeKind.Added, path, null, current[index], $"now holds {current[index]} as item {index + 1} of {current.Length}");
        }
    }

    private static string Place(string[] keys, string key) => $"item {Array.IndexOf(keys, key) + 1} of {keys.Length}";

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
