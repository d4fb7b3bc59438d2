using Countersign.Core.Tests.Repository;
using System.Text;
using System.Text.Json;
using Countersign.Language;
using Countersign.Steps;

namespace Countersign.Core.Tests.Language;

public sealed class DefinitionReaderTests
{
    private const string Head = "language: \"1.0\"\nname: demo\nversion: 1.0.0\nstart: a\n";

    [Fact]
    public void Read_InvoiceExample_GivesTheWholeModel()
    {
        DefinitionResult result = DefinitionReader.Read(RepositoryFiles.Read("tests", "Core.Tests", "Language", "Corpus", "valid", "invoice-approval.yaml"));

        Assert.Equal([ProblemCodes.NotEnforced], result.Problems.Select(problem => problem.Code));
        Definition definition = result.Definition!;
        Assert.Equal("1.0", definition.Language.ToLanguageString());
        Assert.Equal("1.2.0", definition.Version.ToString());
        Assert.Equal(1000, definition.Static.GetProperty("limit").GetDouble());
        Assert.Equal(TimeSpan.FromSeconds(30), definition.Defaults.Retry!.Max);
        ApprovalStep approve = Assert.IsType<ApprovalStep>(definition.FindStep("approve"));
        Assert.Equal(TimeSpan.FromHours(48), approve.Expires);
        Assert.Equal(TimeoutAction.Reject, approve.OnTimeout);
        Assert.Equal("tell", approve.OnReject);
        Assert.Equal("admin", approve.Escalate!.To.Role);
        AiGenerateStep extract = Assert.IsType<AiGenerateStep>(definition.FindStep("extract"));
        Assert.Equal(new PromptTemplateReference("extract-invoice", 2), extract.PromptTemplate);
        Assert.Equal(new AiBudget { Usd = 0.05, OnExhausted = BudgetExhausted.Degrade, DegradeTo = "mini" }, extract.Budget);
        ApiCallStep undo = Assert.IsType<ApiCallStep>(definition.FindStep("pay.compensate"));
        Assert.Equal("DELETE", undo.Method);
        Assert.Same(undo, definition.FindStep("pay")!.Compensate);
        Assert.NotNull(definition.InputSchema);
        Assert.NotNull(definition.FindSchema("extract"));
        Assert.Null(definition.FindSchema("pay"));
        Assert.Matches("^[0-9a-f]{64}$", definition.Hash);
    }

    [Theory]
    [InlineData("  - { id: a, type: wait, for: 1m, nxt: b }\n", 6, 35, "/steps/0/nxt", "definition.unknown-field")]
    [InlineData("  - id: a\n    type: wait\n    for: never\n", 8, 10, "/steps/0/for", "definition.bad-duration")]
    [InlineData("  - id: a\n    type: wiat\n    for: 1m\n", 7, 11, "/steps/0/type", "definition.unknown-kind")]
    [InlineData("  - id: a\n    type: wait\n    for: 1m\n    next: c~/d\n", 9, 11, "/steps/0/next", "definition.bad-id")]
    [InlineData("  - id: a\n    type: wait\n    for: &x 1m\n", 8, 10, "/steps/0/for", "definition.alias")]
    [InlineData("  - id: a\n    type: wait\n    for: 1m\n    for: 1m\n", 9, 5, "/steps/0", "definition.duplicate-key")]
    [InlineData("  - id: a\n    type: set\n    values: { b: 0x20000000000001 }\n", 8, 18, "/steps/0/values/b", "definition.number")]
    [InlineData("  - id: a\n    type: set\n    values: { b: 9007199254740993 }\n", 8, 18, "/steps/0/values/b", "definition.number")]
    [InlineData("  - id: a\n    type: set\n    values: { b: -9007199254740993 }\n", 8, 18, "/steps/0/values/b", "definition.number")]
    public void Read_BadYaml_SaysWhere(string steps, int line, int column, string pointer, string code)
    {
        Problem problem = Assert.Single(DefinitionReader.Read(Head + "steps:\n" + steps).Problems);
        Assert.Equal((code, line, column, pointer), (problem.Code, problem.Line, problem.Column, problem.Pointer));
    }

