using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Countersign.Steps;

namespace Countersign.Language;

/// <summary>How something differs.</summary>
public enum ChangeKind
{
    /// <summary>It is new.</summary>
    Added,

    /// <summary>It is gone.</summary>
    Removed,

    /// <summary>It is another one.</summary>
    Changed,
}

/// <summary>One difference between two definitions.</summary>
/// <param name="Kind">How it differs.</param>
/// <param name="Step">The step it is in; null for the definition itself.</param>
/// <param name="Field">Path of the field with dots, such as <c>approvers.role</c>; null for a whole step.</param>
/// <param name="From">The value before, as compact JSON; null where there was none.</param>
/// <param name="To">The value after, as compact JSON; null where there is none.</param>
/// <param name="Words">The difference in plain words.</param>
public sealed record DefinitionChange(ChangeKind Kind, string? Step, string? Field, string? From, string? To, string Words);

/// <summary>Says what is different between two definitions, by meaning rather than by lines: order of steps, spelling of durations and written defaults do not count.</summary>
public static class DefinitionDiff
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Compares two definitions.</summary>
    /// <returns>The differences: those of the definition itself, then by step in the order of <paramref name="after"/>, then steps that are gone. None exactly when nothing but the order of steps differs.</returns>
    public static ImmutableArray<DefinitionChange> Between(Definition before, Definition after)
    {
        Changes changes = new(null, DefinitionShape.Shape.Fields);
        using JsonDocument left = JsonDocument.Parse(before.Canonical);
        using JsonDocument right = JsonDocument.Parse(after.Canonical);
        changes.CompareObjects("", left.RootElement, right.RootElement);

        Dictionary<string, PlacedStep> old = Place(left.RootElement, "");
        Dictionary<string, PlacedStep> current = Place(right.RootElement, "");
        foreach ((string id, PlacedStep step) in after.AllIds().Select(id => (id, current[id])))
        {
            if (!old.TryGetValue(id, out PlacedStep? was))
            {
                changes.Add(new(ChangeKind.Added, id, null, null, Write(step.Json), $"Step '{id}' ({step.Kind}) was added{step.Where}."));
                continue;
            }

            if (was.Container != step.Container)
            {
                changes.Add(new(ChangeKind.Changed, id, null, was.Container, step.Container, $"Step '{id}' moved from {was.Place} to {step.Place}."));
            }

            Changes inStep = new(id, StepKinds.Find(step.Kind)?.Fields ?? []);
            inStep.CompareObjects("", was.Json, step.Json);
            changes.AddRange(inStep);
        }

        foreach ((string id, PlacedStep step) in before.AllIds().Select(id => (id, old[id])).Where(pair => !current.ContainsKey(pair.id)))
        {
            changes.Add(new(ChangeKind.Removed, id, null, Write(step.Json), null, $"Step '{id}' ({step.Kind}) was removed."));
        }

        return [.. changes.All];
    }

    /// <summary>A value as messages show it.</summary>
    internal static string Write(JsonElement value) => JsonSerializer.Serialize(value, Compact);

    private static IEnumerable<string> AllIds(this Definition definition)
        => Definition.AllSteps(definition.Body).Select(step => step.Id).Where(id => !id.Contains('.', StringComparison.Ordinal));

    private static Dictionary<string, PlacedStep> Place(JsonElement root, string container)
    {
        Dictionary<string, PlacedStep> placed = new(StringComparer.Ordinal);
        Stack<(JsonElement Owner, string Container)> open = new([(root, container)]);
        while (open.TryPop(out (JsonElement Owner, string Container) block))
        {
            foreach (JsonElement step in block.Owner.GetProperty("steps").EnumerateArray())
            {
                string id = step.GetProperty("id").GetString()!;
                placed.Add(id, new PlacedStep(step, block.Container));
                if (step.TryGetProperty("branches", out JsonElement branches))
                {
                    foreach (JsonElement branch in branches.EnumerateArray())
                    {
                        open.Push((branch, string.Create(CultureInfo.InvariantCulture, $"{id}.{branch.GetProperty("name").GetString()}")));
                    }
                }
                else if (step.TryGetProperty("steps", out _))
                {
                    open.Push((step, id));
                }
            }
        }

        return placed;
    }

    private sealed record PlacedStep(JsonElement Json, string Container)
    {
        public string Kind => Json.GetProperty("type").GetString()!;

        public string Place => Container.Length == 0 ? "the workflow itself" : $"'{Container}'";

        public string Where => Container.Length == 0 ? "" : $" in '{Container}'";
    }
}
