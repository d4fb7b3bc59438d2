using Countersign.Language;
using Countersign.Steps;

namespace Countersign.Core.Tests.Language;

public sealed class LanguageUpgradeTests
{
    /// <summary>A document of language 0.x with every kind it had.</summary>
    public const string Old =
        """
        language: "0.4"
        name: Expense Approval
        version: 2
        steps:
          - id: Ask
            type: form
            name: Ask for the expense
            next: classify
            config:
              fields:
                - { key: amount, type: float, required: true }
                - { key: reason, type: textarea, pattern: "[A-Za-z ]+" }
          - id: classify
            type: ai_generate
            next: check
            config:
              template_id: classify-expense
              variables: { reason: "{{ steps.Ask.output.reason }}" }
              json_schema: { type: object, properties: { ok: { type: boolean } } }
          - id: check
            type: conditional
            next: { then: approve, else: pay }
            config: { when: "steps.Ask.output.amount > 100.0" }
          - id: approve
            type: approval
            next: pay
            config: { approvers: [approver] }
          - id: pay
            type: api_call
            config:
              url: https://pay.example/expenses
              method: POST
              headers: { X-Run: "{{ run.id }}" }
              body: { amount: "{{steps.Ask.output.amount}}" }
              timeout_s: 90
        """;

    [Fact]
    public void Upgrade_OfOldDocument_GivesAValidOne()
    {
        UpgradeResult result = LanguageUpgrade.Upgrade(Old);

        Assert.Empty(result.Problems);
        Definition definition = DefinitionReader.Read(result.Yaml!).Definition!;
        Assert.Equal(("expense-approval", "2.0.0", "ask"), (definition.Name, definition.Version.ToString(), definition.Body.Start));
        FormStep ask = Assert.IsType<FormStep>(definition.FindStep("ask"));
        Assert.Equal([FormFieldType.Number, FormFieldType.Text], ask.Fields.Select(field => field.Type));
        Assert.Equal("Ask for the expense", ask.Description);
        AiGenerateStep classify = Assert.IsType<AiGenerateStep>(definition.FindStep("classify"));
        Assert.Equal(new PromptTemplateReference("classify-expense"), classify.PromptTemplate);
        Assert.Equal("""{"reason":"${ steps.ask.output.reason }"}""", classify.Variables!.Source.GetRawText());
        Assert.NotNull(classify.Schema);
        ConditionalStep check = Assert.IsType<ConditionalStep>(definition.FindStep("check"));
        Assert.Equal(("steps.ask.output.amount > 100.0", "approve", "pay"), (check.When.Expression!.Source, check.Then, check.Else));
        ApprovalStep approve = Assert.IsType<ApprovalStep>(definition.FindStep("approve"));
        Assert.Equal(("approver", 0), (approve.Approvers.Role, approve.Approvers.Users.Length));
        ApiCallStep pay = Assert.IsType<ApiCallStep>(definition.FindStep("pay"));
        Assert.Equal(TimeSpan.FromSeconds(90), pay.Timeout);
    }

    [Theory]
    [InlineData("The language is 1.0 instead of 0.4.")]
    [InlineData("The name 'Expense Approval' became 'expense-approval': names are lower-case letters, digits and hyphens.")]
    [InlineData("The version 2 became 2.0.0.")]
    [InlineData("The step 'Ask' became 'ask': ids are lower-case and begin with a letter.")]
    [InlineData("'start: ask' was added: the first step no longer begins by its place.")]
    [InlineData("Step 'classify': 'template_id' became 'template.id'.")]
    [InlineData("Step 'classify': 'json_schema' became 'schema'.")]
    [InlineData("Step 'classify': '{{ … }}' became '${ … }'.")]
    [InlineData("Step 'approve': 'approvers' names the role 'approver' and 0 people.")]
    [InlineData("Step 'pay': 'timeout_s' became 'timeout'.")]
    public void Upgrade_OfOldDocument_SaysWhatItChanged(string change) => Assert.Contains(change, LanguageUpgrade.Upgrade(Old).Changes);

    [Fact]
    public void Upgrade_OfItsOwnResult_ChangesNothing()
    {
        string yaml = LanguageUpgrade.Upgrade(Old).Yaml!;
        UpgradeResult again = LanguageUpgrade.Upgrade(yaml);
        Assert.Equal(yaml, again.Yaml);
        Assert.Empty(again.Changes);
    }

    [Theory]
    [InlineData("2.0", ProblemCodes.Language)]
    [InlineData("0.4", ProblemCodes.Language)]
    public void Upgrade_ToWhatThereIsNot_IsRefused(string to, string code)
    {
        Assert.True(SemanticVersion.TryParseLanguage(to, out SemanticVersion? target));
        UpgradeResult result = LanguageUpgrade.Upgrade(Old, target);
        Assert.Null(result.Yaml);
        Assert.Equal(code, Assert.Single(result.Problems).Code);
    }