    [Theory]
    [InlineData("{\"language\":\"1.0\",\"name\":\"demo\",\"version\":\"1.0.0\",\"start\":\"a\",\n \"steps\":[{\"id\":\"a\",\"type\":\"wait\",\"for\":7}]}", 2, 41, "/steps/0/for", "definition.wrong-type")]
    [InlineData("{\"language\":\"1.0\",\n\"é😀\":1,\"name\":\"demo\",\"x\":1,\"version\":\"1.0.0\",\"start\":\"a\",\"steps\":[{\"id\":\"a\",\"type\":\"wait\",\"for\":\"1m\"}]}", 2, 1, "/é😀", "definition.unknown-field")]
    [InlineData("{\"language\":\"1.0\",\n\"name\":\"demo\",\"name\":\"demo\",\"version\":\"1.0.0\",\"start\":\"a\",\"steps\":[{\"id\":\"a\",\"type\":\"wait\",\"for\":\"1m\"}]}", 2, 15, "", "definition.duplicate-key")]
    [InlineData("{\n  \"language\": \"1.0\",\n}", 3, 1, "", "definition.syntax")]
    public void Read_BadJson_SaysWhere(string json, int line, int column, string pointer, string code)
    {
        Problem problem = DefinitionReader.Read(json).Problems[0];
        Assert.Equal((code, line, column, pointer), (problem.Code, problem.Line, problem.Column, problem.Pointer));
    }

    [Fact]
    public void Read_ColumnAfterWideCharacters_CountsUtf16Units()
    {
        Problem problem = DefinitionReader.Read("{\"é😀\":1}").Problems.Single(p => p.Code == ProblemCodes.UnknownField);
        Assert.Equal((1, 2), (problem.Line, problem.Column));
        problem = DefinitionReader.Read("{\"language\":\"1.0\",\"name\":\"é😀\",\"z\":1}").Problems.Single(p => p.Code == ProblemCodes.UnknownField);
        Assert.Equal(32, problem.Column);
    }

