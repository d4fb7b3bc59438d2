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
            config: { approvers: [finance, boss@example.com] }
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
        Assert.Equal(("finance", "boss@example.com"), (approve.Approvers.Role, Assert.Single(approve.Approvers.Users).Source.GetString()));
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
    [InlineData("Step 'approve': 'approvers' names the role 'finance' and 1 person.")]
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
}
