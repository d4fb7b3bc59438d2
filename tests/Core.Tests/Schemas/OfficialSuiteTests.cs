using System.Collections.Concurrent;
using System.Text.Json;
using Countersign.Core.Tests.Vectors;
using Countersign.Schemas;

namespace Countersign.Core.Tests.Schemas;

/// <summary>The required part of the official test suite of draft 2020-12, one case for each of its tests.</summary>
public sealed class OfficialSuiteTests
{
    private const string Folder = "json-schema";
    private const string Remotes = "json-schema-remotes";

    private static readonly ConcurrentDictionary<(string File, int Group), JsonSchema> Compiled = new();
    private static readonly ConcurrentDictionary<string, JsonElement> Files = new();
    private static readonly Lazy<SchemaSet> Documents = new(ReadRemotes);

    public static TheoryData<string, int, int, string> Cases()
    {
        var cases = new TheoryData<string, int, int, string>();
        string? folder = VectorFolder.Find(Folder);
        string[] paths = folder is null ? [] : Directory.GetFiles(folder, "*.json");
        foreach (string path in paths.Order(StringComparer.Ordinal))
        {
            string file = Path.GetFileName(path);
            int groupIndex = 0;
            foreach (JsonElement group in Read(file).EnumerateArray())
            {
                int testIndex = 0;
                foreach (JsonElement test in group.GetProperty("tests").EnumerateArray())
                {
                    cases.Add(file, groupIndex, testIndex++, $"{group.GetProperty("description")}: {test.GetProperty("description")}");
                }

                groupIndex++;
            }
        }

        return cases;
    }

    [VectorTheory(Folder)]
    [MemberData(nameof(Cases))]
    public void Validate_OfficialCase_AgreesWithSuite(string file, int group, int test, string description)
    {
        JsonSchema schema = Compiled.GetOrAdd((file, group), key =>
            JsonSchema.Compile(Read(key.File)[key.Group].GetProperty("schema"), new SchemaOptions { Documents = Documents.Value }));
        JsonElement @case = Read(file)[group].GetProperty("tests")[test];
        JsonElement data = @case.GetProperty("data");
        bool expected = @case.GetProperty("valid").GetBoolean();

        SchemaResult result = schema.Validate(data);

        Assert.True(expected == result.Valid, $"{description}: expected {expected}; {string.Join("; ", result.Errors.Select(e => e.Message))}");
        Assert.Equal(expected, schema.IsValid(data));
    }

    [VectorFact("json-schema-metaschema")]
    public void Compile_PublishedMetaSchemas_AcceptThemselves()
    {
        string folder = VectorFolder.Find("json-schema-metaschema")!;
        JsonSchema built = Subject.Schema("""{ "$ref": "https://json-schema.org/draft/2020-12/schema" }""");
        foreach (string path in Directory.GetFiles(folder, "*.json", SearchOption.AllDirectories))
        {
            JsonElement published = Subject.Json(File.ReadAllText(path));
            Assert.True(built.IsValid(published), path);
            JsonSchema.Compile(published);
        }
    }

    [VectorFact("json-schema-metaschema")]
    public void MetaSchemas_BuiltIn_EqualThePublishedOnes()
    {
        string folder = VectorFolder.Find("json-schema-metaschema")!;
        string[] paths = Directory.GetFiles(folder, "*.json", SearchOption.AllDirectories);
        Assert.Equal(9, paths.Length);
        foreach (string path in paths)
        {
            JsonElement published = Subject.Json(File.ReadAllText(path));
            Assert.True(Countersign.Schemas.MetaSchemas.MetaSchema.TryGet(published.GetProperty("$id").GetString()!, out JsonElement built), path);
            Assert.True(JsonElement.DeepEquals(published, built), path);
        }
    }

    private static JsonElement Read(string file) =>
        Files.GetOrAdd(file, name => Subject.Json(File.ReadAllText(Path.Combine(VectorFolder.Find(Folder)!, name))));

    private static SchemaSet ReadRemotes()
    {
        string folder = VectorFolder.Find(Remotes)!;
        return Directory.GetFiles(folder, "*.json", SearchOption.AllDirectories).Aggregate(
            SchemaSet.Empty,
            (set, path) => set.Add(
                "http://localhost:1234/" + Path.GetRelativePath(folder, path).Replace('\\', '/'),
                Subject.Json(File.ReadAllText(path))));
    }
}