    [Fact]
    public void Read_ManyProblems_ReportsAllInOrder()
    {
        DefinitionResult result = DefinitionReader.Read(
            """
            language: "1.0"
            name: Demo
            version: 1.0
            strat: a
            steps:
              - { id: a, type: api_call, metod: GET, next: z, expect: [600] }
              - { id: b, type: approval, approvers: {}, quorum: 0, retry: {} }
              - { id: c, type: conditional, when: "1 +", then: d }
              - { id: d, type: wait, for: 1x, until: 2x }
            """);

        Assert.Null(result.Definition);
        string[] codes = [.. result.Problems.Select(problem => problem.Code)];
        foreach (string code in new[]
        {
            ProblemCodes.BadId, ProblemCodes.WrongType, ProblemCodes.UnknownField, ProblemCodes.MissingField, ProblemCodes.UnknownTarget,
            ProblemCodes.BadValue, ProblemCodes.FieldCombination, ProblemCodes.OutOfRange, ProblemCodes.NotForKind, ProblemCodes.ExpressionSyntax,
        })
        {
            Assert.Contains(code, codes);
        }

        Assert.Equal(result.Problems.OrderBy(p => p.Line).ThenBy(p => p.Column), result.Problems);
        Assert.Contains(result.Problems, p => p.Message.Contains("Did you mean 'start'?", StringComparison.Ordinal));
        Assert.Contains(result.Problems, p => p.Message.Contains("Did you mean 'method'?", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_CoreSchemaScalars_AreThoseOfYaml12()
    {
        JsonElement read = DefinitionReader.Read(
            Head + """
            static:
              texts: [no, on, yes, 1_000, 12:30, 0b1, 1.2.0, "7", '', 2030-01-01, <<]
              numbers: [7, +7, 007, 0x1F, 0o17, 1., .5, 1e3, -0.0]
              others: [true, False, null, ~, ]
            steps:
              - { id: a, type: wait, for: 1m }
            """).Definition!.Static;

        Assert.All(read.GetProperty("texts").EnumerateArray(), item => Assert.Equal(JsonValueKind.String, item.ValueKind));
        Assert.Equal([7, 7, 7, 31, 15, 1, 0.5, 1000, 0], read.GetProperty("numbers").EnumerateArray().Select(item => item.GetDouble()));
        Assert.Equal("[true,false,null,null]", JsonSerializer.Serialize(read.GetProperty("others")));
    }

    [Fact]
    public void Read_ByteOrderMark_IsPassedOver()
        => Assert.NotNull(DefinitionReader.Read([.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Head + "steps: [ { id: a, type: wait, for: 1m } ]")]).Definition);

    [Fact]
    public void Read_InvalidUtf8_IsReported()
        => Assert.Equal(ProblemCodes.Encoding, Assert.Single(DefinitionReader.Read([(byte)'a', 0xC3]).Problems).Code);

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment")]
    [InlineData("---")]
    [InlineData("- a\n- b")]
    [InlineData("plain")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{")]
    [InlineData("\"\\uD800\"")]
    public void Read_NoObject_IsReported(string text)
    {
        DefinitionResult result = DefinitionReader.Read(text);
        Assert.Null(result.Definition);
        Assert.NotEmpty(result.Problems);
    }

    [Theory]
    [InlineData("2.0", ProblemSeverity.Error, "newer version of the product")]
    [InlineData("0.9", ProblemSeverity.Error, "countersign upgrade")]
    [InlineData("1.9", ProblemSeverity.Warning, "1.9")]
    public void Read_OtherLanguage_SaysWhatToDo(string language, ProblemSeverity severity, string words)
    {
        DefinitionResult result = DefinitionReader.Read(Head.Replace("1.0\"", language + "\"", StringComparison.Ordinal) + "steps: [ { id: a, type: wait, for: 1m } ]\n");
        Problem problem = Assert.Single(result.Problems);
        Assert.Equal((ProblemCodes.Language, severity), (problem.Code, problem.Severity));
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
        Assert.Equal(severity == ProblemSeverity.Warning, result.Definition is not null);
    }

    [Fact]
    public void Read_YamlAndJsonOfTheSame_HaveOneHash()
    {
        Definition yaml = DefinitionReader.Read(RepositoryFiles.Read("tests", "Core.Tests", "Language", "Corpus", "valid", "invoice-approval.yaml")).Definition!;
        Definition json = DefinitionReader.Read(DefinitionWriter.ToJson(yaml)).Definition!;
        Assert.Equal(yaml.Hash, json.Hash);
        Assert.True(yaml.Canonical.Span.SequenceEqual(json.Canonical.Span));
    }

    [Fact]
    public void Hash_OfWrittenDefaultsAndOtherSpellings_IsTheSame()
    {
        string Read(string approval) => DefinitionReader.Read(Head + "steps:\n  - " + approval).Definition!.Hash;
        string plain = Read("{ id: a, type: approval, approvers: { role: admin }, expires: 48h }");
        Assert.Equal(plain, Read("{ id: a, type: approval, quorum: 1, delegate: true, on_timeout: fail, approvers: { role: admin }, expires: 2d }"));
        Assert.NotEqual(plain, Read("{ id: a, type: approval, approvers: { role: admin }, expires: 48h, quorum: 2 }"));
    }

    [Fact]
    public void Read_TooManySteps_IsReported()
    {
        string steps = string.Concat(Enumerable.Range(0, 1001).Select(i => $"  - {{ id: s{i}, type: wait, for: 1m, next: s{i + 1} }}\n"));
        DefinitionResult result = DefinitionReader.Read(Head.Replace("start: a", "start: s0", StringComparison.Ordinal) + "steps:\n" + steps + "  - { id: s1001, type: wait, for: 1m }\n");
        Assert.Contains(result.Problems, problem => problem.Code == ProblemCodes.TooLarge);
    }

    [Fact]
    public void ReadValid_OfInvalid_Throws()
    {
        DefinitionException error = Assert.Throws<DefinitionException>(() => DefinitionReader.ReadValid("{}"u8));
        Assert.Contains(error.Problems, problem => problem.Code == ProblemCodes.MissingField);
    }
}
