using Countersign.Core.Tests.Repository;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Language;
using Countersign.Schemas;

namespace Countersign.Core.Tests.Language;

/// <summary>The published schema and the reader agree about structure.</summary>
public sealed class LanguageSchemaTests
{
    /// <summary>What the schema can express; ranges of durations and cross-field rules with values are the reader's.</summary>
    private static readonly ImmutableHashSet<string> Structural =
    [
        ProblemCodes.UnknownField, ProblemCodes.MissingField, ProblemCodes.WrongType, ProblemCodes.UnknownKind, ProblemCodes.NotForKind, ProblemCodes.BadVersion,
    ];

    private static readonly ImmutableHashSet<string> PartlyStructural =
        Structural.Union([ProblemCodes.BadValue, ProblemCodes.OutOfRange, ProblemCodes.BadDuration, ProblemCodes.FieldCombination, ProblemCodes.BadId, ProblemCodes.BadPattern, ProblemCodes.Language, ProblemCodes.TemplateNotAllowed]);

    private static readonly JsonSchema Language = JsonSchema.Compile(LanguageSchema.Document);

    public static TheoryData<string> Pages => [.. RepositoryFiles.In("definition.*.md", "docs", "errors").Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Schema_AndReader_AgreeAboutTheExamplesOfProblems(string page)
    {
        foreach (string text in RepositoryFiles.Blocks(RepositoryFiles.Read("docs", "errors", page)))
        {
            AssertAgreement(text);
        }
    }

    [Fact]
    public void Schema_AndReader_AgreeAboutEveryChangeOfOneField()
    {
        string[] values = ["null", "true", "7", "-1", "\"\"", "\"x\"", "\"${ input }\"", "[]", "{}", "[{}]", "\"1m\"", "\"1.0.0\"", "{\"role\":\"x\"}", "\"approve\""];
        for (ulong seed = 0; seed < 8; seed++)
        {
            using JsonDocument document = JsonDocument.Parse(GeneratedDefinition.Make(seed).Canonical);
            foreach ((string path, JsonElement root) in Variants(document.RootElement, values).Take(80))
            {
                AssertAgreement(root.GetRawText(), path);
            }
        }
    }

    private static void AssertAgreement(string text, string? about = null)
    {
        ProblemList parsing = new();
        Node? root = DocumentReader.Read(Encoding.UTF8.GetBytes(text), parsing);
        if (root is null || parsing.HasErrors)
        {
            return;
        }

        SchemaResult result = Language.Validate(root.ToJson());
        string[] codes = [.. DefinitionReader.Read(text).Problems.Where(problem => problem.Severity == ProblemSeverity.Error).Select(problem => problem.Code)];
        string details = $"{about}\n{string.Join(", ", codes)}\n{string.Join('\n', result.Errors.Take(5))}\n{text}";
        if (codes.Any(Structural.Contains))
        {
            Assert.False(result.Valid, "The schema accepts what the reader refuses: " + details);
        }

        if (!result.Valid)
        {
            Assert.True(codes.Any(PartlyStructural.Contains), "The schema refuses what the reader accepts: " + details);
        }
    }

    /// <summary>The document with each member in turn replaced, removed, or joined by an unknown one.</summary>
    private static IEnumerable<(string Path, JsonElement Root)> Variants(JsonElement root, string[] values)
    {
        int turn = 0;
        foreach (string pointer in Pointers(root, ""))
        {
            JsonNode copy = JsonNode.Parse(root.GetRawText())!;
            string[] tokens = pointer.Split('/')[1..];
            JsonNode parent = copy;
            foreach (string token in tokens[..^1])
            {
                parent = parent is JsonArray list ? list[int.Parse(token, CultureInfo.InvariantCulture)]! : parent[token]!;
            }

            if (parent is not JsonObject owner)
            {
                continue;
            }

            string value = values[turn++ % values.Length];
            owner[tokens[^1]] = JsonNode.Parse(value);
            yield return ($"{pointer} = {value}", JsonSerializer.SerializeToElement(copy));
            owner.Remove(tokens[^1]);
            yield return ($"{pointer} removed", JsonSerializer.SerializeToElement(copy));
        }
    }

    /// <summary>Members of the language itself: what is inside values, schemas and templates is data.</summary>
    private static IEnumerable<string> Pointers(JsonElement element, string path)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in element.EnumerateObject())
            {
                if (member.Name.Contains('/', StringComparison.Ordinal))
                {
                    continue;
                }

                yield return $"{path}/{member.Name}";
                if (member.Name is "input" or "static" or "profile" or "schema" or "values" or "body" or "headers" or "query" or "show" or "data" or "variables" or "output" or "items")
                {
                    continue;
                }

                foreach (string inner in Pointers(member.Value, $"{path}/{member.Name}"))
                {
                    yield return inner;
                }
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            int index = 0;
            foreach (JsonElement item in element.EnumerateArray())
            {
                foreach (string inner in Pointers(item, $"{path}/{index++}"))
                {
                    yield return inner;
                }
            }
        }
    }
}
