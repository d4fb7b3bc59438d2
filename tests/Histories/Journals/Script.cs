using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Countersign.Histories.Tests.Journals;

/// <summary>What is done for a run, as a person does it.</summary>
/// <param name="As">Who does it.</param>
/// <param name="Path">The path of a POST; <c>{run}</c> stands for the run's id.</param>
/// <param name="Body">The body; <c>{shown:WAIT}</c> stands for the hash of what the wait shows.</param>
internal sealed record ScriptAction(string As, string Path, JsonNode Body);

/// <summary>A run of a journal: how it came to where it was recorded, what is done then, and how it must end.</summary>
internal sealed record ScriptRun
{
    public required string Workflow { get; init; }

    public JsonNode? Input { get; init; }

    /// <summary>Done before the journal was closed.</summary>
    public ImmutableArray<ScriptAction> Before { get; init; } = [];

    /// <summary>Done after the journal was opened again.</summary>
    public ImmutableArray<ScriptAction> After { get; init; } = [];

    /// <summary>Whether it ends before the journal is closed; else it waits then.</summary>
    public bool Ends { get; init; }

    public required string Status { get; init; }

    public JsonNode? Output { get; init; }

    /// <summary>The type of the run's error; null where it has none.</summary>
    public string? Error { get; init; }

    /// <summary>Its id in the recorded journal.</summary>
    public string Id { get; init; } = "";

    /// <summary>What its context was when the journal was closed.</summary>
    public JsonNode? Context { get; init; }
}

/// <summary>A recorded journal: when it was closed, the people's keys, its runs.</summary>
internal sealed record Recording(DateTimeOffset Closed, Dictionary<string, string> Keys, ImmutableArray<ScriptRun> Runs)
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Where the journal is.</summary>
    public static string DataOf(string name) => Repository.Golden("Journals", name, "data");

    public static Recording Read(string name) => JsonSerializer.Deserialize<Recording>(File.ReadAllText(Repository.Golden("Journals", name, "recording.json")), Json)!;

    /// <summary>The names of the recorded journals.</summary>
    public static IEnumerable<string> Names() => Directory.EnumerateFiles(Repository.Golden("Journals"), "recording.json", SearchOption.AllDirectories)
        .Select(path => Path.GetFileName(Path.GetDirectoryName(path)!));
}
