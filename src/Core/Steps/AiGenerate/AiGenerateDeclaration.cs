using Countersign.Language;

namespace Countersign.Steps;

/// <summary>The fields of <see cref="AiGenerateStep"/>.</summary>
internal static class AiGenerateDeclaration
{
    private static readonly ObjectType<PromptTemplateReference> TemplateReference = new("prompt template", () => new Shape<PromptTemplateReference>(() => new PromptTemplateReference(""))
        .Required("id", TextType.Label, r => r.Id, (r, v) => r with { Id = v }, "Id of the stored template.")
        .OptionalValue("version", new IntegerType(1, 1_000_000), r => r.Version, (r, v) => r with { Version = v }, "Its version; left out, the promoted one."));

    private static readonly ChoiceType<BudgetExhausted> Exhausted = new(
        ("fail", BudgetExhausted.Fail), ("queue", BudgetExhausted.Queue), ("degrade", BudgetExhausted.Degrade), ("ask", BudgetExhausted.Ask));

    private static readonly ObjectType<AiBudget> Budget = new("budget", () => new Shape<AiBudget>(() => new AiBudget())
        .OptionalValue("usd", new NumberType(0, 1_000_000, aboveLeast: true), b => b.Usd, (b, v) => b with { Usd = v }, "US dollars.")
        .OptionalValue("tokens", new IntegerType(1, 1_000_000_000), b => b.Tokens, (b, v) => b with { Tokens = v }, "Tokens in and out.")
        .Default("on_exhausted", Exhausted, BudgetExhausted.Fail, b => b.OnExhausted, (b, v) => b with { OnExhausted = v }, "What to do when the next call is not covered.")
        .Optional("degrade_to", TextType.Label, b => b.DegradeTo, (b, v) => b with { DegradeTo = v }, "The cheaper model; with `degrade` only.")
        .Rule(CheckBudget));

    private static readonly ChoiceType<AiMockMode> MockMode = new(
        ("success", AiMockMode.Success), ("schema_violation", AiMockMode.SchemaViolation), ("timeout", AiMockMode.Timeout), ("transient_error", AiMockMode.TransientError));

    private static readonly ObjectType<AiMock> Mock = new("mock", () => new Shape<AiMock>(() => new AiMock())
        .Default("mode", MockMode, AiMockMode.Success, m => m.Mode, (m, v) => m with { Mode = v }, "What the mock does.")
        .Optional("output", TemplateType.Any, m => m.Output, (m, v) => m with { Output = v }, "What it answers; left out, something made from the schema."));

    public static StepKind Kind { get; } = new StepKind<AiGenerateStep>(
        "ai_generate",
        "Asks a model, and takes only an answer that satisfies the schema.",
        StepTraits.Retries | StepTraits.TimeLimit | StepTraits.Effects | StepTraits.Compensation | StepTraits.Model | StepTraits.Locks,
        () => new AiGenerateStep(),
        shape => shape
            .Optional("prompt", TemplateType.Text, s => s.Prompt, (s, v) => s with { Prompt = v }, "The prompt in place; either this or `template`.")
            .Optional("template", TemplateReference, s => s.PromptTemplate, (s, v) => s with { PromptTemplate = v }, "A stored prompt template.")
            .Optional("system", TemplateType.Text, s => s.System, (s, v) => s with { System = v }, "The system prompt.")
            .Optional("variables", TemplateType.Object, s => s.Variables, (s, v) => s with { Variables = v }, "The variables of the stored template.")
            .OptionalValue("schema", SchemaType.Instance, s => s.Schema, (s, v) => s with { Schema = v }, "JSON Schema the answer must satisfy; left out, the answer is text.")
            .Optional("provider", TextType.Label, s => s.Provider, (s, v) => s with { Provider = v }, "Name of the provider; left out, the tenant's default.")
            .Optional("model", TextType.Label, s => s.Model, (s, v) => s with { Model = v }, "Name of the model; left out, the provider's default.")
            .OptionalValue("temperature", new NumberType(0, 2), s => s.Temperature, (s, v) => s with { Temperature = v }, "How much chance there is in the answer.")
            .OptionalValue("max_tokens", new IntegerType(1, 1_000_000), s => s.MaxTokens, (s, v) => s with { MaxTokens = v }, "Most tokens of one answer.")
            .OptionalValue("seed", SeedType.Instance, s => s.Seed, (s, v) => s with { Seed = v }, "Seed, for providers that know one.")
            .Default("repair", new IntegerType(0, 5), 2, s => s.Repair, (s, v) => s with { Repair = v }, "How often an answer that breaks the schema is sent back with its errors.")
            .Optional("budget", Budget, s => s.Budget, (s, v) => s with { Budget = v }, "What the step may spend, over all its attempts. Not enforced yet.")
            .Default("stream", FlagType.Instance, false, s => s.Stream, (s, v) => s with { Stream = v }, "Whether parts of the answer are published while it is made.")
            .Optional("mock", Mock, s => s.Mock, (s, v) => s with { Mock = v }, "How the mock provider behaves; others ignore it.")
            .Rule(Check)
            .Constrain(schema => Constraints.ExactlyOne(schema, "prompt", "template")));

    private static void Check(AiGenerateStep step, Node node, ReadContext context)
    {
        Constraints.RequireExactlyOne(node, context, "prompt", "template");
        if (step.Budget is not null && node.Find("budget") is { } budget)
        {
            context.Problems.Warning(ProblemCodes.NotEnforced, budget, "'budget' is not enforced yet: the step spends what its calls cost. Limit them with 'max_tokens', 'repair' and 'retry'.");
        }

        if (step.PromptTemplate is null && step.Prompt is not null)
        {
            Constraints.RequireWith(node, context, "variables", "template");
        }
    }

    private static void CheckBudget(AiBudget budget, Node node, ReadContext context)
    {
        if (budget.Usd is null && budget.Tokens is null)
        {
            context.Problems.Error(ProblemCodes.FieldCombination, node, "A budget limits 'usd', 'tokens' or both.");
        }

        if ((budget.OnExhausted == BudgetExhausted.Degrade) != (budget.DegradeTo is not null))
        {
            context.Problems.Error(ProblemCodes.FieldCombination, node, "'degrade_to' goes with 'on_exhausted: degrade', and only with it.");
        }
    }
}
