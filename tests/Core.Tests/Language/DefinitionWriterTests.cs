using Countersign.Core.Tests.Repository;
using System.Text;
using System.Text.Json;
using Countersign.Language;
using Countersign.Schemas;

namespace Countersign.Core.Tests.Language;

public sealed class DefinitionWriterTests
{
    private const int Definitions = 150;

    private static readonly JsonSchema Language = JsonSchema.Compile(LanguageSchema.Document);

    [Fact]
    public void BuildWriteRead_OfGeneratedDefinitions_IsTheIdentity()
    {
        HashSet<string> kinds = [];
        for (ulong seed = 0; seed < Definitions; seed++)
        {
            Definition built = GeneratedDefinition.Make(seed);
            string yaml = DefinitionWriter.ToYaml(built);
            DefinitionResult read = DefinitionReader.Read(yaml);

            Assert.True(built.Hash == read.Definition?.Hash, $"seed {seed}\n{string.Join('\n', read.Problems)}\n{yaml}");
            Assert.Equal(built.Hash, DefinitionReader.ReadValid(Encoding.UTF8.GetBytes(DefinitionWriter.ToJson(built))).Hash);
            Assert.Equal(built.Hash, WorkflowBuilder.From(read.Definition!).Build().Hash);
            Assert.Equal(yaml, DefinitionWriter.ToYaml(read.Definition!));
            Assert.Empty(DefinitionDiff.Between(built, read.Definition!));
            kinds.UnionWith(Definition.AllSteps(built.Body).Select(step => step.Kind));
        }

        Assert.Equal(["ai_generate", "api_call", "approval", "call_workflow", "conditional", "emit", "fail", "foreach", "form", "parallel", "set", "switch", "wait"], kinds.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void LanguageSchema_OfGeneratedDefinitions_AcceptsThem()
    {
        for (ulong seed = 0; seed < 100; seed++)
        {
            Definition built = GeneratedDefinition.Make(seed);
            using JsonDocument document = JsonDocument.Parse(built.Canonical);
            SchemaResult result = Language.Validate(document.RootElement);
            Assert.True(result.Valid, $"seed {seed}: {string.Join('\n', result.Errors)}");
        }
    }

    [Fact]
    public void ToYaml_OfExample_ReadsLikeAPersonsText()
    {
        string yaml = DefinitionWriter.ToYaml(DefinitionReader.Read(RepositoryFiles.Read("tests", "Core.Tests", "Language", "Corpus", "valid", "invoice-approval.yaml")).Definition!);
        Assert.Contains("\n  - id: check\n    type: conditional\n    when: steps.extract.output.total > context.static.limit\n    then: approve\n    else: pay\n", yaml, StringComparison.Ordinal);
        Assert.Contains("    expires: 2d\n    remind: 1d\n", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("quorum", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void ToYaml_OfTextsOfSeveralLines_UsesLiteralBlocks()
    {
        Definition definition = new WorkflowBuilder("demo", "1.0.0").Then(new Countersign.Steps.AiGenerateStep { Id = "a", Prompt = "First line\n  indented: yes\n\nLast # line\n" }).Build();
        string yaml = DefinitionWriter.ToYaml(definition);
        Assert.Contains("    prompt: |\n      First line\n        indented: yes\n\n      Last # line\n", yaml, StringComparison.Ordinal);
        Assert.Equal(definition.Hash, DefinitionReader.Read(yaml).Definition!.Hash);
    }
}
