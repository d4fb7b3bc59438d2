using System.Text.Json;
using Countersign.Expressions;

namespace Countersign.Language;

/// <summary>Checks expressions against what is known of the types of what they read and of what they must yield.</summary>
internal sealed class TypeCheck
{
    private readonly ReadContext context;
    private readonly Dictionary<Node, BlockSite> blocks;
    private readonly Dictionary<StepSite, TemplateSite> lists;
    private readonly Dictionary<BlockSite, TypeEnvironment> environments = [];
    private readonly TypeEnvironment outermost;

    public TypeCheck(DefinitionParts? parts, Node root, ReadContext context)
    {
        this.context = context;
        blocks = context.Blocks.ToDictionary(block => block.Node);
        lists = context.Templates.Where(site => site.Use == TemplateUse.List && site.Step is not null).DistinctBy(site => site.Step).ToDictionary(site => site.Step!);
        CelType input = Schema(parts is null ? Json(root, "input") : parts.Input);
        CelType fixedContext = Json(root, "static") is { ValueKind: JsonValueKind.Object } value ? OfValue(value, open: false) : CelType.Object([], open: false);
        CelType profile = Json(root, "profile") is { ValueKind: JsonValueKind.Object } defaults ? OfValue(ProfileKeys.ValuesOf(defaults), open: true) : CelType.Object([], open: true);
        outermost = new TypeEnvironment(
            ("input", input),
            ("errors", CelType.Dyn),
            ("context", CelType.Object([new("static", fixedContext), new("profile", profile), new("runtime", CelType.Object([], open: true))], open: false)),
            ("run", CelType.Object([new("id", CelType.String), new("started", CelType.Dyn)], open: false)),
            ("steps", StepTypes()));
    }

    public void Check()
    {
        foreach (TemplateSite site in context.Templates)
        {
            TypeEnvironment environment = EnvironmentOf(site);
            foreach (Expression expression in site.Template.Expressions)
            {
                IReadOnlyList<ExpressionError> errors = expression.Check(environment, out CelType result);
                foreach (ExpressionError error in errors)
                {
                    Report(site, expression, error);
                }

                if (errors.Count == 0 && expression == site.Template.Expression)
                {
                    CheckResult(site, result);
                }
            }
        }
    }

    private void Report(TemplateSite site, Expression expression, ExpressionError error)
    {
        bool secret = error.Code == ExpressionErrorCodes.UnknownFunction
            && expression.Source.AsSpan(Math.Clamp(error.Offset, 0, expression.Source.Length)).StartsWith(LanguageFunctions.Secret);
        if (secret)
        {
            context.Problems.Error(ProblemCodes.SecretNotAllowed, site.Node, "Secrets are resolved in 'url', 'headers', 'query' and 'body' of an api_call only.");
            return;
        }

        context.Problems.Error(ProblemCodes.ExpressionType, site.Node, $"In '{TemplateParser.Shortened(expression.Source)}' at {error.Line}:{error.Column}: {error.Message}");
    }

    private void CheckResult(TemplateSite site, CelType result)
    {
        if (site.Use == TemplateUse.Condition && result.Kind is not (CelTypeKind.Dyn or CelTypeKind.Bool))
        {
            context.Problems.Error(ProblemCodes.ExpressionType, site.Node, $"A condition must yield bool, not {result}.");
        }

        if (site.Use == TemplateUse.List && result.Kind is not (CelTypeKind.Dyn or CelTypeKind.List))
        {
            context.Problems.Error(ProblemCodes.ExpressionType, site.Node, $"A list is needed here, not {result}.");
        }
    }

    private TypeEnvironment EnvironmentOf(TemplateSite site)
    {
        BlockSite? block = site.Use == TemplateUse.BlockOutput
            ? blocks.GetValueOrDefault(site.Node.Parent!)
            : (site.Step?.Compensates ?? site.Step)?.Block;
        return block is null ? outermost : EnvironmentOf(block);
    }

    private TypeEnvironment EnvironmentOf(BlockSite block)
    {
        if (environments.TryGetValue(block, out TypeEnvironment? known))
        {
            return known;
        }

        TypeEnvironment environment = block.Owner is null ? outermost : EnvironmentOf(block.Owner.Block);
        if (block.Owner is not null && lists.TryGetValue(block.Owner, out TemplateSite? list))
        {
            CelType element = CelType.Dyn;
            if (list.Template.Expression is { } items)
            {
                items.Check(environment, out CelType type);
                element = type.Kind == CelTypeKind.List ? type.Element : CelType.Dyn;
            }

            environment = environment.With("item", element).With("index", CelType.Dyn);
        }

        environments[block] = environment;
        return environment;
    }

    /// <summary>Open, because a step that does not exist is reported by name elsewhere.</summary>
    private CelType StepTypes()
        => CelType.Object(
            context.Steps.Where(site => site.Compensates is null).DistinctBy(site => site.Id).Select(site => KeyValuePair.Create(
                site.Id,
                CelType.Object(Left(site), open: false))),
            open: true);

    private static IEnumerable<KeyValuePair<string, CelType>> Left(StepSite site) => site.Step is { HasResponse: true }
        ? [KeyValuePair.Create("output", Schema(site.Step.OutputSchema)), KeyValuePair.Create("response", Response)]
        : [KeyValuePair.Create("output", Schema(site.Step?.OutputSchema))];

    private static CelType Response { get; } = CelType.Object(
        [KeyValuePair.Create("status", CelType.Double), KeyValuePair.Create("headers", CelType.Object([], open: true))], open: false);

    private static CelType Schema(JsonElement? schema) => schema is { } value ? CelType.FromJsonSchema(value) : CelType.Dyn;

    private static JsonElement? Json(Node root, string key) => root.Find(key)?.ToJson();

    /// <summary>The type of a value that stands in the document.</summary>
    private static CelType OfValue(JsonElement value, bool open) => value.ValueKind switch
    {
        JsonValueKind.String => CelType.String,
        JsonValueKind.Number => CelType.Double,
        JsonValueKind.True or JsonValueKind.False => CelType.Bool,
        JsonValueKind.Object => CelType.Object(value.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, OfValue(member.Value, open))), open),
        JsonValueKind.Array => CelType.List(CelType.Dyn),
        _ => CelType.Dyn,
    };
}