    [Theory]
    [InlineData("name: x\nsteps: []", ProblemCodes.OutOfRange)]
    [InlineData("name: x\nsteps: [{ id: a, type: approval, config: { approvers: [one, two] } }]", ProblemCodes.FieldCombination)]
    [InlineData("name: x\nsteps: [{ id: a, type: wait, config: { fro: 1m } }]", ProblemCodes.UnknownField)]
    [InlineData("name: x\nsteps: [{ id: a, type: api_call, config: { url: 'https://e.example', timeout_s: soon } }]", ProblemCodes.BadDuration)]
    [InlineData("- a", ProblemCodes.WrongType)]
    [InlineData("", ProblemCodes.Syntax)]
    public void Upgrade_OfBrokenDocument_SaysWhatIsWrong(string text, string code)
    {
        UpgradeResult result = LanguageUpgrade.Upgrade(text);
        Assert.Null(result.Yaml);
        Assert.Contains(result.Problems, problem => problem.Code == code);
    }

    [Fact]
    public void Upgrade_OfManyBlanksAfterBraces_SaysThatTheEndIsMissing()
    {
        string text = "name: x\nsteps: [{ id: a, type: ai_generate, config: { prompt: \"" + string.Concat(Enumerable.Repeat("{{" + new string(' ', 498), 400)) + "\" } }]";
        Assert.Equal(ProblemCodes.TemplateSyntax, Assert.Single(LanguageUpgrade.Upgrade(text).Problems).Code);
        text = "name: x\nsteps: [{ id: a, type: ai_generate, config: { prompt: \"{{" + new string(' ', 200_000) + "\" } }]";
        Assert.Equal(ProblemCodes.TemplateSyntax, Assert.Single(LanguageUpgrade.Upgrade(text).Problems).Code);
    }

