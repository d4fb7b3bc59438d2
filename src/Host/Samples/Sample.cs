using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Host.Samples;

/// <summary>A sample as its <c>sample.json</c> describes it: definitions, and runs to see one after the other.</summary>
public sealed record Sample
{
    // By reflection: generated code would overwrite the defaults of what a file leaves out.
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>What it shows, in one sentence.</summary>
    public required string Says { get; init; }

    /// <summary>The files of its definitions; the last one is what is run, the others are what it calls.</summary>
    public required ImmutableArray<string> Workflows { get; init; }

    /// <summary>Its runs.</summary>
    public required ImmutableArray<SampleRun> Runs { get; init; }

    /// <summary>The folder that it was read from.</summary>
    [JsonIgnore]
    public string Folder { get; private init; } = "";

    /// <summary>Its name: that of its folder.</summary>
    [JsonIgnore]
    public string Name => Path.GetFileName(Folder);

    /// <summary>The folder of samples that comes with the program.</summary>
    public static string Root => Path.Combine(AppContext.BaseDirectory, "samples");

    /// <summary>The names of all samples, the first one being what is shown where none is named.</summary>
    public static ImmutableArray<string> Names() =>
    [
        .. Directory.EnumerateFiles(Root, "sample.json", SearchOption.AllDirectories)
            .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!))
            .OrderByDescending(name => name == Usual).ThenBy(name => name, StringComparer.Ordinal),
    ];

    /// <summary>The sample that is shown where none is named.</summary>
    public const string Usual = "invoice-approval";

    /// <summary>Reads a sample.</summary>
    /// <exception cref="DirectoryNotFoundException">There is none of that name.</exception>
    public static Sample Read(string name)
    {
        var names = Names();
        if (!names.Contains(name))
        {
            throw new DirectoryNotFoundException($"There is no sample '{name}'. There are: {string.Join(", ", names)}.");
        }

        var folder = Path.Combine(Root, name);
        var sample = JsonSerializer.Deserialize<Sample>(File.ReadAllBytes(Path.Combine(folder, "sample.json")), Format)!;
        return sample with { Folder = folder };
    }

    /// <summary>The definition of one of its runs. What reads otherwise is another version, so that a kept data folder never has two contents under one.</summary>
    public byte[] DefinitionOf(SampleRun run) => run.Hurry.IsEmpty
        ? Bytes(Workflows[^1])
        : Encoding.UTF8.GetBytes(run.Hurry.Aggregate(
            Encoding.UTF8.GetString(Bytes(Workflows[^1])).Replace("\nversion: 1.0.0\n", "\nversion: 1.0.0-hurried\n", StringComparison.Ordinal),
            (text, change) => text.Replace(change.Key, change.Value, StringComparison.Ordinal)));

    /// <summary>The content of one of its files.</summary>
    public byte[] Bytes(string file) => File.ReadAllBytes(Path.Combine(Folder, file));
}

/// <summary>One run of a sample.</summary>
public sealed record SampleRun
{
    /// <summary>The file of its input.</summary>
    public required string Input { get; init; }

    /// <summary>What it shows, in one sentence.</summary>
    public required string Says { get; init; }

    /// <summary>How it ends: <c>completed</c> or <c>failed</c>.</summary>
    public required string Ends { get; init; }

    /// <summary>What reads otherwise in the definition, so that nobody sits before a terminal for hours.</summary>
    public ImmutableSortedDictionary<string, string> Hurry { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>For each form step, what it is filled in with, time after time.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<JsonElement>> Forms { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<JsonElement>>.Empty;

    /// <summary>For each approval step, the votes, one after the other: <c>approved</c>, <c>rejected</c>, or <c>later</c> to leave it open until it is escalated.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> Votes { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;
}