    [Theory]
    [InlineData("{{ steps.Get.output }}", "${ steps.get.output }")]
    [InlineData("{{ has(steps.Get) ? 1 : 2 }}", "${ has(steps.get) ? 1 : 2 }")]
    [InlineData("{{ steps['Get Data'].output }}", "${ steps['get_data'].output }")]
    [InlineData("{{ steps[ \"Get\" ].output + steps . Get.output }}", "${ steps[ 'get'].output + steps . get.output }")]
    [InlineData("{{ steps.`Get-It`.output }}", "${ steps.`get-it`.output }")]
    [InlineData("{{ 'steps.Get.output' + steps.Get.output }}", "${ 'steps.Get.output' + steps.get.output }")]
    [InlineData("see steps.Get.output in the manual", "see steps.Get.output in the manual")]
    [InlineData("see steps.Get.output: {{steps.Get.output}}!", "see steps.Get.output: ${ steps.get.output }!")]
    [InlineData("{{ {'a': 1} }}", "${ {'a': 1} }")]
    [InlineData("{{ {'a': {'b': '}}'}}}}", "${ {'a': {'b': '}}'}} }")]
    [InlineData("costs ${ 5", "costs $${ 5")]
    [InlineData("${ input.a } {{ input.a }}", "$${ input.a } ${ input.a }")]
    [InlineData("${{ input.a }}", "${ '$' }${ input.a }")]
    public void Upgrade_OfText_KeepsItsMeaning(string old, string current)
    {
        UpgradeResult result = Upgrade(old);
        Assert.DoesNotContain(result.Problems, problem => problem.Severity == ProblemSeverity.Error);
        EmitStep tell = Assert.IsType<EmitStep>(DefinitionReader.Read(result.Yaml!).Definition!.FindStep("tell"));
        Assert.Equal(current, tell.Data!.Source.GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("{{ input.a", ProblemCodes.TemplateSyntax)]
    [InlineData("{{ {'a': 1 }}", ProblemCodes.TemplateSyntax)]
    [InlineData("{{ 'open }}", ProblemCodes.ExpressionSyntax)]
    [InlineData("{{ }}", ProblemCodes.ExpressionSyntax)]
    [InlineData("{{{ input.a }}}", ProblemCodes.ExpressionSyntax)]
    [InlineData("{{ steps.Get Data.output }}", ProblemCodes.ExpressionSyntax)]
    [InlineData("{{ steps.nope.output }}", ProblemCodes.UnknownReference)]
    public void Upgrade_OfTextThatCannotBeRead_SaysSoAtItsPlace(string old, string code)
    {
        UpgradeResult result = Upgrade(old);
        Assert.Null(result.Yaml);
        Problem problem = Assert.Single(result.Problems);
        Assert.Equal(code, problem.Code);
        Assert.Contains((problem.Line, problem.Pointer), new[] { (7, "/steps/3/config/data"), (8, "/steps/3/config/data/text") });
    }

    [Fact]
    public void Upgrade_OfConditionWithOldId_RenamesItOnlyWhereItIsRead()
    {
        UpgradeResult result = LanguageUpgrade.Upgrade("name: x\nsteps:\n  - { id: Get, type: ai_generate, config: { prompt: x }, next: if }\n  - { id: if, type: conditional, config: { when: \"has(steps.Get) && 'steps.Get.' != ''\" }, next: { then: end } }\n  - { id: end, type: wait, config: { for: 1m } }");
        Assert.DoesNotContain(result.Problems, problem => problem.Severity == ProblemSeverity.Error);
        ConditionalStep step = Assert.IsType<ConditionalStep>(DefinitionReader.Read(result.Yaml!).Definition!.FindStep("if"));
        Assert.Equal("has(steps.get) && 'steps.Get.' != ''", step.When.Expression!.Source);
    }

    [Theory]
    [InlineData("id: a\n    type: api_call\n    config:\n      url: https://e.example\n      json: 1", ProblemCodes.UnknownField, 8, "/steps/0/config/json")]
    [InlineData("id: a\n    type: conditional\n    config:\n      when: 'true'\n    next:\n      then: nowhere", ProblemCodes.UnknownTarget, 9, "/steps/0/next/then")]
    [InlineData("id: a\n    type: ai_generate\n    config:\n      prompt: x\n      json_schema:\n        type: nothing", ProblemCodes.BadSchema, 9, "/steps/0/config/json_schema/type")]
    [InlineData("id: a\n    type: wait\n    next: b", ProblemCodes.FieldCombination, 4, "/steps/0")]
    [InlineData("id: a\n    type: wiat\n", ProblemCodes.UnknownKind, 5, "/steps/0/type")]
    [InlineData("id: a\n    type: wait\n    config:\n      for: 1m\n  - id: a\n    type: wait", ProblemCodes.DuplicateId, 8, "/steps/1/id")]
    public void Upgrade_ToWhatIsNotValid_TellsPlacesOfTheOldDocument(string step, string code, int line, string pointer)
    {
        UpgradeResult result = LanguageUpgrade.Upgrade("name: x\nversion: 1.0.0\nsteps:\n  - " + step);
        Assert.Contains((code, line, pointer), result.Problems.Select(problem => (problem.Code, problem.Line, problem.Pointer)));
    }

    [Fact]
    public void Upgrade_OfStepWithNameAndDescription_SaysWhichIsDropped()
    {
        UpgradeResult result = LanguageUpgrade.Upgrade("name: x\nsteps:\n  - { id: a, type: set, name: Old name, config: { description: Better, values: { a: 1 } } }");
        Problem problem = Assert.Single(result.Problems);
        Assert.Equal((ProblemCodes.FieldCombination, ProblemSeverity.Warning, "/steps/0/name"), (problem.Code, problem.Severity, problem.Pointer));
        Assert.Contains("Old name", problem.Message, StringComparison.Ordinal);
        Assert.Equal("Better", DefinitionReader.Read(result.Yaml!).Definition!.FindStep("a")!.Description);
    }

    [Fact]
    public void Upgrade_OfExpressionInAFieldsLabel_IsRefused()
    {
        UpgradeResult result = LanguageUpgrade.Upgrade("name: x\nsteps:\n  - { id: a, type: form, config: { fields: [{ key: k, type: text, label: 'For {{ input.a }}', pattern: 'a{{2}}' }] } }");
        Assert.Equal((ProblemCodes.TemplateNotAllowed, "/steps/0/config/fields/0/label"), (result.Problems[0].Code, result.Problems[0].Pointer));
    }

    [Fact]
    public void Upgrade_OfDocumentWithoutVersions_SaysWhatWasAdded()
    {
        UpgradeResult result = LanguageUpgrade.Upgrade("name: x\nsteps: [{ id: a, type: set, config: { values: { a: 1 } } }]");
        Assert.Equal(["The language is 1.0; the document named none.", "The version 1.0.0 was added: the document had none."], result.Changes.Take(2));
    }

    /// <summary>Three steps with old ids, and one in line 8 that holds a text.</summary>
    private static UpgradeResult Upgrade(string text) => LanguageUpgrade.Upgrade(
        $"""
        name: x
        version: 1.0.0
        steps:
          - {"{"} id: Get, type: ai_generate, next: Get Data, config: {"{"} prompt: x {"}"} {"}"}
          - {"{"} id: Get Data, type: ai_generate, next: Get-It, config: {"{"} prompt: x {"}"} {"}"}
          - {"{"} id: Get-It, type: ai_generate, next: tell, config: {"{"} prompt: x {"}"} {"}"}
          - {"{"} id: tell, type: emit, config: {"{"} event: custom.e, data: {"{"}
              text: {System.Text.Json.JsonSerializer.Serialize(text)} {"}"} {"}"} {"}"}
        """);
}
